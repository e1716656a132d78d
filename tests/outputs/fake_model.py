"""A real endpoint: a server on the loopback whose answers are numbered, think, and are now and then bad."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: Any) -> None:
        pass

    def do_GET(self) -> None:
        self._send({"object": "list", "data": [{"id": "real-model"}]})

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["content-length"]))
        with self.server.lock:
            self.server.asked += 1
            number = self.server.asked
        text = f"Answer {number}, value {number % 3}." + (" BAD" if number % 5 == 0 else "")
        message = {"role": "assistant", "content": text, "reasoning_content": f"thought {number}"}
        usage = {"prompt_tokens": 10, "completion_tokens": 10, "total_tokens": 20}
        choice = {"index": 0, "message": message, "finish_reason": "stop"}
        self._send({"id": str(number), "model": "real-model-0613", "choices": [choice], "usage": usage})

    def _send(self, value: dict[str, Any]) -> None:
        raw = json.dumps(value).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)


@contextmanager
def real_model() -> Iterator[str]:
    """URL of a server that lives as long as the context."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.lock, server.asked = threading.Lock(), 0
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v1"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
