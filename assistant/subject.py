"""What a question is about: the companies, products and years that it names. Evidence must be about the same."""

import re
from collections.abc import Collection, Iterable, Sequence
from functools import lru_cache

from assistant.asked import asks_to_compare
from assistant.figures import find_figures
from assistant.names import COMMON, NameGroup, groups_in, missing_names
from assistant.words import fold
from index.records import Passage

_LETTER = "A-Za-zÀ-ÖØ-öø-ɏ0-9"  # also beside kana: AITRASは
_LATIN = re.compile(rf"(?<![{_LETTER}-])[A-ZÀ-ÖØ-Þ][{_LETTER}&.'’-]*[{_LETTER}]")
_KANA = re.compile(r"[ぁ-んァ-ヶ]")
_PLURAL = re.compile(r"['’]s$|(?<=[A-Z0-9])s$")  # "Telekom's", "H100s"
_JAPANESE_TOPIC = re.compile(r"[\u30a1-\u30fa\u30fc]{2,}|[\u4e00-\u9fff々]{3,}")  # a name may be among them
_QUOTED = re.compile(r"『([^』]{2,40})』")  # the title of a work; other quotation marks may hold any words
_COMPOUND = re.compile(r"-[a-zà-ÿ]+$")  # "Strasbourg-based"
_FISCAL = re.compile(r"FY\d*")
PRODUCT = re.compile(r"(?<![A-Za-z0-9])(?!FY)[A-Z]{1,3}\d{2,4}(?![A-Za-z0-9])")


def heading_and_text(passage: Passage) -> str:
    """A passage with the title and the headings above it: what the passage is about, and what it says."""
    return under_headings(passage, passage.text)


def under_headings(passage: Passage, text: str) -> str:
    """A part of a passage with the title and the headings above it."""
    return f"{passage.title}\n{passage.section}\n{text}"


def off_subject(
    question: str,
    language: str,
    passages: Sequence[Passage],
    around: Sequence[Passage] = (),
    *,
    known_only: bool = False,
) -> str:
    """Why the cited passages are about something else than the question, or "".

    A question that names companies is answered only from passages that mention one of them; the people, products and
    years that it names must all stand in the passages. Of other names in Latin script one must stand in the passages
    or elsewhere in their documents, as far as that is at hand in `around`. A passage in another script may write them
    in its own way: it is judged by them only where something around has them as they are. A question that names but
    places, or a machine that the table of names has, is answered from documents that mention one of them; a Japanese
    one without known names, from documents that have one of its longer words.

    With `known_only`, a name that the table of names lacks decides only where something around has it as it is:
    "Irlande" is "Ireland" in another language, and not every capitalised or katakana word is a name. Nor does a place
    that nothing around mentions: a report on Saguenay need not say that it is in Canada.
    """
    texts = [heading_and_text(passage) for passage in passages]
    mentioned = {group for text in texts for group in groups_in(text)}
    asked = groups_in(question)
    companies = {group for group in asked if group.kind == "company"}
    names = unknown_names(question)
    documents = {passage.document_id for passage in passages}
    everything = {one.passage_id: (one.document_id, _folded(heading_and_text(one))) for one in (*around, *passages)}
    spoken = [text for document, text in everything.values() if document in documents]
    if known_only:
        names = {name for name in _whole_names(question) if any(name in text for _, text in everything.values())}
    named = any(name in text for name in names for text in spoken)
    if not any(name in text for name in names for _, text in everything.values()):
        named = named or any(other_script(language, passage.language) for passage in passages)
    if asks_to_compare(question, language):  # each side may have its own passage
        return "" if not (companies or names) or companies & mentioned or named else _nothing_of(companies, names)
    if companies and not companies & mentioned:
        return f"about another company than {_listed(companies)}"
    if people := {group for group in asked if group.kind == "person"} - mentioned:
        return f"says nothing of {_listed(people)}"
    if names and not named:
        return f"says nothing of {', '.join(sorted(names))}"
    if not companies and not names and (things := things_named(question)):
        at_hand = [heading_and_text(one) for one in (*around, *passages) if one.document_id in documents]
        if all(missing_names(thing.en, at_hand) for thing in things):
            near = [heading_and_text(one) for one in around] if known_only else []
            if not known_only or not all(one.kind == "place" and missing_names(one.en, near) for one in things):
                return f"says nothing of {_listed(things)}"
    if (
        language == "ja"
        and not asked
        and not names
        and not known_only
        and all(passage.language == "ja" for passage in passages)
    ):
        topics = {fold(topic) for topic in _JAPANESE_TOPIC.findall(question)}
        if topics and not any(topic in text for topic in topics for text in spoken):
            return f"says nothing of {', '.join(sorted(topics))}"
    if any(passage.language == language for passage in passages):
        for title in _QUOTED.findall(question):
            if not any(fold(title) in text for text in spoken):
                return f"says nothing of {title}"
    for match in PRODUCT.finditer(question):
        if not any(match.group() in text for text in texts):
            return f"says nothing of {match.group()}"
    years = {figure.text for figure in find_figures(question, language) if figure.is_date}
    for year in {match.group() for text in years for match in re.finditer(r"(?:1\d|20)\d\d", text)}:
        if not any(year in text or year in passage.date for text, passage in zip(texts, passages, strict=True)):
            return f"says nothing of {year}"
    return ""


