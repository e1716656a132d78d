"""A server that refuses some requests for good, and answers the others as the simulated endpoint does."""

import hashlib
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import msgspec

from tapc.sim import SimConfig, SimulatedEndpoint

Refuses = Callable[[dict], str | None]


def every_seventh(body: dict) -> str | None:
    """About one prompt in seven, whoever asks and however often."""
    prompt = body["messages"][-1]["content"]
    return "this prompt is too long" if hashlib.sha256(prompt.encode()).digest()[0] % 7 == 0 else None


@contextmanager
def refusing_server(
    refuses: Refuses, config: SimConfig | None = None, alters: Callable[[dict], None] | None = None
) -> Iterator[tuple[str, list[dict]]]:
    """The URL, and the bodies it was asked; `alters` changes what is answered."""
    endpoint, lock, asked = SimulatedEndpoint(config or SimConfig()), threading.Lock(), []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _put(self, status: int, body: bytes) -> None:
            if alters is not None and status == 200:
                document = msgspec.json.decode(body)
                alters(document)
                body = msgspec.json.encode(document)
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_GET(self) -> None:
            answer = endpoint.handle("GET", self.path, {}, b"")
            self._put(answer.status, answer.body)

        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers["content-length"]))
            body = msgspec.json.decode(raw)
            with lock:
                asked.append(body)
                said = refuses(body)
                answer = None if said else endpoint.handle("POST", self.path, dict(self.headers), raw)
            if answer is None:
                self._put(400, msgspec.json.encode({"error": {"message": said, "type": "invalid_request_error"}}))
            else:
                self._put(answer.status, answer.body)

        def log_message(self, *_: object) -> None:
            """Nobody reads it."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/v1", asked
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
