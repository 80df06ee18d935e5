"""One question with its answer and the documents: what every metric looks at."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

from assistant.figures import Figure, find_figures
from assistant.records import Citation
from eval.answers import GivenAnswer
from eval.matching import Accepted
from eval.questions import EvalQuestion
from index.errors import UsageError
from index.language import UNDETERMINED, detect_language
from index.records import Document


class Documents(Protocol):
    """Gives whole documents; `index.retriever.Retriever` is one."""

    def document(self, document_id: str) -> Document:
        """Read a document.

        Raises:
            UsageError: there is none of that id.
        """


class Library:
    """Reads each document of another source once, and the figures of each text; tells which documents are missing."""

    def __init__(self, source: Documents) -> None:
        self._source = source
        self._read: dict[str, Document | None] = {}
        self._figures: dict[tuple[str, str], list[Figure]] = {}

    def figures(self, text: str, language: str) -> list[Figure]:
        """The figures of a text, read once for all questions that cite it."""
        key = (text, language)
        if key not in self._figures:
            self._figures[key] = find_figures(text, language)
        return self._figures[key]

    def get(self, document_id: str) -> Document | None:
        """The document, or None where there is none of that id."""
        if document_id not in self._read:
            try:
                self._read[document_id] = self._source.document(document_id)
            except UsageError:
                self._read[document_id] = None
        return self._read[document_id]


@dataclass(frozen=True)
class Case:
    """One graded question. `beside_reused`: other answers of the run reuse kept generations."""

    question: EvalQuestion
    answer: GivenAnswer
    library: Library
    beside_reused: bool = False

    @property
    def failed(self) -> bool:
        """Whether the assistant broke on it."""
        return bool(self.answer.failure)

    @property
    def untimed(self) -> str:
        """Why its times cannot be scored; "" where they can. Beside reused ones, only the quick refusals would be."""
        if self.answer.reused:
            return "reused generation"
        return "others reuse generations" if self.beside_reused else ""

    @cached_property
    def accepted(self) -> Accepted:
        """What counts as the right answer."""
        return Accepted(self.question)

    @cached_property
    def said_language(self) -> str:
        """The language of the answer; that of the question where it cannot be told."""
        return self.language_of(self.answer.said)

    def language_of(self, text: str) -> str:
        """The language of a text of the answer; that of the question where it cannot be told."""
        language = detect_language(text)
        return self.question.lang if language == UNDETERMINED else language

    @cached_property
    def right_wording(self) -> str:
        """The accepted wording that the answer contains, or ""."""
        if not self.answer.answered or not self.question.answerable:
            return ""
        return self.accepted.found_in(self.answer.said, self.said_language)

    @cached_property
    def citations(self) -> Sequence[Citation]:
        """The citations of all claims, each number once."""
        shown = {citation.number: citation for claim in self.answer.claims for citation in claim.citations}
        return [shown[number] for number in sorted(shown)]

    @property
    def outcome(self) -> str:
        """What became of the question.

        "correct", "wrong" or "false refusal" where the documents answer it, "right refusal" or "false answer" where
        they do not, and "failed".
        """
        if self.failed:
            return "failed"
        if not self.question.answerable:
            return "false answer" if self.answer.answered else "right refusal"
        if not self.answer.answered:
            return "false refusal"
        return "correct" if self.right_wording else "wrong"

    @cached_property
    def pairs(self) -> tuple[str, ...]:
        """Question language → document language, such as "en→ja"; empty where no document answers the question.

        A question with an answer in its own language belongs to that pair alone; else to one pair for each language
        in which documents answer it.
        """
        found = (self.library.get(document_id) for document_id in self.question.relevant_document_ids)
        languages = {document.language for document in found if document is not None}
        if self.question.lang in languages:
            languages = {self.question.lang}
        return tuple(f"{self.question.lang}→{language}" for language in sorted(languages))

    @property
    def confidence(self) -> float:
        """How sure the assistant was, from 0 to 1.

        The probability of a citation against "none" at the beginning of the model's answer, where it is told
        (`assistant.records.Answer`); else how near the best retrieved passage is to the question, cosine; -1 where
        nothing was retrieved.
        """
        if self.answer.answer_margin is not None:
            return 1 / (1 + math.exp(-self.answer.answer_margin))
        return max((hit.dense_score for hit in self.answer.passages if hit.dense_score is not None), default=-1.0)
