"""The HTTP interface: `python -m assistant serve`. The only importer of fastapi and uvicorn.

GET  /health          {"status": "ok", "model": ..., "engine": ...}
POST /answer          {"question": ..., "history": [{"role": ..., "content": ...}]} → the Answer record
POST /answer/stream   the same body → server-sent events, one JSON object each, the last one with the Answer; "kind" is
                      that of `assistant.records.Event`, or "error" for a failure in the middle
"""

import dataclasses
import json
from collections.abc import Iterator
from typing import Annotated, Any, Literal

from fastapi import Body, FastAPI, HTTPException
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, ConfigDict

from assistant.pipeline import Assistant
from assistant.records import Event, Turn
from index.errors import RunError, UsageError


class TurnBody(BaseModel):
    """One turn of the conversation so far."""

    model_config = ConfigDict(extra="forbid")
    role: Literal["user", "assistant"]
    content: str


class QuestionBody(BaseModel):
    """A question with its history, oldest turn first."""

    model_config = ConfigDict(extra="forbid")
    question: str
    history: list[TurnBody] = []

    def turns(self) -> list[Turn]:
        """The history as records."""
        return [Turn(turn.role, turn.content) for turn in self.history]


def application(assistant: Assistant) -> FastAPI:
    """The HTTP application over one assistant. A question that cannot be used is answered with status 422."""
    app = FastAPI(title="Shoko", docs_url="/docs", redoc_url=None)

    @app.get("/health")
    def health() -> dict[str, str]:
        generator = assistant.generator
        return {
            "status": "ok",
            "model": generator.model if generator else "none",
            "engine": generator.engine if generator else "none",
        }

    @app.post("/answer")
    def answer(body: Annotated[QuestionBody, Body()]) -> dict[str, Any]:
        try:
            return assistant.answer(body.question, body.turns()).to_json()
        except UsageError as error:
            raise HTTPException(422, str(error)) from error
        except RunError as error:
            raise HTTPException(503, str(error)) from error

    @app.post("/answer/stream")
    def answer_stream(body: Annotated[QuestionBody, Body()]) -> StreamingResponse:
        try:
            events = assistant.stream(body.question, body.turns())
        except UsageError as error:
            raise HTTPException(422, str(error)) from error
        return StreamingResponse(_lines(events), media_type="text/event-stream")

    return app


def serve(assistant: Assistant, host: str, port: int) -> None:
    """Serve until interrupted."""
    import uvicorn

    uvicorn.run(application(assistant), host=host, port=port, log_level="warning")


def _lines(events: Iterator[Event]) -> Iterator[str]:
    """The events as server-sent events; a failure in the middle is the last one, of kind "error"."""
    try:
        for event in events:
            record: dict[str, Any] = {"kind": event.kind, "text": event.text, "language": event.language}
            if event.claim is not None:
                record["claim"] = dataclasses.asdict(event.claim)
            if event.answer is not None:
                record["answer"] = event.answer.to_json()
            yield _data(record)
    except RunError as error:
        yield _data({"kind": "error", "text": str(error)})


def _data(record: dict[str, Any]) -> str:
    return f"data: {json.dumps(record, ensure_ascii=False)}\n\n"
