"""A server on a loopback socket that answers with the very bytes a test gives it, and counts what it was asked."""

import inspect
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


def completion(text, *, finish="stop", status=200, usage=(20, 30), **message):
    """An ordinary reply: (status, headers, body)."""
    body = {
        "id": "x",
        "object": "chat.completion",
        "model": "fake-1",
        "choices": [
            {"index": 0, "message": {"role": "assistant", "content": text, **message}, "finish_reason": finish}
        ],
        "usage": {"prompt_tokens": usage[0], "completion_tokens": usage[1], "total_tokens": sum(usage)},
    }
    return status, (("content-type", "application/json"),), json.dumps(body).encode()


class ReplyServer:
    """Use as a context manager.

    Args:
        answer: makes (status, headers, body) of the number of the request, and of its body if `bodies`.
    """

    def __init__(self, answer, *, bodies=False):
        self.asked = []
        lock = threading.Lock()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *args):
                """Nobody reads it."""

            def put(self, status, headers, body):
                self.send_response(status)
                for name, value in headers:
                    self.send_header(name, value)
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def do_GET(self):
                self.put(200, (), b'{"object": "list", "data": [{"id": "fake"}]}')

            def do_POST(self):
                body = json.loads(self.rfile.read(int(self.headers["content-length"])))
                with lock:
                    outer.asked.append(body)
                    number = len(outer.asked)
                    made = answer(number, body) if bodies else answer(number)
                self.put(*made)

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/v1"
        assert callable(answer) and len(inspect.signature(answer).parameters) == 1 + bodies

    def __enter__(self):
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *exc):
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
