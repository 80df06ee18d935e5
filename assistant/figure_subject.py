"""To whom does a figure belong? "SAKURA receives ¥42.1 billion" is wrong where the quote gives that sum to SoftBank.

The right figure beside the wrong name is the error that a check of figures and a check of names both miss. Names and
dates are given to the figures of a quote by their order: within one sentence, one row of a table or one item of a list
a figure belongs to the names since the figure before it, or to the one after it in "¥10.24 billion for KDDI";
"respectively" pairs two lists. What the words do not settle is left open: a conflict needs a figure that the quote
gives to another, never a figure that it gives to nobody.
"""

import re
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from assistant.counted_things import DEVICES
from assistant.figures import Figure, compare, find_figures
from assistant.names import NameGroup, named_spans

_SEGMENT_ENDS = re.compile(r"\n|[;；。！？!?]|\.(?=\s|$)")
_SAME_SUBJECT = re.compile(  # what stands for a name that was given before
    r"\b(?:it|its|they|their|the (?:company|firm|group|ministry|operator)|elle|il|ils|elles|son|sa|ses|leur|leurs"
    r"|l['’]entreprise|la société|le groupe)\b|同社|同省|同グループ|同氏|両社",
    re.IGNORECASE,
)
_RESPECTIVELY = re.compile(r"\brespective(?:ly|ment)\b|それぞれ", re.IGNORECASE)
_ARTICLE = r"(?:(?:the|le|la|les)\s|l['’])?"
_GIVEN_TO = re.compile(rf"\s?(?:for|to|pour|à|au|aux|chez)\s{_ARTICLE}", re.IGNORECASE)
_IN_BRACKETS = re.compile(rf"{_GIVEN_TO.pattern}|\s?[(（][^)）]{{0,12}}", re.IGNORECASE)
_GIVEN_BY = re.compile(rf"\s?(?:(?:from|by|of|in|par|de|en|dans)\s{_ARTICLE}|d['’]|(?:du|des)\s)", re.IGNORECASE)
_SOURCE_BEFORE = re.compile(
    rf"(?:\bselon|\bd['’]après|\baccording to|\breported by|\bsays|\bsaid)\s{_ARTICLE}$", re.IGNORECASE
)
_SOURCE_AFTER = re.compile(r"\s(?:reported|said|says|wrote)\b|[^、。]{0,6}(?:によると|によれば)|は[^、。]{0,8}報じ")
_COUNTED_AS_ONE = frozenset({"body", "term", "place", "law"})  # who grants, and where: not whose figure it is
_NOBODYS = frozenset({"times", "company", "item", "country"})
_KINDS_OF_SUM = {
    "aid": r"subsid|\bgrant|\baids?\b|\bsupport|subvention|\baides?\b|soutien|補助|助成|支援|\bceilings?\b"
    r"|plafond|上限",
    "investment": r"\binvest|\bspend|investi|dépens|設備投資|投資|投じ",
    "cost": r"\bcosts?\b|\bprices?\b|\bco[ûu]te?(?:nt|s|r|ra|é)?\b|\bprix\b|費用|建造費|建設費|事業費|価格",
    "revenue": r"revenue|\bsales\b|turnover|chiffre d['’]affaires|\bventes\b|\brecettes\b|売上|売り上げ|収入",
    "profit": r"\bprofit|earnings|\bincome\b|bénéfice|résultat (?:net|opérationnel)|利益",
    "loss": r"\bloss(?:es)?\b|\bpertes?\b|損失|赤字",
}
_KINDS = {name: re.compile(pattern, re.IGNORECASE) for name, pattern in _KINDS_OF_SUM.items()}
_ANY_KIND = "cost"  # a plant costs what is invested in it, a cloud what is granted for it
_TAX = {
    "before tax": re.compile(
        r"before tax|pre-?tax|excluding tax|avant impôt|hors taxes?|税引き?前|税抜", re.IGNORECASE
    ),
    "after tax": re.compile(
        r"after[ -]tax|including tax|après impôt|toutes taxes|\bTTC\b|税引き?後|税込", re.IGNORECASE
    ),
}


_Finder = Callable[[str, Sequence[Figure], int, Sequence["_Mark"], int, int], frozenset[Hashable] | None]


@dataclass(frozen=True, slots=True)
class _Mark:
    """A name or a date in a text: where it stands, and what it is the same as."""

    start: int
    end: int
    key: Hashable


@dataclass(frozen=True, slots=True)
class _Owned:
    """A figure of a quote with the keys of its owners, None where it is left open, and the words it stands among."""

    figure: Figure
    owners: frozenset[Hashable] | None
    words: str


