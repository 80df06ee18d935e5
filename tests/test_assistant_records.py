"""The contract's JSON form of an answer: exactly its keys at every level, and nothing that JSON cannot hold."""

import dataclasses
import json

import pytest

from assistant.records import Answer, CheckedFigure, Citation, Claim, Event, Removed
from index.records import Passage, RetrievedPassage

ANSWER_KEYS = {
    "question",
    "standalone_question",
    "language",
    "status",
    "abstention_reason",
    "text",
    "claims",
    "passages",
    "engine",
    "model",
    "extractive",
    "timings_s",
    "fingerprint",
    "removed",
    "answer_margin",
}
CLAIM_KEYS = {"text", "support", "figures", "citations"}
FIGURE_KEYS = {"text", "value", "unit", "verdict"}
CITATION_KEYS = {"number", "passage_id", "document_id", "title", "url", "date", "page", "quote", "start", "end"}
PASSAGE_KEYS = {
    "passage_id",
    "document_id",
    "title",
    "text",
    "dense_score",
    "lexical_score",
    "retrieval_score",
    "rerank_score",
}


@pytest.fixture
def answer() -> Answer:
    passage = Passage("en/tram.md#1", "en/tram.md", "The tram", "Line", "It has 18 stops.", 10, 26, "en")
    citation = Citation(1, "en/tram.md#1", "en/tram.md", "The tram", "", "2023", None, "It has 18 stops.", 10, 26)
    claim = Claim(
        "The line has 18 stops.", "supported", (CheckedFigure("18 stops", "18", "stop", "exact"),), (citation,)
    )
    return Answer(
        question="How many stops?",
        standalone_question="How many stops?",
        language="en",
        status="answered",
        abstention_reason="",
        text="The line has 18 stops. [1]",
        claims=(claim,),
        passages=(RetrievedPassage(passage, 0.9, None, 0.8), RetrievedPassage(passage, None, 3.0, 0.5, 0.7)),
        engine="test",
        model="scripted",
        extractive=False,
        timings_s={"retrieve": 0.123456, "total": 1.0},
        fingerprint="0123456789abcdef",
        removed=(Removed("A lie.", "figure not in the source: 19"),),
    )


def test_the_json_has_the_keys_of_the_contract_at_every_level(answer: Answer) -> None:
    record = answer.to_json()
    assert set(record) == ANSWER_KEYS
    assert set(record["claims"][0]) == CLAIM_KEYS
    assert set(record["claims"][0]["figures"][0]) == FIGURE_KEYS
    assert set(record["claims"][0]["citations"][0]) == CITATION_KEYS
    assert [set(passage) for passage in record["passages"]] == [PASSAGE_KEYS, PASSAGE_KEYS]
    assert set(record["removed"][0]) == {"text", "reason"}


def test_the_json_survives_a_round_trip(answer: Answer) -> None:
    record = json.loads(json.dumps(answer.to_json(), ensure_ascii=False, allow_nan=False))
    assert record["passages"][0]["dense_score"] == 0.9
    assert record["passages"][0]["lexical_score"] is None
    assert record["passages"][1]["rerank_score"] == 0.7
    assert record["claims"][0]["citations"][0]["page"] is None
    assert record["extractive"] is False


def test_timings_are_rounded(answer: Answer) -> None:
    assert answer.to_json()["timings_s"] == {"retrieve": 0.1235, "total": 1.0}


def test_records_do_not_change(answer: Answer) -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        answer.text = "other"  # type: ignore[misc]
    with pytest.raises(dataclasses.FrozenInstanceError):
        Event("draft").text = "other"  # type: ignore[misc]
