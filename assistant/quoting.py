"""Step 8, second half: a claim and a passage → the span of the document that supports the claim best.

A span is one sentence of the passage, or two neighbours when the claim's figures are split between them. Sentences are
compared with the claim by shared figures, shared words and the cosine of their embeddings, so that a claim in one
language finds its sentence in another.
"""

import math
import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from assistant.antecedent import needs_antecedent
from assistant.asked import fits, names_asked, what_is_asked
from assistant.figure_subject import of_another_kind
from assistant.figures import Figure, compare, find_figures
from assistant.instructions import instruction_spans
from assistant.lists import end_of_list
from assistant.names import groups_in
from assistant.support import WordMatcher
from assistant.words import content_words, share_of
from index.embedder import Embedder
from index.records import Passage, RetrievedPassage
from index.retriever import Retriever
from index.sentence_vectors import SentenceVectors, embed_sentences
from index.table_rows import heads_of_rows, row_readings

_FIGURE_WEIGHT = 1.0
_WORD_WEIGHT = 1.0
_COSINE_WEIGHT = 2.0
_TAKEN_OVER = 0.6  # share of a claim's words in one sentence from which on it is taken from there
_WIDEST_GAP = 5  # characters between two sentences that are quoted as one
# Of a sentence's closeness to a question, beside the cosine; fitted by the listwise likelihood of the sentences that
# answer on the dev questions and 90 questions on other documents.
_OWN_WORDS, _FOREIGN_WORDS = 0.24, 0.17  # all words of the question, in its language and in another
_RANK = 0.34  # the best passage
_KIND = 0.055  # a figure or date of the kind that is asked for
_FOREIGN = 0.094  # another language than the question's: cosines across languages are lower
_BEFORE = 0.024  # the cosine of the sentence before
_LENGTH = 0.018  # the logarithm of its characters
_NAMES = 0.23  # three or more names of the kind asked for, or one law
_MOST_ANTECEDENTS = 2
_LONGEST_TABLE = 1_200  # characters from its head to the row that is quoted
_TABLE_RULE = re.compile(r"\s*\|[\s:|-]+\|[ \t]*(?:\n|$)")  # below the first row of a Markdown table


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of a passage: `document.text[start:end]`, its figures, its words, its unit-length embedding (dim,).

    Attributes:
        text: the sentence; a row of a table as it reads alone (`index.table_rows`).
        is_heading: a heading, or the first row of a table: it names a subject, it states nothing.
        head: where its table begins, for a row that is quoted with the names of its columns.
    """

    text: str
    start: int
    end: int
    language: str
    vector: NDArray[np.float32]
    is_heading: bool = False
    head: int | None = None

    @property
    def figures(self) -> tuple[Figure, ...]:
        """The figures of the sentence."""
        return _figures_of(self.text, self.language)

    @property
    def words(self) -> frozenset[str]:
        """Its content words."""
        return _words_of(self.text, self.language)


@dataclass(frozen=True, slots=True)
class ScoredSentence:
    """A sentence of a retrieved passage and its closeness to a question (a cosine plus small bonuses)."""

    hit: RetrievedPassage
    sentence: Sentence
    score: float

    @property
    def with_heading(self) -> str:
        """The sentence after the last heading above it, which often names what it is about."""
        return f"{self.hit.passage.section.split(' › ')[-1]} {self.sentence.text}"


@dataclass(frozen=True, slots=True)
class Quote:
    """The span that supports a claim best, and how close it is in meaning (cosine, -1 to 1; 1 for the same words).

    Attributes:
        text: as it reads: rows of a table with the names of their columns.
        verbatim: `document.text[start:end]`.
    """

    text: str
    start: int
    end: int
    figures: tuple[Figure, ...]
    cosine: float
    verbatim: str


def quote_of(sentences: Sequence[Sentence], passage: Passage, cosine: float = 1.0) -> Quote:
    """Neighbouring sentences of a passage as one quote; a row of a small table from the head of the table on."""
    first, last = sentences[0], sentences[-1]
    start, end = first.start, last.end
    if first.head is not None and end - first.head <= _LONGEST_TABLE:
        start = first.head
    between = [passage.text[one.end - passage.start : two.start - passage.start] for one, two in pairwise(sentences)]
    text = "".join(f"{one.text}{gap}" for one, gap in zip(sentences, [*between, ""], strict=True))
    figures = tuple(figure for sentence in sentences for figure in sentence.figures)
    verbatim = passage.text[start - passage.start : end - passage.start]
    return Quote(text, start, end, figures, cosine, verbatim)


class SentenceIndex:
    """The sentences of the passages of one answer: read from the index where they are stored, else embedded once."""

    def __init__(self, retriever: Retriever, embedder: Embedder) -> None:
        self._retriever = retriever
        self._embedder = embedder
        self.words = WordMatcher(embedder)
        self._sentences: dict[str, list[Sentence]] = {}
        self._embedded: dict[str, NDArray[np.float32]] = {}

    def add(self, passages: Sequence[Passage]) -> Mapping[str, list[Sentence]]:
        """Take in the passages that are new. Returns passage id → sentences."""
        new = [passage for passage in passages if passage.passage_id not in self._sentences]
        stored = self._retriever.sentences([passage.passage_id for passage in new]) if new else {}
        missing = [passage for passage in new if passage.passage_id not in stored]
        embedded = embed_sentences([passage.text for passage in missing], self._embedder) if missing else []
        stored.update(zip((passage.passage_id for passage in missing), embedded, strict=True))
        for passage in new:
            self._sentences[passage.passage_id] = _sentences(passage, stored[passage.passage_id])
        return self._sentences

    def embed(self, text: str) -> NDArray[np.float32]:
        """The embedding of a claim or question, comparable with those of the sentences: shape (dim,)."""
        if text not in self._embedded:
            self._embedded[text] = self._embedder.embed_queries([text])[0]
        return self._embedded[text]

    def ranked(self, question: str, language: str, hits: Sequence[RetrievedPassage]) -> list[ScoredSentence]:
        """The sentences of retrieved passages, closest to the question first; headings are left out.

        The score is the cosine of question and sentence, plus a bonus for the question's words in the sentence, its
        headings and the sentence before it (rare ones count more: Spärck Jones 1972), for the rank of its passage, and
        for a figure, date or names of the kind that is asked for.
        """
        by_passage = self.add([hit.passage for hit in hits])
        stated = {
            hit.passage.passage_id: [one for one in by_passage[hit.passage.passage_id] if not one.is_heading]
            for hit in hits
        }
        vector = self.embed(question)
        asked, kind = what_is_asked(question, language), names_asked(question, language)
        given = {figure.key for figure in find_figures(question, language)}
        best = max((hit.retrieval_score for hit in hits), default=0.0) or 1.0
        weights = _weights_of(content_words(question, language), [one for own in stated.values() for one in own])
        scored = []
        for hit in hits:
            passage = hit.passage
            headings = content_words(f"{passage.title} {passage.section}", passage.language)
            before: Sentence | None = None
            for sentence in stated[passage.passage_id]:
                told = sentence.words | headings | (before.words if before else frozenset())
                foreign = sentence.language != language
                fitting = asked.kind and fits(asked, sentence.figures, given)
                score = (
                    float(sentence.vector @ vector)
                    + (_FOREIGN_WORDS if foreign else _OWN_WORDS) * sum(weights[word] for word in weights.keys() & told)
                    + _RANK * hit.retrieval_score / best
                    + (_KIND if fitting and not of_another_kind(question, sentence.text) else 0.0)
                    + (_FOREIGN if foreign else 0.0)
                    + (_BEFORE * float(before.vector @ vector) if before else 0.0)
                    + _LENGTH * math.log1p(len(sentence.text))
                    + _NAMES * _share_of_names(kind, sentence.text, question)
                )
                scored.append(ScoredSentence(hit, sentence, score))
                before = sentence
        return sorted(scored, key=lambda item: -item.score)

    def around(self, quote: Quote | Sentence, passage: Passage) -> tuple[str, str]:
        """The sentences that stand before and after a quote in its passage; "" where there is none."""
        sentences = self.add([passage])[passage.passage_id]
        earlier = [one.text for one in sentences if one.end <= quote.start]
        later = [one.text for one in sentences if one.start >= quote.end]
        return earlier[-1] if earlier else "", later[0] if later else ""

    def listed_after(self, sentence: Sentence, passage: Passage) -> list[Sentence]:
        """The sentences after one that only announces them ("There are three reasons."), in their order."""
        sentences = self.add([passage])[passage.passage_id]
        place = next((place for place, one in enumerate(sentences) if one.start == sentence.start), 0)
        return sentences[place + 1 : end_of_list(place, sentences, passage.text, passage.start) + 1]

    def next_in_paragraph(self, sentence: Sentence, passage: Passage) -> list[Sentence]:
        """The sentence after one, in the same paragraph; none at its end."""
        sentences = self.add([passage])[passage.passage_id]
        later = next((one for one in sentences if one.start >= sentence.end), None)
        if later is None or later.is_heading or later.head is not None:
            return []
        gap = passage.text[sentence.end - passage.start : later.start - passage.start]
        return [] if "\n\n" in gap else [later]

    def antecedents(self, sentence: Sentence, passage: Passage) -> list[Sentence]:
        """The sentences before one that refers back ("It received ..."), as far as it needs them, in their order."""
        sentences = self.add([passage])[passage.passage_id]
        place = next((place for place, one in enumerate(sentences) if one.start == sentence.start), 0)
        first, reach = place, max(0, place - _MOST_ANTECEDENTS)
        while first > reach and needs_antecedent(sentences[first].text, passage.language):
            earlier = sentences[first - 1]
            gap = passage.text[earlier.end - passage.start : sentences[first].start - passage.start]
            if earlier.is_heading or earlier.head is not None or "\n\n" in gap:
                break  # another paragraph: what it refers to is the heading
            first -= 1
        return sentences[first:place]

    def quote(self, claim: str, language: str, passage: Passage) -> Quote:
        """The span of the passage that supports the claim best; a heading only where there is nothing else."""
        all_sentences = self.add([passage])[passage.passage_id]
        sentences = [sentence for sentence in all_sentences if not sentence.is_heading] or all_sentences
        if not sentences:
            return Quote(passage.text, passage.start, passage.end, (), -1.0, passage.text)
        figures = find_figures(claim, language)
        words = frozenset(content_words(claim, language))
        shared = [share_of(words, sentence.words) for sentence in sentences]
        borne_out = [_share_of_figures(figures, sentence.figures) for sentence in sentences]
        plain = [_FIGURE_WEIGHT * figure + _WORD_WEIGHT * word for figure, word in zip(borne_out, shared, strict=True)]
        best = int(np.argmax(plain))
        taken_over = shared[best] >= _TAKEN_OVER and (not figures or borne_out[best] == 1.0)
        if taken_over and plain.count(plain[best]) == 1:
            cosines = [1.0] * len(sentences)  # nothing to compare; an embedding would cost 10 ms
        else:
            vector = self.embed(claim)
            cosines = [float(sentence.vector @ vector) for sentence in sentences]
            best = int(np.argmax(np.array(plain) + _COSINE_WEIGHT * np.array(cosines)))
        first, last = _widen(best, figures, sentences)
        last = end_of_list(last, sentences, passage.text, passage.start)
        return quote_of(sentences[first : last + 1], passage, cosines[best])


# The same sentences come up again and again; reading their figures costs more than all the rest of a ranking.
@lru_cache(maxsize=20_000)
def _figures_of(text: str, language: str) -> tuple[Figure, ...]:
    return tuple(find_figures(text, language))


@lru_cache(maxsize=20_000)
def _words_of(text: str, language: str) -> frozenset[str]:
    return frozenset(content_words(text, language))


def _weights_of(words: Collection[str], sentences: Sequence[Sentence]) -> dict[str, float]:
    """The weight of each word of a question by how rare it is among some sentences; together 1."""
    found = Counter(word for sentence in sentences for word in sentence.words)
    rarity = {word: math.log((len(sentences) + 1) / (found[word] + 0.5)) for word in words}
    return {word: value / (sum(rarity.values()) or 1.0) for word, value in rarity.items()}


def _share_of_names(kind: str, text: str, question: str) -> float:
    if not kind:
        return 0.0
    named = {group for group in groups_in(text) - groups_in(question) if group.kind == kind}
    return min(1.0, len(named) / (1 if kind == "law" else 3))


def _sentences(passage: Passage, stored: SentenceVectors) -> list[Sentence]:
    found = []
    orders = instruction_spans(passage.text)
    readings, heads = row_readings(passage.text), heads_of_rows(passage.text)
    for (start, end), vector in zip(stored.spans.tolist(), stored.vectors, strict=True):
        text = passage.text[start:end]
        ordering = any(start < last and first < end for first, last in orders)
        heading = ordering or text.lstrip().startswith("#") or _TABLE_RULE.match(passage.text, end) is not None
        at = passage.start
        found.append(
            Sentence(
                readings.get((start, end), text),
                at + start,
                at + end,
                passage.language,
                vector,
                heading,
                at + heads[start, end] if (start, end) in heads else None,
            )
        )
    return found


def _share_of_figures(claimed: Sequence[Figure], given: Sequence[Figure]) -> float:
    if not claimed:
        return 0.0
    return sum(compare(figure, given).supported for figure in claimed) / len(claimed)


def _widen(best: int, figures: Sequence[Figure], sentences: Sequence[Sentence]) -> tuple[int, int]:
    """Take in one neighbour when the claim has figures that only the two sentences together show."""
    share = _share_of_figures(figures, sentences[best].figures)
    if not figures or share == 1.0:
        return best, best
    chosen = (best, best)
    for first, last in ((best - 1, best), (best, best + 1)):
        if first < 0 or last >= len(sentences) or sentences[last].start - sentences[first].end > _WIDEST_GAP:
            continue
        wider = _share_of_figures(figures, sentences[first].figures + sentences[last].figures)
        if wider > share:
            share, chosen = wider, (first, last)
    return chosen
