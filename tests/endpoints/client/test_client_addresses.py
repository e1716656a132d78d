"""TLS, IPv6 and names, over real sockets."""

import asyncio
import contextlib
import ssl
from pathlib import Path

import pytest

from tapc.endpoints.client import TransportError
from tapc.endpoints.client.environment import Address
from tapc.endpoints.client.pool import Pool

TLS = Path(__file__).with_name("tls")
REQUEST = b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\n\r\n"


async def answer(reader, writer):
    with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
        while True:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok")
    writer.close()


def ask(bind, host, *, tls=None, client_tls=False):
    async def main():
        server = await asyncio.start_server(answer, bind, 0, ssl=tls)
        pool = Pool(Address(host, server.sockets[0].getsockname()[1], client_tls), 4)
        try:
            return [(await pool.exchange(REQUEST, 5.0))[2] for _ in range(2)]
        finally:
            await pool.aclose()
            server.close()

    return asyncio.run(main())


def server_context():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(TLS / "loopback.pem", TLS / "loopback.key")
    return context


def test_pool_speaks_tls_with_a_trusted_certificate(monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(TLS / "loopback.pem"))
    assert ask("127.0.0.1", "127.0.0.1", tls=server_context(), client_tls=True) == [b"ok", b"ok"]


def test_pool_turns_an_unknown_certificate_down():
    with pytest.raises(TransportError, match="TLS") as caught:
        ask("127.0.0.1", "127.0.0.1", tls=server_context(), client_tls=True)
    assert caught.value.kind == "connect" and not caught.value.written


def test_pool_reaches_ipv6():
    assert ask("::1", "::1") == [b"ok", b"ok"]


def test_pool_reaches_a_name():
    assert ask("127.0.0.1", "localhost") == [b"ok", b"ok"]


def test_pool_reports_tls_where_there_is_none():
    with pytest.raises(TransportError) as caught:
        ask("127.0.0.1", "127.0.0.1", client_tls=True)
    assert not caught.value.written
