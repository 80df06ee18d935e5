"""What a question asks for: a figure (of which unit), a date (how precise), or anything else. Patterns, no model.

An answer that lacks what was asked is none, however well supported: "how many" needs a count, "which day" a day.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from assistant.figures import Figure, find_figures

_FIGURE = {
    "fr": r"\bcombien\b|\bquel(?:le)?s? (?:est |était |fut |sera |sont )?(?:donc )?(?:le |la |l['’])?(?:montants?|sommes?|nombres?|"
    r"prix|coûts?|cout|parts?|taux|budgets?|pourcentages?|puissance|capacité|superficie|surface|consommation)\b|^montant|montant$",
    "en": r"\bhow (?:much|many|big|large)\b|\bwhat(?:'s| is| was| were)? (?:the |its |their )?(?:\w+ )?(?:amount|sum|number|price|cost|"
    r"share|rate|budget|percentage|capacity|consumption|size)\b",
    "ja": r"いくら|何(?:社|台|基|件|人|億|円|パーセント|％|%|ドル|ユーロ|倍|か所|カ所|箇所|つ|個|種類|年間|か月)|どのくらい|どれくらい|どれだけ|"
    r"(?:金額|総額|費用|予算|割合|比率|台数|社数|人数|面積|電力|消費量|倍率)(?:は|って|を|の)",
}
_DATE = {
    "fr": r"\bquand\b|\bà quelle date\b|\ben quelle année\b|\bquel jour\b|\bquel mois\b|\bdepuis quand\b|\bdate (?:de|du|d['’])",
    "en": r"\bwhen\b|\b(?:what|which|whcih|wich) (?:date|year|day|month)\b|\bsince when\b|\b(?:date|day) of\b",
    "ja": r"いつ|何年(?!間)|何月|何日|登場日|開始日|日付",
}
_DAY = {
    "fr": r"\bquel jour\b|\bdate exacte\b|\bjour exact\b",
    "en": r"\b(?:which|what|whcih|wich|exact) (?:day|date)\b",
    "ja": r"何日|日付",
}
_UNITS = (
    ("Wh", r"\b[kMGT]Wh\b|mégawattheures?|megawatt[- ]hours?|キロワット時|メガワット時"),
    ("W", r"\b[kMG]W\b|\b(?:méga|mega|giga|kilo)watts?\b|[メギ]ガワット|キロワット"),
    ("FLOPS", r"(?i:\b(?:exa|peta|péta)flops?\b)|エクサフロップス|ペタフロップス"),
    ("percent", r"\bpour ?cents?\b|\bpourcentage|\bper ?cent|\bpercentage|何(?:パーセント|％|%)"),
    (
        "USD",
        r"\ben dollars?\b|\bin (?:US )?dollars?\b|何(?:億|万)?ドル|combien de (?:millions? |milliards? )?(?:de )?dollars",
    ),
    (
        "JPY",
        r"\ben yens?\b|\bin yen\b|何(?:億|兆|万)?円|combien de (?:millions? |milliards? )?(?:de )?yens|how (?:much|many) yen",
    ),
    (
        "person",
        r"\bsalariés\b|\bemployés\b|\beffectifs?\b|\bemployees\b|\bpeople work|\bheadcount\b|\bstaff\b|従業員|社員数|何人",
    ),
    ("times", r"\bcombien de fois\b|\bhow many times\b|何倍"),
    ("m2", r"\bm²|\bmètres carrés\b|\bsquare met|平方メートル|面積|\bsuperficie\b"),
)
_MONEY = {
    "fr": r"combien (?:\w+[ -]){0,6}?(?:coût|vers|touch|reç|investi|dépens|accord|mis)|\b(?:montants?|sommes?|prix|coûts?|budgets?|subventions?)\b",
    "en": r"how much|\b(?:amount|sum|price|cost|budget|subsidy|grant|funding)\b",
    "ja": r"いくら|金額|総額|費用|予算|助成額|補助額|投資額|何(?:億|兆|万)?円",
}
FIGURE_KINDS = ("amount", "count", "percentage", "points", "measure", "number", "duration")


@dataclass(frozen=True, slots=True)
class Asked:
    """What an answer must contain.

    Attributes:
        kind: "figure", "date" or "" (anything).
        unit: canonical unit of the figure, "money" for any currency, or "" where the question leaves it open.
        day: a date must be given to the day.
    """

    kind: Literal["figure", "date", ""]
    unit: str = ""
    day: bool = False


def what_is_asked(question: str, language: str) -> Asked:
    """Read from the question what an answer must contain."""
    if re.search(_DATE[language], question, re.IGNORECASE):
        return Asked("date", day=re.search(_DAY[language], question, re.IGNORECASE) is not None)
    unit = next((unit for unit, pattern in _UNITS if re.search(pattern, question)), "")
    if unit or re.search(_FIGURE[language], question, re.IGNORECASE):
        if not unit and re.search(_MONEY[language], question, re.IGNORECASE):
            counted = re.search(
                r"\bcombien d(?:e |['’])(?!millions|milliards|yens|dollars)|\bhow many\b", question, re.IGNORECASE
            )
            unit = "" if counted else "money"
        return Asked("figure", unit)
    return Asked("")


def contains(asked: Asked, question: str, text: str, language: str, written_in: str = "") -> bool:
    """Whether a text holds what the question asks, other than what the question says itself.

    Args:
        asked: from `what_is_asked`.
        question: the question.
        text: an answer, or a sentence of a document.
        language: of the question.
        written_in: language of the text, where it is another one.
    """
    if not asked.kind:
        return True
    given = {figure.key for figure in find_figures(question, language)}
    figures = [figure for figure in find_figures(text, written_in or language) if figure.key not in given]
    if asked.kind == "date":
        return any(_is_date(figure, to_the_day=asked.day) for figure in figures)
    return any(figure.kind in FIGURE_KINDS and _has_unit(figure, asked.unit, figures) for figure in figures)


def _is_date(figure: Figure, *, to_the_day: bool) -> bool:
    if not figure.is_date:
        return figure.kind == "duration" and not to_the_day
    return not to_the_day or (figure.first_day is not None and figure.first_day == figure.last_day)


def _has_unit(figure: Figure, unit: str, figures: Sequence[Figure]) -> bool:
    if unit == "money":
        return figure.kind == "amount"
    return not unit or figure.unit in (unit, "")
