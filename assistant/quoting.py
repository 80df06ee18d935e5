"""Step 8, second half: a claim and a passage → the span of the document that supports the claim best.

A span is one sentence of the passage, or two neighbours when the claim's figures are split between them. Sentences are
compared with the claim by shared figures, shared words and the cosine of their embeddings, so that a claim in one
language finds its sentence in another.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from assistant.asked import fits, names_asked, what_is_asked
from assistant.figure_subject import of_another_kind
from assistant.figures import Figure, compare, find_figures
from assistant.instructions import instruction_spans
from assistant.names import groups_in
from assistant.support import WordMatcher
from assistant.words import content_words, share_of
from index.embedder import Embedder
from index.records import Passage, RetrievedPassage
from index.retriever import Retriever
from index.sentence_vectors import SentenceVectors, embed_sentences

_FIGURE_WEIGHT = 1.0
_WORD_WEIGHT = 1.0
_COSINE_WEIGHT = 2.0
_TAKEN_OVER = 0.6  # share of a claim's words in one sentence from which on it is taken from there
_ASKED_WORDS_BONUS = 0.20  # of a sentence that has all the question's words
_NAMES_BONUS = 0.30  # of a sentence with three or more names of the kind asked for, or one law
_KIND_BONUS = 0.10  # of a sentence with a figure or date of the kind that the question asks for
_WIDEST_GAP = 5  # characters between two sentences that are quoted as one
_RANK_BONUS = 0.30  # of a sentence in the best passage
_FOREIGN_BONUS = 0.07  # of a sentence in another language than the question: cosines across languages are lower
_LEADS_TO_LIST = re.compile(
    r"[:：]\s*$|(?:次|以下)の(?:[0-9０-９一二三四五六七八九十]+(?:つ|点|項目|社|件)|とおり|通り)[^。]{0,12}。?\s*$"
)
_ITEM = re.compile(r"\s*(?:[-*•]|\d{1,2}[.)])\s")
_LONGEST_LIST = 10  # items that are quoted with the sentence before them
_TABLE_RULE = re.compile(r"\s*\|[\s:|-]+\|[ \t]*(?:\n|$)")  # below the first row of a Markdown table


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of a passage: `document.text[start:end]`, its figures, its words, its unit-length embedding (dim,)."""

    text: str
    start: int
    end: int
    language: str
    vector: NDArray[np.float32]
    is_heading: bool = False  # a heading, or the first row of a table: it names a subject, it states nothing

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


@dataclass(frozen=True, slots=True)
class Quote:
    """The span that supports a claim best, and how close it is in meaning (cosine, -1 to 1; 1 for the same words)."""

    text: str
    start: int
    end: int
    figures: tuple[Figure, ...]
    cosine: float


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

        The score is the cosine of question and sentence, plus a bonus for the share of the question's words that the
        sentence has, for the rank of its passage, and for a figure, date or names of the kind that is asked for.
        """
        by_passage = self.add([hit.passage for hit in hits])
        vector, words = self.embed(question), content_words(question, language)
        asked, kind = what_is_asked(question, language), names_asked(question, language)
        given = {figure.key for figure in find_figures(question, language)}
        best = max((hit.retrieval_score for hit in hits), default=0.0) or 1.0
        scored = [
            ScoredSentence(
                hit,
                sentence,
                float(sentence.vector @ vector)
                + _ASKED_WORDS_BONUS * share_of(words, sentence.words)
                + _RANK_BONUS * hit.retrieval_score / best
                + (
                    _KIND_BONUS
                    if asked.kind
                    and fits(asked, sentence.figures, given)
                    and not of_another_kind(question, sentence.text)
                    else 0.0
                )
                + (_FOREIGN_BONUS if sentence.language != language else 0.0)
                + _NAMES_BONUS * _share_of_names(kind, sentence.text, question),
            )
            for hit in hits
            for sentence in by_passage[hit.passage.passage_id]
            if not sentence.is_heading
        ]
        return sorted(scored, key=lambda item: -item.score)

    def around(self, quote: Quote | Sentence, passage: Passage) -> tuple[str, str]:
        """The sentences that stand before and after a quote in its passage; "" where there is none."""
        sentences = self.add([passage])[passage.passage_id]
        earlier = [one.text for one in sentences if one.end <= quote.start]
        later = [one.text for one in sentences if one.start >= quote.end]
        return earlier[-1] if earlier else "", later[0] if later else ""

    def quote(self, claim: str, language: str, passage: Passage) -> Quote:
        """The span of the passage that supports the claim best; a heading only where there is nothing else."""
        all_sentences = self.add([passage])[passage.passage_id]
        sentences = [sentence for sentence in all_sentences if not sentence.is_heading] or all_sentences
        if not sentences:
            return Quote(passage.text, passage.start, passage.end, (), -1.0)
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
        last = _end_of_list(last, sentences)
        text = passage.text[sentences[first].start - passage.start : sentences[last].end - passage.start]
        covered = tuple(figure for sentence in sentences[first : last + 1] for figure in sentence.figures)
        return Quote(text, sentences[first].start, sentences[last].end, covered, cosines[best])


# The same sentences come up again and again; reading their figures costs more than all the rest of a ranking.
@lru_cache(maxsize=20_000)
def _figures_of(text: str, language: str) -> tuple[Figure, ...]:
    return tuple(find_figures(text, language))


@lru_cache(maxsize=20_000)
def _words_of(text: str, language: str) -> frozenset[str]:
    return frozenset(content_words(text, language))


def _share_of_names(kind: str, text: str, question: str) -> float:
    if not kind:
        return 0.0
    named = {group for group in groups_in(text) - groups_in(question) if group.kind == kind}
    return min(1.0, len(named) / (1 if kind == "law" else 3))


def _sentences(passage: Passage, stored: SentenceVectors) -> list[Sentence]:
    found = []
    orders = instruction_spans(passage.text)
    for (start, end), vector in zip(stored.spans.tolist(), stored.vectors, strict=True):
        text = passage.text[start:end]
        ordering = any(start < last and first < end for first, last in orders)
        heading = ordering or text.lstrip().startswith("#") or _TABLE_RULE.match(passage.text, end) is not None
        found.append(Sentence(text, passage.start + start, passage.start + end, passage.language, vector, heading))
    return found


def _share_of_figures(claimed: Sequence[Figure], given: Sequence[Figure]) -> float:
    if not claimed:
        return 0.0
    return sum(compare(figure, given).supported for figure in claimed) / len(claimed)


def leads_to_list(text: str) -> bool:
    """Whether a sentence only announces the list that follows it, as "The partners are:" does."""
    return _LEADS_TO_LIST.search(text) is not None


def _end_of_list(last: int, sentences: Sequence[Sentence]) -> int:
    """Take in the items of a list that a sentence announces."""
    if not leads_to_list(sentences[last].text):
        return last
    for number in range(last + 1, min(last + 1 + _LONGEST_LIST, len(sentences))):
        if not _ITEM.match(sentences[number].text):
            break
        last = number
    return last


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