def subject_conflict(claim: str, language: str, quote: str, quote_language: str) -> str:
    """Why a figure of a claim belongs to somebody, some time or something else in its quote, or "".

    Args:
        claim: one sentence.
        language: of the claim.
        quote: the quoted sentences, rows or list items, a row or item a line.
        quote_language: of the quote.
    """
    claimed = [figure for figure in find_figures(claim, language) if _has_owner(figure)]
    given = [figure for figure in find_figures(quote, quote_language) if _has_owner(figure)]
    if not claimed or not given:
        return ""
    names, dates = _names(claim, language), _dates(claim, language)
    by_name = list(_owned(quote, given, _names(quote, quote_language), _nearest))
    for one in _owned(claim, claimed, names, _nearest):
        own = one.owners or frozenset(mark.key for mark in names)
        if reason := _other_owner(one.figure, own, by_name) or _other_kind(claim, one.figure, by_name):
            return reason
    by_date = list(_owned(quote, given, _dates(quote, quote_language), _same_time))
    for one in _owned(claim, claimed, dates, _same_time):
        own = one.owners or frozenset(mark.key for mark in dates)
        if reason := _other_date(one.figure, [date for date in own if isinstance(date, Figure)], by_date):
            return reason
    return ""


@lru_cache(maxsize=20_000)  # the same sentences come up again and again
def kinds_of_sum(text: str) -> frozenset[str]:
    """Which kinds of sums a text speaks of: "aid", "investment" and the like."""
    return frozenset(name for name, pattern in _KINDS.items() if pattern.search(text))


def of_another_kind(question: str, sentence: str) -> bool:
    """Whether a question asks for one kind of sum and a sentence speaks of others only: an investment is no aid."""
    asked, given = kinds_of_sum(question) - {_ANY_KIND}, kinds_of_sum(sentence) - {_ANY_KIND}
    return len(asked) == 1 and bool(given) and not asked & given


def _has_owner(figure: Figure) -> bool:
    """Sums, counts and measures; a number of companies or a multiple is nobody's."""
    return figure.kind in ("amount", "count", "measure", "percentage", "points") and figure.unit not in _NOBODYS


def _names(text: str, language: str) -> list[_Mark]:
    return [
        _Mark(start, end, name)
        for start, end, name in named_spans(text, language)
        if not (isinstance(name, NameGroup) and name.kind in _COUNTED_AS_ONE)
        and not _SOURCE_BEFORE.search(text[max(0, start - 20) : start])
        and not _SOURCE_AFTER.match(text, end)
    ]


def _dates(text: str, language: str) -> list[_Mark]:
    return [_Mark(one.start, one.end, one) for one in find_figures(text, language) if one.is_date]


def _other_owner(figure: Figure, names: frozenset[Hashable], given: Sequence[_Owned]) -> str:
    same = _matching(figure, given)
    if not names or not same or any(one.owners is None or one.owners & names for one in same):
        return ""
    rivals = {name for one in _rivals(same, given) for name in one.owners or ()}
    owners = sorted({_shown(name) for one in same for name in one.owners or ()})
    if names & rivals or (
        _all_companies(names) and _all_companies(frozenset(name for one in same for name in one.owners or ()))
    ):
        return f"{figure.text} belongs to {', '.join(owners)}"
    return ""


def _other_kind(claim: str, figure: Figure, given: Sequence[_Owned]) -> str:
    """An investment taken for a subsidy, or a figure before tax for one after: only where both texts name one kind."""
    if figure.kind != "amount":
        return ""
    same = _matching(figure, given)
    for table in (_KINDS, _TAX):
        claimed = _named_in(claim, table)
        meant = [_named_in(one.words, table) for one in same]
        if len(claimed) == 1 and same and all(len(one) == 1 and one != claimed for one in meant):
            return f"{figure.text} is {', '.join(sorted(set.union(*meant)))}, not {claimed.pop()}"
    return ""


def _named_in(text: str, table: Mapping[str, re.Pattern[str]]) -> set[str]:
    return {name for name, pattern in table.items() if name != _ANY_KIND and pattern.search(text)}


def _other_date(figure: Figure, dates: Sequence[Figure], given: Sequence[_Owned]) -> str:
    same = _matching(figure, given)
    if not dates or not same:
        return ""
    if any(one.owners is None or _at(date, one) for one in same for date in dates):
        return ""
    if any(_at(date, one) for one in _rivals(same, given) for date in dates):
        when = sorted({own.text for one in same for own in one.owners or () if isinstance(own, Figure)})
        return f"{figure.text} belongs to {', '.join(when)}"
    return ""


def _at(date: Figure, one: _Owned) -> bool:
    return compare(date, [own for own in one.owners or () if isinstance(own, Figure)]).supported