def other_script(language: str, other: str) -> bool:
    """Whether one of two languages is Japanese and the other is not: names are then written in two ways."""
    return (language == "ja") != (other == "ja")


def unknown_names(question: str) -> set[str]:
    """Names in Latin script that the table of names lacks, folded: "Gefion", "AITRAS". Japanese keeps their form."""
    return {name for _, _, name in _unknown(question)}


def _whole_names(question: str) -> set[str]:
    """The same, with neighbours as one name: "Novo Nordisk"."""
    spans: list[tuple[int, int]] = []
    for start, end, _ in _unknown(question):
        if spans and question[spans[-1][1] : start] == " ":
            spans[-1] = (spans[-1][0], end)
        else:
            spans.append((start, end))
    return {fold(question[start:end]) for start, end in spans}


def _unknown(question: str) -> list[tuple[int, int, str]]:
    """Where names in Latin script stand in a question that the table of names lacks, and each folded, in order."""
    known = " ".join(fold(form) for group in groups_in(question) for form in group.forms)
    found = []
    for match in _LATIN.finditer(question):
        before = question[: match.start()].rstrip()
        name = _PLURAL.sub("", match.group())
        if name[1:].islower() and (not before or before[-1] in ".!?:–—-«") and not _KANA.search(question):
            continue  # the first word of a sentence
        if PRODUCT.fullmatch(name) or _FISCAL.fullmatch(name):
            continue
        name = _COMPOUND.sub("", name)
        folded = fold(name).strip()
        if folded.rpartition("-")[2] not in COMMON and folded not in known:
            found.append((match.start(), match.start() + len(name), folded))
    return found


def missing_subjects(
    question: str, sentence: str, passage: Passage, before: str = "", *, known_only: bool = False
) -> bool:
    """Whether a sentence, with the headings above it, leaves out a company of the question, or all its other names.

    Where the question names no company, a machine or service that the table of names has counts among the others.

    What stands `before` it in the passage counts, too, unless the sentence turns to another company: "It then met ...".
    With `known_only`, only companies count, which the table of names has in all languages.
    """
    if before and not any(group.kind == "company" for group in groups_in(sentence) - groups_in(question)):
        sentence = f"{before}\n{sentence}"
    text = under_headings(passage, sentence)
    asked, given = groups_in(question), groups_in(text)
    named = {group for group in asked if group.kind == "company"}
    things = set() if named else {group for group in things_named(question) if group.kind == "term"}
    if known_only:
        return bool(named - given)
    names = unknown_names(question)
    spoken_of = bool(things & given) or any(name in fold(text) for name in names)
    return bool(named - given) or (bool(names or things) and not spoken_of)


def things_named(text: str) -> set[NameGroup]:
    """The places, machines and services that a text names and the table of names has; not Japan."""
    named = {one for one in groups_in(text) if one.kind in ("place", "term")}
    return {one for one in named if one.en[0].isupper() and one.en != "Japan"}


def has_name(passage: Passage, names: Collection[str]) -> bool:
    """Whether a passage or its headings have one of some folded names."""
    text = _folded(heading_and_text(passage))
    return any(name in text for name in names)


@lru_cache(maxsize=1_000)  # each passage is looked at beside every other one of a question
def _folded(text: str) -> str:
    return fold(text)


def says_all_names(question: str, sentence: str) -> bool:
    """Whether a sentence itself has all companies, products and unknown names of a question."""
    companies = {group for group in groups_in(question) if group.kind == "company"}
    folded = fold(sentence)
    return (
        companies <= groups_in(sentence)
        and all(name in folded for name in unknown_names(question))
        and all(match.group() in sentence for match in PRODUCT.finditer(question))
    )


def _nothing_of(companies: Iterable[NameGroup], names: Iterable[str]) -> str:
    return f"says nothing of {', '.join(sorted({group.en for group in companies} | set(names)))}"


def _listed(groups: Iterable[NameGroup]) -> str:
    return ", ".join(sorted(group.en for group in groups))
