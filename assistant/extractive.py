"""An answer without a language model: the sentences that are closest to the question, quoted and cited.

Used when no model server answers, and to mend a claim that failed verification.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from assistant.figures import find_figures
from assistant.quoting import Quote, SentenceIndex
from assistant.records import CheckedFigure, Claim
from assistant.verification import cite
from assistant.words import content_words
from index.records import Passage, RetrievedPassage

_WORD_WEIGHT = 0.3
_MOST_SENTENCES = 2


@dataclass(frozen=True, slots=True)
class Extract:
    """A sentence of a passage and how well it fits the question (0 to about 1.3)."""

    passage: Passage
    quote: Quote
    score: float


def extracts(question: str, language: str, passages: Sequence[Passage], sentences: SentenceIndex) -> list[Extract]:
    """All sentences of the passages that say more than the question does, best first.

    The score is the cosine of question and sentence plus a part of the share of the question's words it contains.
    """
    vector = sentences.embed(question)
    words = content_words(question, language)
    by_passage = sentences.add(passages)
    found = []
    for passage in passages:
        for sentence in by_passage[passage.passage_id]:
            if sentence.is_heading or not sentence.words - words:
                continue
            cosine = float(sentence.vector @ vector)
            score = cosine + _WORD_WEIGHT * (len(words & sentence.words) / len(words) if words else 0.0)
            quote = Quote(sentence.text, sentence.start, sentence.end, sentence.figures, cosine)
            found.append(Extract(passage, quote, score))
    return sorted(found, key=lambda extract: -extract.score)


def quoted_claim(extract: Extract, number: int) -> Claim:
    """A claim that is the quoted sentence itself: supported by construction."""
    text = " ".join(extract.quote.text.split())
    figures = tuple(
        CheckedFigure(figure.text, figure.key[0], figure.unit, "exact")
        for figure in find_figures(text, extract.passage.language)
        if figure.kind != "ordinal"
    )
    return Claim(text, "supported", figures, (cite(number, extract.passage, extract.quote),))


def extractive_claims(
    question: str, language: str, hits: Sequence[RetrievedPassage], sentences: SentenceIndex
) -> list[Claim]:
    """The answer in quoted sentences: the best ones of the passages, at most one per passage."""
    claims: list[Claim] = []
    used: set[str] = set()
    for extract in extracts(question, language, [hit.passage for hit in hits], sentences):
        if extract.passage.passage_id in used:
            continue
        used.add(extract.passage.passage_id)
        claims.append(quoted_claim(extract, len(claims) + 1))
        if len(claims) == _MOST_SENTENCES:
            break
    return claims
