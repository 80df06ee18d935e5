"""An answer without a language model: the sentences that are closest to the question, quoted and cited.

Used when no model server answers, and to mend a claim that failed verification.
"""

import re
from collections.abc import Sequence

from assistant.asked import contains, what_is_asked
from assistant.figures import Figure, find_figures
from assistant.plain_text import on_one_line
from assistant.quoting import ScoredSentence, Sentence, SentenceIndex, quote_of
from assistant.reasons import asks_why, gives_reason
from assistant.records import CheckedFigure, Claim
from assistant.subject import off_subject
from assistant.verification import cite
from index.records import RetrievedPassage

_MOST_SENTENCES = 2
_ALTERNATIVE = re.compile(
    r"\b(?:or|ou|another|others?|elsewhere|autres?|ailleurs|both|les deux|contre|versus|vs)\b|か|別|もう一|両方|どちら",
    re.IGNORECASE,
)
_CLOSEST = 8  # sentences among which one with both figures of a question is looked for
_MARGIN = 0.03  # a second sentence is shown only where it is about as close as the first


def quoted_whole(extract: ScoredSentence, number: int, sentences: SentenceIndex, question: str = "") -> Claim:
    """A quoted sentence with those around it that it cannot do without: what "it" is, what it only announces, and why.

    The next sentence belongs to it where the `question` asks why and the sentence itself gives no reason.
    """
    sentence, passage = extract.sentence, extract.hit.passage
    before, after = sentences.antecedents(sentence, passage), sentences.listed_after(sentence, passage)
    language = passage.language
    if asks_why(question, language) and not any(gives_reason(one.text, language) for one in (*before, sentence)):
        after = after or sentences.next_in_paragraph(sentence, passage)
    return quoted_claim(extract, number, [*before, sentence, *after])


def quoted_parts(extracts: Sequence[ScoredSentence], sentences: SentenceIndex, question: str) -> list[Claim]:
    """Quoted sentences of one passage, each with those around it that it needs; none that another one holds already."""
    claims: list[Claim] = []
    for extract in extracts:
        claim = quoted_whole(extract, len(claims) + 1, sentences, question)
        [cited] = claim.citations
        if not any(one.start < cited.end and cited.start < one.end for told in claims for one in told.citations):
            claims.append(claim)
    return claims


def quoted_claim(extract: ScoredSentence, number: int, whole: Sequence[Sentence] = ()) -> Claim:
    """A claim that is the quoted sentence itself, or the `whole` that it is a part of: supported by construction."""
    passage = extract.hit.passage
    quote = quote_of(whole or [extract.sentence], passage)
    text = on_one_line(quote.text)
    figures = tuple(
        CheckedFigure(figure.text, *figure.key, "exact")
        for figure in find_figures(text, passage.language)
        if figure.kind != "ordinal"
    )
    return Claim(text, "supported", figures, (cite(number, passage, quote),))


def both_figures_claims(question: str, language: str, ranked: Sequence[ScoredSentence]) -> list[Claim]:
    """The sentence that has both values between which a question asks to decide ("1996 or 1999?"), or one for each.

    A small model picks one of the two; the documents say whose each is. [] where they do not give both.
    """
    given = [figure for figure in find_figures(question, language) if figure.kind != "ordinal"]
    pairs = [
        (one, two)
        for index, one in enumerate(given)
        for two in given[index + 1 :]
        if (one.unit, one.is_date) == (two.unit, two.is_date) and one.key != two.key
    ]
    if what_is_asked(question, language).kind == "date":  # "On which day were 5 and 7 tickets sold?"
        pairs = [(one, two) for one, two in pairs if one.is_date]
    own = [extract for extract in ranked if extract.hit.passage.language == language]
    for one, two in pairs:
        for extract in own[:_CLOSEST]:
            if {one.key, two.key} <= {figure.key for figure in extract.sentence.figures}:
                return [quoted_claim(extract, 1)]
    for one, two in pairs:
        if one.is_date or not _are_alternatives(question, one, two):
            continue  # two years of a question need not be rivals
        found = [next((it for it in own if figure.key in _keys(it)), None) for figure in (one, two)]
        if None not in found:
            newest_first = sorted(filter(None, found), key=lambda extract: extract.hit.passage.date, reverse=True)
            return [quoted_claim(extract, number) for number, extract in enumerate(newest_first, start=1)]
    return []


def _keys(extract: ScoredSentence) -> set[tuple[str, str]]:
    return {figure.key for figure in extract.sentence.figures}


def _are_alternatives(question: str, one: Figure, two: Figure) -> bool:
    return _ALTERNATIVE.search(question, one.end) is not None and one.end <= two.start


def extractive_claims(
    question: str, language: str, hits: Sequence[RetrievedPassage], sentences: SentenceIndex
) -> list[Claim]:
    """The answer in quoted sentences: the closest that hold what is asked and are on its subject, one per passage."""
    asked = what_is_asked(question, language)
    claims: list[Claim] = []
    used: set[str] = set()
    best = None
    for extract in sentences.ranked(question, language, hits):
        passage = extract.hit.passage
        if passage.passage_id in used or off_subject(question, language, [passage]):
            continue
        if not contains(asked, question, extract.sentence.text, language, passage.language):
            continue
        best = extract.score if best is None else best
        if extract.score < best - _MARGIN:
            break
        used.add(extract.hit.passage.passage_id)
        claims.append(quoted_claim(extract, len(claims) + 1))
        if len(claims) == _MOST_SENTENCES:
            break
    return claims
