"""A library's question-answering engine in the place of our assistant, so that both are asked and graded alike.

Its text is read as generously as it can be: `[2]`, `[1, 2]`, `(Source 2)` and a heading `Source 2:` cite, also after
the full stop; a cited source counts as quoted whole; and an answer whose first sentence says, in any of the three
languages, that the sources lack the information is an abstention.
"""

import hashlib
import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from assistant.generator import Generator
from assistant.negation import is_negated
from assistant.records import Answer, Citation, Claim, Turn
from eval.case import Documents
from index.errors import RunError
from index.language import detect_language
from index.records import Passage, RetrievedPassage
from index.sentences import sentence_spans

_NUMBER = r"(?:sources?\s*)?\d{1,2}"
_NUMBERS = rf"{_NUMBER}(?:\s*(?:[,、;]|and|et|と)\s*{_NUMBER})*"
_MARK = re.compile(rf"\s*[\[【［]({_NUMBERS})[\]】］]", re.IGNORECASE)
_ROUND_MARK = re.compile(rf"[(（](?=sources?\b)({_NUMBERS})[)）]", re.IGNORECASE)
_HEADING = re.compile(r"(sources?\s*\d{1,2})\s*[:：]\s*", re.IGNORECASE)  # "Source 1:", and what it says below
_LEADING_MARKS = re.compile(rf"(?:{_MARK.pattern})+", re.IGNORECASE)
# A first sentence that denies one of these words says that the sources lack the answer ...
_TOLD = re.compile(
    r"provid|contain|mention|specif|stated?\b|includ|indicat|\bgiven?s?\b|address|disclos|answer|determin|\bfind\b|availab|"
    r"\bknown?\b|helpful|possible|information|details?|sources?|context|"
    r"précis|fourni|disponib|spécifi|\bdonn|\bconnu|contien|conten|permet|répon|\btrouv|"
    r"記載|言及|記述|説明|明記|提供|公開|開示|示さ|述べ|触れ|含ま|特定|見つか|見当た|回答|答え|判断|確認|役に立|情報|分か|わか",
    re.IGNORECASE,
)
_SAID_AT_ONCE = re.compile(r"^empty response|\bunable to\b|不明", re.IGNORECASE)  # ... and so do these


@dataclass(frozen=True, slots=True)
class StockSource:
    """A text that an engine gave to the model: from which document, and how near to the question."""

    document_id: str
    text: str
    score: float | None


@dataclass(frozen=True, slots=True)
class StockReply:
    """What an engine answers, and its sources; `[n]` in the text is `sources[n - 1]` for the citation engine."""

    text: str
    sources: tuple[StockSource, ...]


Ask = Callable[[str, Generator], StockReply]


class StockAssistant:
    """An engine that is asked like our assistant (`eval.asking.Asked`)."""

    generator: Generator | None  # a meter takes its place while questions are asked

    def __init__(self, name: str, ask: Ask, generator: Generator, documents: Documents, *, identity: str) -> None:
        """Wrap an engine.

        Args:
            name: of the engine.
            ask: the engine.
            generator: the client of the model server.
            documents: gives the documents that it cites.
            identity: what else decides its answers: embedder and index.
        """
        self.name = name
        self.generator = generator
        self._ask = ask
        self._documents = documents
        parts = (name, generator.model, generator.engine, identity)
        self._fingerprint = hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]

    def fingerprint(self, language: str) -> str:
        """What decides the answers; the same in every language."""
        return self._fingerprint

    def answer(self, question: str, history: Sequence[Turn] = ()) -> Answer:
        """Answer one question; an engine knows no history.

        Raises:
            RunError: the model server failed.
        """
        client = self.generator
        if client is None:
            raise AssertionError("an engine needs a model server")
        began = time.perf_counter()
        reply = self._ask(question, client)
        seconds = time.perf_counter() - began
        if not reply.text.strip():
            raise RunError(f"{self.name} answered nothing")
        language = detect_language(question)
        cited = [self._citation(number, source) for number, source in enumerate(reply.sources, start=1)]
        refused = refuses(reply.text)
        claims = () if refused else claims_of(reply.text, cited)
        return Answer(
            question=question,
            standalone_question=question,
            language=language,
            status="abstained" if refused else "answered",
            abstention_reason="said so" if refused else "",
            text=reply.text,
            claims=claims,
            passages=tuple(_hits(reply, cited)),
            engine=client.engine,
            model=client.model,
            extractive=False,
            timings_s={"total": seconds},
            fingerprint=self._fingerprint,
        )

    def _citation(self, number: int, source: StockSource) -> Citation:
        document = self._documents.document(source.document_id)
        start = max(document.text.find(source.text), 0)
        return Citation(
            number, f"{source.document_id}@{start}", source.document_id, document.title, document.url, document.date,
            None, source.text, start, start + len(source.text),
        )  # fmt: skip


def claims_of(text: str, sources: Sequence[Citation]) -> tuple[Claim, ...]:
    """The sentences of an answer with what they cite; a mark after the full stop belongs to the sentence before."""
    found: list[tuple[str, list[int]]] = []
    announced: list[int] = []
    text = _ROUND_MARK.sub(r"[\1]", text)
    for start, end in sentence_spans(text):
        sentence = text[start:end]
        if heading := _HEADING.match(sentence):
            announced = _digits(heading.group(1))
            sentence = sentence[heading.end() :]
        leading = _LEADING_MARKS.match(sentence)
        if leading and found and not found[-1][1]:
            found[-1][1].extend(_numbers(leading.group()))
            sentence = sentence[leading.end() :]
        plain = _MARK.sub("", sentence).strip()
        if re.search(r"\w", plain):
            found.append((plain, announced + _numbers(sentence)))
            announced = []
        elif found:
            found[-1][1].extend(_numbers(sentence))
    by_number = {source.number: source for source in sources}
    return tuple(
        Claim(plain, "unchecked", (), tuple(by_number[one] for one in dict.fromkeys(numbers) if one in by_number))
        for plain, numbers in found
    )


def refuses(text: str) -> bool:
    """Whether the first sentence says that the sources lack the answer."""
    spans = sentence_spans(text)
    first = text[spans[0][0] : spans[0][1]] if spans else text
    denied = _TOLD.search(first) and is_negated(first, detect_language(first))
    return bool(denied or _SAID_AT_ONCE.search(first))


def _numbers(text: str) -> list[int]:
    return [number for match in _MARK.finditer(text) for number in _digits(match.group(1))]


def _digits(text: str) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", text)]


def _hits(reply: StockReply, cited: Sequence[Citation]) -> list[RetrievedPassage]:
    hits = []
    for source, citation in zip(reply.sources, cited, strict=True):
        passage = Passage(
            citation.passage_id, citation.document_id, citation.title, "", source.text, citation.start, citation.end,
            detect_language(source.text),
        )  # fmt: skip
        hits.append(RetrievedPassage(passage, source.score, None, source.score or 0.0))
    return hits
