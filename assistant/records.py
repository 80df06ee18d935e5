"""The records of one answer. `Answer` is the one object that the page, HTTP, command line and evaluation show.

claim (one sentence of the answer) → citations (passage and quoted span) and figures (what was checked).
"""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from index.records import RetrievedPassage

Support = Literal["supported", "unsupported", "unchecked"]
Status = Literal["answered", "abstained"]


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn of the conversation so far. `role` is "user" or "assistant"."""

    role: Literal["user", "assistant"]
    content: str


@dataclass(frozen=True, slots=True)
class Question:
    """A question that passed the checks on its text. `language` is "fr", "en" or "ja"."""

    text: str
    language: str
    history: tuple[Turn, ...] = ()


@dataclass(frozen=True, slots=True)
class CheckedFigure:
    """A figure of a claim: verbatim text, canonical value and unit, and the verdict against the cited quotes."""

    text: str
    value: str
    unit: str
    verdict: str


@dataclass(frozen=True, slots=True)
class Citation:
    """What supports a claim: `quote` is `document.text[start:end]`, character for character."""

    number: int
    passage_id: str
    document_id: str
    title: str
    url: str
    date: str
    page: int | None
    quote: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Claim:
    """One sentence of the answer with its evidence."""

    text: str
    support: Support
    figures: tuple[CheckedFigure, ...] = ()
    citations: tuple[Citation, ...] = ()


@dataclass(frozen=True, slots=True)
class Removed:
    """A sentence that the model wrote and that is not shown, with the reason."""

    text: str
    reason: str


@dataclass(frozen=True, slots=True)
class Answer:
    """The verified answer to one question.

    Attributes:
        text: what a person reads, with [1] [2] after each sentence; for an abstention, the reason in words.
        abstention_reason: a short code, "" when answered: "nothing relevant", "not in the documents",
            "not supported", "wrong language".
        extractive: the text consists of quoted sentences, because no model wrote it.
        removed: sentences that failed verification, with the reason; an addition to the contract.
        answer_margin: how much likelier the model found it that the best sentence says what is asked than that it does
            not (natural logarithm of the ratio), None where it was not asked or the server does not tell; an addition
            to the contract.
        timings_s: seconds per stage, and "first_token" and "total".
        fingerprint: SHA-256 (hex, 16 characters) over model, prompts, settings and index generation.
    """

    question: str
    standalone_question: str
    language: str
    status: Status
    abstention_reason: str
    text: str
    claims: tuple[Claim, ...]
    passages: tuple[RetrievedPassage, ...]
    engine: str
    model: str
    extractive: bool
    timings_s: Mapping[str, float] = field(default_factory=dict)
    fingerprint: str = ""
    removed: tuple[Removed, ...] = ()
    answer_margin: float | None = None

    def to_json(self) -> dict[str, Any]:
        """The contract's JSON form: plain dictionaries and lists, passages flattened with their scores."""
        record = dataclasses.asdict(self)
        record["timings_s"] = {stage: round(seconds, 4) for stage, seconds in self.timings_s.items()}
        record["passages"] = [
            {
                "passage_id": hit.passage.passage_id,
                "document_id": hit.passage.document_id,
                "title": hit.passage.title,
                "text": hit.passage.text,
                "dense_score": hit.dense_score,
                "lexical_score": hit.lexical_score,
                "retrieval_score": hit.retrieval_score,
                "rerank_score": hit.rerank_score,
            }
            for hit in self.passages
        ]
        return record


@dataclass(frozen=True, slots=True)
class Event:
    """One step of a streamed answer.

    Attributes:
        kind: "stage" (text names the stage that begins), "draft" (text so far, not verified yet), "claim" (a
            verified sentence), "removed" (a drafted sentence that failed), "answer" (the end; carries the answer).
        language: that of the question.
    """

    kind: Literal["stage", "draft", "claim", "removed", "answer"]
    text: str = ""
    language: str = ""
    claim: Claim | None = None
    answer: Answer | None = None
