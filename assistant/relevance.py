"""Whether a sentence that is true answers the question: one that is about something else than was asked does not.

The checks of one sentence under its headings; `subject.off_subject` looks at whole passages before.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from assistant.asked import Asked, asks_to_compare, names_asked, new_names, operation_asked, what_is_asked
from assistant.figure_subject import of_another_kind
from assistant.figures import Figure, find_figures
from assistant.modality import asked_as_done, asks_for_the_first_plan, only_planned, since_replaced
from assistant.names import NameGroup, groups_in
from assistant.ordinals import about_another
from assistant.roles import names_office, office_asked
from assistant.subject import other_script, under_headings, unknown_names
from index.records import Passage

_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_PERIOD = re.compile(r"(?<!\d)((?:19|20)\d\d)(?:年度?)?\s?(?:[-–—〜～~]|to|à|から)\s?((?:19|20)\d\d)(?!\d)")
_ROW = re.compile(r"\s\|\s|^\s*\|", re.MULTILINE)
_ENOUGH_NAMES = 3  # of a list of more: a sentence may give the rest in another form
_SIZES = ("amount", "count", "measure", "percentage")
_LONGEST_MONTH = 31  # days
_SMALL = 12  # "the two buildings" tells nothing
_NEAR = 150  # characters before: "It grew to 120 billion. To this end ..."
_TOTAL = re.compile(
    r"\btotal|\bcombined|altogether|together|\bin all\b|en tout|ensemble|合計|総額|計|合わせ", re.IGNORECASE
)
_MONEY = ("money", "JPY", "USD")


@dataclass(frozen=True)
class Aim:
    """A question and what it asks, read once.

    Attributes:
        question: the stand-alone question.
        language: its language.
    """

    question: str
    language: str
    asked: Asked = field(init=False)
    office: str = field(init=False)
    companies: frozenset[NameGroup] = field(init=False)
    listed: int = field(init=False)

    def __post_init__(self) -> None:
        companies = frozenset(group for group in groups_in(self.question) if group.kind == "company")
        for name, value in (
            ("asked", what_is_asked(self.question, self.language)),
            ("office", office_asked(self.question, self.language)),
            ("listed", _listed(self.question, self.language)),
            ("companies", frozenset() if asks_to_compare(self.question, self.language) else companies),
        ):
            object.__setattr__(self, name, value)

    def missed_by(self, sentence: str, passage: Passage, following: str = "") -> str:
        """Why a sentence of a passage does not answer the question, whatever it says, or "".

        Args:
            sentence: what would be quoted.
            passage: where it stands.
            following: the sentence after it: "It is now expected in October".
        """
        headed = f"{passage.section}\n{sentence}"
        titled = f"{passage.title}\n{headed}"  # a title may name the one, and none of the others
        if all(about_another(self.question, self.language, text, passage.language) for text in (headed, titled)):
            return "about another one of several"
        if self._of_another_year(headed, passage):
            return "about another year"
        if self._of_another_month(headed, passage):
            return "about another date"
        if self.asked.kind == "figure" and self.asked.unit in _MONEY and of_another_kind(self.question, sentence):
            return "another kind of sum"
        if self.office and not names_office(under_headings(passage, sentence), self.office):
            return f"names no {self.office}"
        if self._of_another_company(sentence, passage):
            return "about another company"
        if self._of_another_place(sentence, passage):
            return "about another place"
        if self._one_of_a_sum(sentence, passage.language):
            return "one of the figures to add"
        if self._far_from_its_figures(sentence, passage):
            return "says nothing of the figures asked about"
        if self.listed and self._named(sentence, passage.language) < min(self.listed, _ENOUGH_NAMES):
            return "names too few"
        replaced = self.asked.kind in ("figure", "date") and since_replaced(sentence, following, passage.language)
        if replaced and not asks_for_the_first_plan(self.question, self.language):
            return "a value since replaced"
        if self.asked.kind == "date" and asked_as_done(self.question, self.language):
            return "planned, not done" if only_planned(sentence, passage.language) else ""
        return ""

    def of_another_name(self, claim: str, passages: Sequence[Passage]) -> bool:
        """Whether a claim gives a figure or date of something with a name that the question does not have.

        Only for claims whose source lacks all names of the question; another script may write them in its own way.
        """
        if self.asked.kind not in ("figure", "date") or asks_to_compare(self.question, self.language):
            return False
        names = unknown_names(self.question)
        alike = any(not other_script(self.language, passage.language) for passage in passages)
        return alike and bool(names) and bool(unknown_names(claim) - names)

    def chosen_date(self, claim: str, quoted: Sequence[Figure]) -> bool:
        """Whether a date was asked for, and a claim took one of several in its quote: which, cannot be checked."""
        if self.asked.kind != "date":
            return False
        given = {figure.key for figure in find_figures(self.question, self.language)}
        told = {figure.key for figure in quoted if figure.is_date} - given
        said = {figure.key for figure in find_figures(claim, self.language) if figure.is_date} - given
        return len(told) > 1 and len(said) < 2

    def _named(self, sentence: str, language: str) -> int:
        """How many companies a sentence may name."""
        if language == "ja":  # unknown names are not told from other words
            return len(new_names(sentence, self.question, language))
        known = {group for group in groups_in(sentence) if group.kind == "company"}
        return len(known) + len(unknown_names(sentence))

    def _of_another_year(self, headed: str, passage: Passage) -> bool:
        """Whether a sentence gives years, and none of them is one that a question for a figure names."""
        if self.asked.kind != "figure":
            return False
        asked, given = _years(self.question), _years(f"{passage.title} {headed}")
        return bool(asked and given and not asked & given)

    def _of_another_month(self, headed: str, passage: Passage) -> bool:
        """Whether a sentence gives months or days, and none of them is one that the question names."""
        if self.asked.kind == "date":
            return False
        asked = _months(find_figures(self.question, self.language))
        given = _months(find_figures(headed, passage.language)) if asked else []
        return bool(given) and not any(
            first <= other_last and other_first <= last for first, last in asked for other_first, other_last in given
        )

    def _of_another_place(self, sentence: str, passage: Passage) -> bool:
        """Whether a figure or date is said of a place, in a passage that says nothing of the place asked about."""
        asked = _places_in(self.question) if self.asked.kind in ("figure", "date") else frozenset()
        return bool(asked and _places_in(sentence) and not asked & _places_in(under_headings(passage, passage.text)))

    def _one_of_a_sum(self, sentence: str, language: str) -> bool:
        """Whether a sum was asked for, and a sentence gives but one figure of the kind and speaks of no total."""
        if operation_asked(self.question, self.language) != "sum" or _TOTAL.search(sentence):
            return False
        figures = {one.key for one in find_figures(sentence, language) if one.kind in _SIZES}
        return len(figures) == 1

    def _far_from_its_figures(self, sentence: str, passage: Passage) -> bool:
        """Whether an open question names figures ("from 70 to 120 billion") that the passage has, but not near here."""
        if self.asked.kind or asks_to_compare(self.question, self.language):
            return False
        told = [one for one in find_figures(self.question, self.language) if one.kind in _SIZES and one.unit]
        given = {(value, one.unit) for one in told for value in _ends(one) if value > _SMALL}
        at = passage.text.find(sentence)
        if not given or at < 0:
            return False
        figures = find_figures(passage.text, passage.language)
        places = [one.start for one in figures if any((value, one.unit) in given for value in _ends(one))]
        return bool(places) and all(not at - _NEAR <= place < at + len(sentence) for place in places)

    def _of_another_company(self, sentence: str, passage: Passage) -> bool:
        """Whether headings or a table row name companies but none asked for, or a sum is not said of all of those."""
        if not self.companies or self.asked.kind not in ("figure", "date"):
            return False
        said = groups_in(sentence)
        headed = {group for group in groups_in(passage.section) if group.kind == "company"}
        if headed and not self.companies & (headed | said):
            return True
        if _ROW.search(sentence) and not self.companies & said and any(one.kind == "company" for one in said):
            return True
        together = groups_in(under_headings(passage, sentence))
        return self.asked.unit in (*_MONEY, "percent") and len(self.companies) > 1 and not self.companies <= together


def _years(text: str) -> set[int]:
    """The years that a text names, and those between the two ends of a period."""
    years = {int(year) for year in _YEAR.findall(text)}
    return years.union(*(range(int(first), int(last)) for first, last in _PERIOD.findall(text)))


def _months(figures: Sequence[Figure]) -> list[tuple[date, date]]:
    """The first and last days of the dates that are given to the month or to the day."""
    spans = [(one.first_day, one.last_day) for one in figures if one.is_date]
    return [(first, last) for first, last in spans if first and last and (last - first).days < _LONGEST_MONTH]


def _places_in(text: str) -> frozenset[NameGroup]:
    """The places that a text names and the table of names has, other than Japan."""
    return frozenset(group for group in groups_in(text) if group.kind == "place" and group.en != "Japan")


def _ends(figure: Figure) -> tuple[Decimal, ...]:
    """The value of a figure, or the two ends of a range: "from 70 to 120 billion"."""
    if figure.qualifier != "range" or figure.low is None or figure.high is None:
        return (figure.value,)
    return figure.low, figure.high


def _listed(question: str, language: str) -> int:
    """How many companies a question wants named ("which six providers"); 0 where it gives no number."""
    if names_asked(question, language) != "company":
        return 0
    counts = [figure.value for figure in find_figures(question, language) if figure.unit == "company"]
    return int(max(counts, default=0))
