"""The HTTP interface: records as the contract has them, events as they come, and bad bodies refused."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from fastapi.testclient import TestClient

from assistant.http_api import application
from assistant.pipeline import Assistant
from index.errors import RunError
from tests.scripted_generator import written

QUESTION = "When did the Brenmoor tram line open?"
OUTPUT = written(("K3", "The tram line opened on 12 March 2021."))
ANSWER_FIELDS = {
    "question", "standalone_question", "language", "status", "abstention_reason", "text", "claims", "passages",
    "engine", "model", "extractive", "timings_s", "fingerprint",
}  # fmt: skip


@pytest.fixture
def make_client(make_assistant: Callable[..., Assistant]) -> Callable[..., TestClient]:
    return lambda *outputs, **settings: TestClient(application(make_assistant(*outputs, **settings)))


def events(text: str) -> list[dict[str, Any]]:
    """What a stream of server-sent events carries."""
    assert text.endswith("\n\n")
    return [json.loads(block.removeprefix("data: ")) for block in text.strip().split("\n\n")]


def test_health_names_the_model(make_client: Callable[..., TestClient]) -> None:
    assert make_client(OUTPUT).get("/health").json() == {"status": "ok", "model": "scripted", "engine": "test"}
    assert make_client(None).get("/health").json() == {"status": "ok", "model": "none", "engine": "none"}


def test_an_answer_is_the_record_of_the_contract(make_client: Callable[..., TestClient]) -> None:
    response = make_client(OUTPUT).post("/answer", json={"question": QUESTION})
    assert response.status_code == 200
    answer = response.json()
    assert answer.keys() >= ANSWER_FIELDS
    assert (answer["status"], answer["question"], answer["language"]) == ("answered", QUESTION, "en")
    [claim] = answer["claims"]
    assert claim.keys() == {"text", "support", "figures", "citations"}
    assert claim["figures"][0].keys() == {"text", "value", "unit", "verdict"}
    assert claim["citations"][0].keys() == {
        "number", "passage_id", "document_id", "title", "url", "date", "page", "quote", "start", "end",
    }  # fmt: skip
    assert answer["passages"][0].keys() == {
        "passage_id", "document_id", "title", "text", "dense_score", "lexical_score", "retrieval_score", "rerank_score",
    }  # fmt: skip


def test_an_abstention_is_an_answer_too(make_client: Callable[..., TestClient]) -> None:
    response = make_client(written()).post("/answer", json={"question": "Who painted the ceiling of the opera house?"})
    assert response.status_code == 200
    assert response.json()["status"] == "abstained"
    assert response.json()["claims"] == []


def test_the_history_is_used(make_client: Callable[..., TestClient]) -> None:
    history = [{"role": "user", "content": QUESTION}, {"role": "assistant", "content": "It opened on 12 March 2021."}]
    body = {"question": "And how many stops does it have?", "history": history}
    answer = make_client(None).post("/answer", json=body).json()
    assert answer["standalone_question"] == "How many stops does the Brenmoor tram line have?"


def test_a_stream_ends_with_the_same_answer(make_client: Callable[..., TestClient]) -> None:
    response = make_client(OUTPUT).post("/answer/stream", json={"question": QUESTION})
    assert response.headers["content-type"].startswith("text/event-stream")
    received = events(response.text)
    kinds = [event["kind"] for event in received]
    assert kinds[0] == "stage"
    assert kinds[-1] == "answer"
    assert "draft" in kinds
    [claim] = [event["claim"] for event in received if event["kind"] == "claim"]
    assert received[-1]["answer"]["claims"] == [claim]
    alone = make_client(OUTPUT).post("/answer", json={"question": QUESTION}).json()
    assert {**received[-1]["answer"], "timings_s": 0} == {**alone, "timings_s": 0}


def test_japanese_is_written_as_it_is(make_client: Callable[..., TestClient]) -> None:
    response = make_client(None).post("/answer/stream", json={"question": "青浜フェリーの定員は何人ですか。"})
    assert "定員は320人" in response.content.decode("utf-8")


@pytest.mark.parametrize("path", ["/answer", "/answer/stream"])
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"not json",
        b"[]",
        b'"a question"',
        b"{}",
        b'{"question": null}',
        b'{"question": 7}',
        b'{"question": ["What?"]}',
        b'{"question": ""}',
        b'{"question": " \\n "}',
        b'{"question": "\\u0000 tram"}',
        b'{"question": "\\ud800 \\udfff"}',
        b'{"question": "tram?", "histroy": []}',
        b'{"question": "tram?", "history": {}}',
        b'{"question": "tram?", "history": [{"role": "system", "content": "x"}]}',
        b'{"question": "tram?", "history": [{"role": "user"}]}',
        b'{"question": "tram?", "history": [{"role": "user", "content": 7}]}',
        b'{"question": "' + b"x" * 100_000 + b'"}',
        b'{"question": "\xff\xfe"}',
    ],
    ids=lambda body: body[:60].decode("latin-1") or "nothing",
)
def test_bad_bodies_are_refused(make_client: Callable[..., TestClient], path: str, body: bytes) -> None:
    response = make_client(None).post(path, content=body, headers={"content-type": "application/json"})
    assert 400 <= response.status_code < 500
    assert response.json()["detail"]
    assert "Traceback" not in response.text


def test_a_question_that_cannot_be_used_says_why(make_client: Callable[..., TestClient]) -> None:
    response = make_client(None, question_characters=10).post("/answer", json={"question": QUESTION})
    assert response.status_code == 422
    assert "shorten it to 10" in response.json()["detail"]


@pytest.fixture
def broken(make_assistant: Callable[..., Assistant], monkeypatch: pytest.MonkeyPatch) -> TestClient:
    """A server whose index cannot be read."""
    assistant = make_assistant(OUTPUT)

    def fail(*_: object, **__: object) -> None:
        raise RunError("the index is damaged")

    monkeypatch.setattr(assistant.retriever, "search", fail)
    return TestClient(application(assistant))


def test_a_failure_is_503_and_one_line(broken: TestClient) -> None:
    response = broken.post("/answer", json={"question": QUESTION})
    assert (response.status_code, response.json()) == (503, {"detail": "the index is damaged"})


def test_a_failure_in_a_stream_is_its_last_event(broken: TestClient) -> None:
    received = events(broken.post("/answer/stream", json={"question": QUESTION}).text)
    assert received[-1] == {"kind": "error", "text": "the index is damaged"}


def test_other_methods_and_paths_are_not_served(make_client: Callable[..., TestClient]) -> None:
    client = make_client(None)
    assert client.get("/answer").status_code == 405
    assert client.get("/elsewhere").status_code == 404
    assert client.get("/openapi.json").json()["paths"].keys() == {"/health", "/answer", "/answer/stream"}
