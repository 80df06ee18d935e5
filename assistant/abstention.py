"""Steps 5 and 10: when to say nothing. Before the model runs, from what was retrieved; after, from what was asked.

What was asked is read from the question: a figure ("how many", "combien", "いくら"), a person ("who", "qui", "誰"), a
date ("when", "quand", "いつ"), or the companies and years that it names. An answer must contain it.
"""

import re
from collections.abc import Sequence

from assistant.figures import find_figures
from assistant.names import NameGroup, groups_in
from assistant.records import Claim
from assistant.verification import heading_and_text
from assistant.words import content_words
from index.records import Passage, RetrievedPassage

_ASKS_FIGURE = {
    "fr": re.compile(
        r"\b(combien|quel(le)?s? (est |était |sera )?(le |la |l')?(montants?|sommes?|nombres?|prix|coûts?|parts?|taux|budgets?))\b",
        re.I,
    ),
    "en": re.compile(
        r"\bhow (much|many)\b|\bwhat (is |was )?(the )?(amount|sum|number|price|cost|share|rate|budget|percentage)\b",
        re.I,
    ),
    "ja": re.compile(
        r"いくら|何(社|台|基|件|人|億|円|パーセント|％|%|ドル|ユーロ|倍|か所|カ所|つ)|(金額|総額|額|割合|比率|台数|社数|予算)は"
    ),
}
_ASKS_DATE = {
    "fr": re.compile(r"\b(quand|à quelle date|en quelle année|quel jour)\b", re.I),
    "en": re.compile(r"\b(when|what (date|year|day))\b", re.I),
    "ja": re.compile(r"いつ|何年|何月|何日"),
}
_FIGURE_KINDS = ("amount", "count", "percentage", "points", "measure", "number", "duration")
_DATE_KINDS = ("date", "year", "fiscal_year")
_PRODUCT = re.compile(r"(?<![A-Za-z0-9])[A-Z]{1,3}\d{2,4}(?![A-Za-z0-9])")


def before_generation(
    question: str,
    language: str,
    passages: Sequence[RetrievedPassage],
    *,
    least_dense_score: float,
    least_lexical_share: float,
) -> str:
    """The reason to stop before a model call, or "".

    "nothing relevant": no passage is close to the question, in meaning or in words. "not in the documents": a company,
    person or product that the question names stands in none of the passages.
    """
    words = content_words(question, language)
    texts = [heading_and_text(hit.passage) for hit in passages]
    close = any((hit.dense_score or 0.0) >= least_dense_score for hit in passages)
    shared = (
        max((len(words & content_words(text, language)) / len(words) for text in texts), default=0.0) if words else 0.0
    )
    if not passages or not (close or shared >= least_lexical_share):
        return "nothing relevant"
    mentioned = {group for text in texts for group in groups_in(text)}
    named = {group for group in groups_in(question) if group.kind in ("company", "person")}
    products = {match.group() for match in _PRODUCT.finditer(question)}
    if named - mentioned or any(not any(product in text for text in texts) for product in products):
        return "not in the documents"
    return ""


def off_subject(question: str, language: str, passages: Sequence[Passage]) -> str:
    """Why the cited passages are about something else than the question, or "".

    A question that names companies is answered only from passages that mention one of them; a product or a year that
    it names must stand in the passages, too.
    """
    texts = [heading_and_text(passage) for passage in passages]
    named = _companies(question)
    if named and not any(named & _companies(text) for text in texts):
        return f"about another company than {', '.join(sorted(group.en for group in named))}"
    for match in _PRODUCT.finditer(question):
        if not any(match.group() in text for text in texts):
            return f"says nothing of {match.group()}"
    years = {figure.text for figure in find_figures(question, language) if figure.kind in _DATE_KINDS}
    for year in {match.group() for text in years for match in re.finditer(r"(?:19|20)\d\d", text)}:
        if not any(year in text or year in passage.date for text, passage in zip(texts, passages, strict=True)):
            return f"says nothing of {year}"
    return ""


def after_verification(question: str, language: str, claims: Sequence[Claim]) -> str:
    """The reason to abstain although claims are supported, or "": the answer lacks what was asked."""
    text = " ".join(claim.text for claim in claims)
    figures = find_figures(text, language)
    asked = {(figure.value, figure.unit) for figure in find_figures(question, language)}
    if _ASKS_FIGURE[language].search(question):
        if not any(f.kind in _FIGURE_KINDS and (f.value, f.unit) not in asked for f in figures):
            return "not in the documents"
    elif _ASKS_DATE[language].search(question) and not any(f.kind in _DATE_KINDS + ("duration",) for f in figures):
        return "not in the documents"
    return ""


def _companies(text: str) -> set[NameGroup]:
    return {group for group in groups_in(text) if group.kind == "company"}