def _rivals(same: Sequence[_Owned], given: Sequence[_Owned]) -> list[_Owned]:
    """The other figures in the same unit; 台 and 基 count machines of any sort."""
    units = {one.figure.unit for one in same}
    units |= DEVICES if units & DEVICES else set()
    return [one for one in given if one not in same and one.figure.unit in units]


def _matching(figure: Figure, given: Sequence[_Owned]) -> list[_Owned]:
    return [one for one in given if compare(figure, [one.figure]).supported]


def _owned(text: str, figures: Sequence[Figure], marks: Sequence[_Mark], find: _Finder) -> Iterator[_Owned]:
    """The figures of a text with their owners, segment by segment."""
    ends = [match.end() for match in _SEGMENT_ENDS.finditer(text) if not _inside(match.start(), figures)]
    for first, last in pairwise([0, *ends, len(text)]):
        inside = [figure for figure in figures if first <= figure.start < last]
        own = [mark for mark in marks if first <= mark.start < last and not _inside(mark.start, inside)]
        paired = _paired(text[first:last], inside, own, names_first=find is _same_time)
        for place, figure in enumerate(inside):
            before = inside[place - 1].end if place else first
            after = inside[place + 1].start if place + 1 < len(inside) else last
            owners = frozenset({paired[place].key}) if paired else find(text, inside, place, own, before, after)
            yield _Owned(figure, owners, text[before:after])


def _paired(segment: str, figures: Sequence[Figure], marks: Sequence[_Mark], *, names_first: bool) -> list[_Mark]:
    """The owner of each figure where they come in pairs, or [].

    "A and B receive 5 and 7 respectively", or strictly in turn: "5 for A, 7 for B", "5 in 2024 and 7 in 2025". What
    comes in turn with the name first says less ("A has 5 from B and 7 from elsewhere"), unless the names are dates.
    """
    if not figures or len(figures) < 2:
        return []
    listed = [mark for mark in marks if mark.start < figures[0].start]
    if len(listed) == len(figures) and _RESPECTIVELY.search(segment):
        return listed
    turns = [kind for _, kind in sorted([(one.start, 0) for one in figures] + [(one.start, 1) for one in marks])]
    in_turn = len(marks) == len(figures) and all(one != other for one, other in pairwise(turns))
    return list(marks) if in_turn and (names_first or turns[0] == 0) else []


def _nearest(
    text: str, figures: Sequence[Figure], place: int, marks: Sequence[_Mark], before: int, after: int
) -> frozenset[Hashable] | None:
    """The names since the figure before, those that it took excepted; or the one that the figure is given to."""
    figure = figures[place]
    left = [mark for mark in marks if before <= mark.start < figure.start]
    right = [mark for mark in marks if figure.end <= mark.start < after]
    if _SAME_SUBJECT.search(text[before : figure.start]):
        return None
    if left and place and (_given_to(text, before, left[0]) or _given_by(text, before, left[0])):
        left = left[1:]
    if right and _given_to(text, figure.end, right[0]):
        return frozenset({right[0].key})
    if right and _given_by(text, figure.end, right[0]):
        left = [*left, right[0]]
    if left:
        return frozenset(mark.key for mark in left)
    figures_first = not any(mark.start < figures[0].start for mark in marks)
    return frozenset({right[0].key}) if right and figures_first else None


def _same_time(
    text: str, figures: Sequence[Figure], place: int, marks: Sequence[_Mark], before: int, after: int
) -> frozenset[Hashable] | None:
    """The one date of a sentence or row; several dates that do not come in pairs with the figures tell nothing."""
    del text, figures, place, before, after
    return frozenset({marks[0].key}) if len(marks) == 1 else None


def _given_to(text: str, end: int, mark: _Mark) -> bool:
    """Whether a figure that ends at `end` is given to a name: "for KDDI", or "(KDDI)"; not "(KDDI 5, GMO 7)"."""
    bracketed = text[mark.end : mark.end + 1] in (")", "）")
    return (_IN_BRACKETS if bracketed else _GIVEN_TO).fullmatch(text, end, mark.start) is not None


def _given_by(text: str, end: int, mark: _Mark) -> bool:
    return _GIVEN_BY.fullmatch(text, end, mark.start) is not None


def _inside(position: int, figures: Sequence[Figure]) -> bool:
    return any(figure.start <= position < figure.end for figure in figures)


def _all_companies(names: frozenset[Hashable]) -> bool:
    return bool(names) and all(isinstance(name, NameGroup) and name.kind == "company" for name in names)


def _shown(name: Hashable) -> str:
    return name.en if isinstance(name, NameGroup) else str(name)
