"""An answer without a language model: the sentences that are closest to the question, quoted and cited.

Used when no model server answers, and to mend a claim that failed verification.
"""

from collections.abc import Sequence

from assistant.figures import find_figures
from assistant.plain_text import plain
from assistant.quoting import Quote, ScoredSentence, SentenceIndex
from assistant.records import CheckedFigure, Claim
from assistant.verification import cite
from index.records import RetrievedPassage

_MOST_SENTENCES = 2


def quoted_claim(extract: ScoredSentence, number: int) -> Claim:
    """A claim that is the quoted sentence itself: supported by construction."""
    sentence, passage = extract.sentence, extract.hit.passage
    text = " ".join(plain(sentence.text).split())
    figures = tuple(
        CheckedFigure(figure.text, *figure.key, "exact")
        for figure in find_figures(text, passage.language)
        if figure.kind != "ordinal"
    )
    quote = Quote(sentence.text, sentence.start, sentence.end, sentence.figures, 1.0)
    return Claim(text, "supported", figures, (cite(number, passage, quote),))


def extractive_claims(
    question: str, language: str, hits: Sequence[RetrievedPassage], sentences: SentenceIndex
) -> list[Claim]:
    """The answer in quoted sentences: the best ones of the passages, at most one per passage."""
    claims: list[Claim] = []
    used: set[str] = set()
    for extract in sentences.ranked(question, language, hits):
        if extract.hit.passage.passage_id in used:
            continue
        used.add(extract.hit.passage.passage_id)
        claims.append(quoted_claim(extract, len(claims) + 1))
        if len(claims) == _MOST_SENTENCES:
            break
    return claims
