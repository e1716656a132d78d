"""Peak memory of a process that reads replies that never end, or are very large; one process per row.

    python bench/memory_replies.py [--uvloop]

The servers run in a separate process. Each row is the peak resident memory of a whole client process (including Python
and the openai package), which sends the requests at once and keeps the results, as a run does.
"""

import argparse
import asyncio
import resource
import subprocess
import sys
import time

HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n"
PIECE = b"word " * 52_000


def large(megabytes):
    """Pieces of a well-formed reply of this size."""
    yield b'{"model":"bench","choices":[{"index":0,"finish_reason":"stop","message":{"role":"assistant","content":"'
    for _ in range(megabytes * 1_000_000 // len(PIECE)):
        yield PIECE
    yield b'"}}],"usage":{"prompt_tokens":60,"completion_tokens":80}}'


def endless():
    """Pieces of a reply that does not end."""
    while True:
        yield PIECE


async def serve(reader, writer):
    """Answer `/endless/…` and `/large/MB/…`."""
    try:
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            at = head.lower().index(b"content-length:")
            await reader.readexactly(int(head[at + 15 : head.index(b"\r", at)]))
            kind = head.split(b" ", 2)[1].split(b"/")
            pieces = endless() if kind[1] == b"endless" else large(int(kind[2]))
            writer.write(HEAD + b"transfer-encoding: chunked\r\n\r\n")
            for piece in pieces:
                writer.write(b"%x\r\n%b\r\n" % (len(piece), piece))
                await writer.drain()
            writer.write(b"0\r\n\r\n")
    except (asyncio.IncompleteReadError, ConnectionError):
        writer.transport.abort()


async def server():
    """Serve until killed; prints the port."""
    listening = await asyncio.start_server(serve, "127.0.0.1", 0, backlog=512)
    print(listening.sockets[0].getsockname()[1], flush=True)
    await listening.serve_forever()


async def ask(url, count, limit):
    """Send requests at once; print their results."""
    from collections import Counter  # noqa: PLC0415 - the server needs none of this

    from tapc.endpoints.client import Failure, ReplicaClient, resolve  # noqa: PLC0415
    from tapc.endpoints.protocols import Capabilities  # noqa: PLC0415
    from tapc.ir import Endpoint  # noqa: PLC0415
    from tapc.jobs import Draw, JobFactory, Message, Recipe, worst_case  # noqa: PLC0415

    resolved, _ = resolve(Endpoint(name="e", model="bench", urls=(url,)), {})
    client = ReplicaClient(resolved, resolved.targets[0], Capabilities())
    parameters = b'{"max_tokens":%d}' % limit
    factory = JobFactory(Recipe("s", "e", "bench", "bench", "real", parameters, None, 0, True, limit, 1, 64, None))
    jobs = [factory.job((Message("user", "hi"),), Draw(0, i.to_bytes(16, "big"), 0, 0, 0)) for i in range(count)]
    begin = time.perf_counter()

    async def one(job):
        return (await client.send(job, worst_case(job)))[0]

    found = await asyncio.gather(*map(one, jobs))
    ends = Counter(r.kind if isinstance(r, Failure) else r.outcome for r in found)
    await client.aclose()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{peak:.0f}|{time.perf_counter() - begin:.1f}|{dict(ends)}", flush=True)


def client_run(url, count, limit, *, uvloop):
    """The client part, on the loop that a run would use."""
    if uvloop:
        import uvloop as fast  # noqa: PLC0415 - optional

        fast.run(ask(url, count, limit))
    else:
        asyncio.run(ask(url, count, limit))


ROWS = (
    ("50 endless, 256 tokens", "endless", 50, 256),
    ("50 endless, 1,000,000 tokens", "endless", 50, 1_000_000),
    ("24 of 60 MB, 256 tokens", "large/60", 24, 256),
    ("24 of 60 MB, 1,000,000 tokens", "large/60", 24, 1_000_000),
)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--uvloop", action="store_true", help="measure with uvloop instead of asyncio's own loop")
    parser.add_argument("--part", nargs="*", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.part == ["server"]:
        asyncio.run(server())
        return
    if options.part:
        url, count, limit = options.part
        client_run(url, int(count), int(limit), uvloop=options.uvloop)
        return
    behind = subprocess.Popen([sys.executable, __file__, "--part", "server"], stdout=subprocess.PIPE, text=True)
    try:
        port = int(behind.stdout.readline())
        print("| replies | peak MB | seconds | came to |\n|---|---:|---:|---|")
        for name, path, count, limit in ROWS:
            command = [sys.executable, __file__, "--part", f"http://127.0.0.1:{port}/{path}", str(count), str(limit)]
            command += ["--uvloop"] if options.uvloop else []
            done = subprocess.run(command, capture_output=True, text=True, check=True)
            print("| {} | {} | {} | {} |".format(name, *done.stdout.strip().split("|")), flush=True)
    finally:
        behind.terminate()
        behind.wait()


if __name__ == "__main__":
    main()
