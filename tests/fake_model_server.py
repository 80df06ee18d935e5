"""A small model server for tests: speaks just enough of the OpenAI protocol, and misbehaves on request."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class FakeServer:
    """How it behaves, and what it was asked.

    `schema`: "applied" answers the probe as its schema demands, "ignored" answers freely, "refused" is an HTTP error.
    """

    pieces: tuple[str, ...] = ("A ", "plain ", "answer.")
    schema: str = "applied"
    health: int = 200
    loading_answers: int = 0  # so many times "loading" before it is healthy
    owned_by: str = "vllm"
    entry: dict[str, Any] = field(default_factory=lambda: {"max_model_len": 4096})
    die_after: int | None = None  # pieces, then the connection breaks
    delay_s: float = 0.0  # before each piece
    reasoning: tuple[str, ...] = ()
    error_event: str = ""
    key: str = ""
    tokenize: dict[str, Any] | None = field(default_factory=lambda: {"count": 3, "tokens": [1, 2, 3]})
    requests: list[dict[str, Any]] = field(default_factory=list)
    aborted: threading.Event = field(default_factory=threading.Event)
    address: str = ""


@contextmanager
def serve(fake: FakeServer) -> Iterator[FakeServer]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(fake))
    server.daemon_threads = True
    fake.address = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield fake
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _handler(fake: FakeServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is inherited
            pass

        def _reply(self, status: int, content: object) -> None:
            data = json.dumps(content).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def do_GET(self) -> None:
            if self.path == "/health":
                fake.loading_answers -= 1
                self._reply(503 if fake.loading_answers >= 0 else fake.health, {})
            elif fake.key and self.headers["Authorization"] != f"Bearer {fake.key}":
                self._reply(401, {"error": "Unauthorized"})
            elif self.path == "/v1/models":
                self._reply(200, {"data": [{"id": "toy", "owned_by": fake.owned_by, **fake.entry}]})
            elif self.path == "/version":
                self._reply(200, {"version": "9.9"})
            else:
                self._reply(404, {})

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            fake.requests.append({"path": self.path, **body})
            if self.path == "/tokenize":
                self._reply(200 if fake.tokenize else 404, fake.tokenize or {})
            elif "response_format" in body and fake.schema == "refused":
                self._reply(400, {"error": {"message": "no\nschemas here"}})
            else:
                try:
                    self._stream(body)
                except OSError:
                    fake.aborted.set()

        def _stream(self, body: dict[str, Any]) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/event-stream")
            self.end_headers()
            pieces = fake.pieces
            if "response_format" in body and fake.schema == "applied":
                words = body["response_format"]["json_schema"]["schema"]["properties"].get("word", {}).get("enum", [])
                pieces = (json.dumps({"word": words[0]}),) if words else pieces
            self._event({"choices": [{"delta": {"role": "assistant", "content": None}}]})
            for text in fake.reasoning:
                self._event({"choices": [{"delta": {"reasoning": text, "reasoning_content": text}}]})
            for index, piece in enumerate(pieces):
                if fake.die_after == index:
                    return  # the connection closes without an end of the answer
                time.sleep(fake.delay_s)
                self._event({"choices": [{"delta": {"content": piece}}]})
            if fake.error_event:
                self._event({"error": {"message": fake.error_event}})
                return
            self._event({"choices": [{"delta": {}, "finish_reason": "stop"}]})
            usage = {
                "prompt_tokens": 7,
                "completion_tokens": len(pieces),
                "prompt_tokens_details": {"cached_tokens": 5},
            }
            self._event({"choices": [], "usage": usage})
            self.wfile.write(b"data: [DONE]\n\n")

        def _event(self, content: object) -> None:
            self.wfile.write(f": a comment\ndata: {json.dumps(content)}\n\n".encode())
            self.wfile.flush()

    return Handler
