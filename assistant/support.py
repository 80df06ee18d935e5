"""How well the words of a claim are borne out by its evidence: the semantic part of the support check.

A claim says something that its source does not when one of its words has no counterpart there. A word that stands in
the source, or a known name that stands there in another script, is borne out in full. Any other word is as well
borne out as its best match among the tokens of the quoted sentences: the cosine of contextual token vectors (BERTScore:
Zhang et al. 2020, "BERTScore: Evaluating Text Generation with BERT"; the centre that all tokens share is subtracted,
as for late interaction). The score looks at the worst word first, then at the mean: an average alone hides the one
word that was invented.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol, TypeVar, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from assistant.figures import find_figures, spelled_numbers
from assistant.names import groups_in
from assistant.words import content_spans, fold
from index.late_interaction import centred, token_centre
from index.lexical import terms

Vectors = NDArray[np.float32]
Span = tuple[int, int]
Kept = TypeVar("Kept")

_WORST_WEIGHT = 0.7
LEAST_SUPPORT = {"fr": 0.73, "en": 0.62, "ja": 0.63}
"""The lowest score of a supported claim, by language of claim and source.

Fitted for balanced accuracy on 150 public items that people labelled (90 English, 30 French, 30 Japanese), with all
other checks before it; five-fold cross-validation puts them at 0.73 ± 0.04, 0.62 ± 0.02 and 0.64 ± 0.03.
"""


@runtime_checkable
class SpanEmbedder(Protocol):
    """An embedder that hands out the vectors of its tokens and where the tokens stand."""

    passage_prefix: str

    def __hash__(self) -> int: ...

    def embed_with_tokens(
        self, texts: Sequence[str], prefix: str, keep: Callable[[Vectors], Kept]
    ) -> tuple[Vectors, list[Kept]]:
        """Embed texts: unit vectors (texts, dimension), and for each text what `keep` makes of its token vectors."""
        ...

    def token_spans(self, texts: Sequence[str], prefix: str) -> list[list[Span]]:
        """For each token vector of each text its character span in the text; (0, 0) for prefix and special tokens."""
        ...


@dataclass(frozen=True, slots=True)
class WordSupport:
    """How well the content words of a claim are borne out: 1 where they stand in the source, else a cosine.

    Attributes:
        worst: of the word that is borne out least; 1.0 where there is no content word.
        mean: over the content words.
        word: the word that is borne out least, "" where all stand in the source.
    """

    worst: float
    mean: float
    word: str = ""

    @property
    def score(self) -> float:
        """The worst word and the mean in one number, at most 1; `LEAST_SUPPORT` or more is supported."""
        return _WORST_WEIGHT * self.worst + (1 - _WORST_WEIGHT) * self.mean


class WordMatcher:
    """Matches the words of claims with their evidence. An embedder without token vectors only compares words."""

    def __init__(self, embedder: object) -> None:
        self._embedder = embedder if isinstance(embedder, SpanEmbedder) else None

    @property
    def compares_meaning(self) -> bool:
        """Whether there are token vectors; without them another word of the same meaning counts as missing."""
        return self._embedder is not None

    def prepare(self) -> None:
        """Find what the first comparison in meaning would have to find: some 60 ms."""
        if self._embedder is not None:
            _centre_of(self._embedder)

    def match(self, claim: str, language: str, quotes: Sequence[str], around: Sequence[str] = ()) -> WordSupport:
        """Match the content words of a claim; what belongs to a figure is left out, figures have their own check.

        Args:
            claim: one sentence.
            language: of the claim.
            quotes: the quoted sentences, compared in meaning.
            around: more text of the source, such as the passages and their headings, compared letter by letter.
        """
        words = _words_of(claim, language)
        source = _Source([*quotes, *around])
        open_words = [span for span in words if not source.has(claim[slice(*span)])]
        found = dict.fromkeys(words, 1.0)
        if open_words and quotes and self._embedder is not None:
            found.update(zip(open_words, self._similarities(claim, open_words, quotes), strict=True))
        elif open_words:
            found.update(dict.fromkeys(open_words, 0.0))
        if not found:
            return WordSupport(1.0, 1.0)
        worst = min(found, key=lambda span: found[span])
        values = list(found.values())
        return WordSupport(found[worst], sum(values) / len(values), claim[slice(*worst)] if open_words else "")

    def _similarities(self, claim: str, words: Sequence[Span], quotes: Sequence[str]) -> list[float]:
        """For each word the mean over its tokens of the best cosine with a token of the quotes."""
        embedder = self._embedder
        if embedder is None:
            raise AssertionError("needs token vectors")
        prefix = embedder.passage_prefix
        centre = _centre_of(embedder)
        texts = [claim, *quotes]
        _, vectors = embedder.embed_with_tokens(texts, prefix, lambda tokens: tokens)
        spans = embedder.token_spans(texts, prefix)
        claimed, *given = [centred(one, centre) for one in vectors]
        evidence = np.concatenate([one[_in_text(own)] for one, own in zip(given, spans[1:], strict=True)])
        best = (claimed @ evidence.T).max(axis=1) if len(evidence) else np.zeros(len(claimed), np.float32)
        return [_mean_over(best, spans[0], word) for word in words]


class _Source:
    """The texts of a source, to look words up in."""

    def __init__(self, texts: Sequence[str]) -> None:
        names = [form for text in texts for group in groups_in(text) for form in group.forms]
        self._terms = {term for text in [*texts, *names] for term in terms(text)}
        self._text = fold("\n".join(texts))

    def has(self, word: str) -> bool:
        """Whether a word stands in the source, perhaps inflected, or as the same name in another script."""
        folded = fold(word)
        if len(folded) == 1:  # a kanji between kana
            return folded in self._text
        return all(term in self._terms for term in terms(word))


@lru_cache(maxsize=4)  # a model has one, and it takes eighteen texts to find
def _centre_of(embedder: SpanEmbedder) -> Vectors:
    return token_centre(embedder, embedder.passage_prefix)


def _words_of(claim: str, language: str) -> list[Span]:
    found = find_figures(claim, language) + spelled_numbers(claim, language)
    figures = [(figure.start, figure.end) for figure in found]
    return [
        (start, end)
        for start, end in content_spans(claim, language)
        if not any(start < last and end > first for first, last in figures)
    ]


def _in_text(spans: Sequence[Span]) -> list[int]:
    return [place for place, (start, end) in enumerate(spans) if end > start]


def _mean_over(best: Vectors, spans: Sequence[Span], word: Span) -> float:
    places = [place for place in _in_text(spans) if spans[place][0] < word[1] and spans[place][1] > word[0]]
    return float(best[places].mean()) if places else 1.0  # 1: cut off by the longest text the model reads
