"""Every shipped document is complete, dated, sourced, well set and says the same figures in each language.

Counts: an English or French word is a stretch between spaces that holds a letter or digit; a Japanese character is any
character of the body but white space. Front matter and Markdown marks count as neither.
"""

import datetime
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml

from assistant.figures import Figure, find_figures
from index.language import detect_language

FOLDER = Path(__file__).parents[1] / "index" / "documents"
LENGTHS = {"en": (500, 1200), "fr": (500, 1200), "ja": (1200, 3000)}
RUN_WORDS, RUN_CHARACTERS = 16, 45  # long enough that only a copied sentence reaches it
NO_BREAK = "\u00a0\u202f"
CURRENCIES = {"JPY", "USD", "EUR", "SGD", "DKK", "MYR"}
MEASURED = CURRENCIES | {"percent", "FLOPS", "W", "m2", "m", "times", "byte", "bit/s", "second", "month"}
SOURCED_UNITS = CURRENCIES | {"FLOPS", "W"}
NUMBER_WORDS = {  # small counts that stand without a noun the figure reader knows
    9: r"\b(?:nine|neuf)\b",
    10: r"\b(?:tenfold|par dix|dix fois)\b",
    11: r"\b(?:eleven|onze)\b",
    12: r"\b(?:twelve|douze)\b",
}
OWN_SUMS = {  # what a document works out itself, in units of 10 million yen
    "ja/gmo-internet-group.md": (256 - 193,),
    "ja/grant-decisions-2023.md": (680 + 530 + 110, 680 + 530 + 110 + 420),
    "ja/sakura-internet.md": (680 + 60 + 5010,),
    "ja/softbank.md": (530 + 4210,),
}


@dataclass(frozen=True, slots=True)
class Shipped:
    """A document as shipped: `document_id` is its path inside the folder, `body` all after the front matter."""

    document_id: str
    head: dict[str, Any]
    body: str

    @property
    def language(self) -> str:
        return self.document_id.split("/")[0]


@cache
def documents() -> tuple[Shipped, ...]:
    found = []
    for path in sorted(FOLDER.glob("*/*.md")):
        document_id = path.relative_to(FOLDER).as_posix()
        match = re.match(r"---\n(.*?\n)---\n", path.read_text(encoding="utf-8"), re.DOTALL)
        assert match, f"{document_id}: no front matter between two lines of ---"
        head = yaml.load(match[1], Loader=yaml.BaseLoader)  # every value stays text
        assert isinstance(head, dict), f"{document_id}: front matter is not a mapping"
        found.append(Shipped(document_id, head, match.string[match.end() :]))
    return tuple(found)


@cache
def facts() -> dict[str, dict[str, Any]]:
    lines = (FOLDER / "facts.jsonl").read_text(encoding="utf-8").splitlines()
    return {record["id"]: record for record in map(json.loads, lines)}


def prose(body: str) -> str:
    """The body without Markdown marks and link targets, line by line."""
    body = re.sub(r"\]\([^)]*\)", "]", body)
    return re.sub(r"(?m)^\s*(?:#+|[-*]|\d+\.)\s+|^\|?[\s:|-]+$|[|*_`\[\]]", " ", body)


def length(document: Shipped) -> int:
    text = prose(document.body)
    if document.language == "ja":
        return len("".join(text.split()))
    return sum(any(map(str.isalnum, word)) for word in re.split(r"[ \t\n]+", text))


def is_date(text: str) -> bool:
    """ISO 8601 to the year, month or day, and a date of the calendar."""
    if not re.fullmatch(r"(?:19|20)\d\d(?:-\d\d(?:-\d\d)?)?", text):
        return False
    try:
        datetime.date.fromisoformat(text + "2000-01-01"[len(text) :])
    except ValueError:
        return False
    return True


def each() -> pytest.MarkDecorator:
    return pytest.mark.parametrize("document", documents(), ids=lambda document: document.document_id)


def test_every_language_has_its_documents() -> None:
    counts = {language: sum(document.language == language for document in documents()) for language in LENGTHS}
    assert sum(counts.values()) == len(documents()), "a document lies in a folder of another name than en, fr, ja"
    assert all(count >= 14 for count in counts.values()), f"fewer than 14 documents: {counts}"
    assert len(documents()) >= 42, f"{len(documents())} documents, 42 are promised"


def test_facts_are_listed_once_with_canonical_values() -> None:
    lines = (FOLDER / "facts.jsonl").read_text(encoding="utf-8").splitlines()
    assert len(lines) == len(facts()), "an id stands twice in facts.jsonl"
    for fact_id, fact in facts().items():
        assert fact["topic"] and fact["kind_of_source"], f"{fact_id}: no topic or kind of source"  # noqa: PT018
        for value in [*fact["values"], *fact.get("further_values", [])]:
            assert set(value) == {"value", "unit"}, f"{fact_id}: {value}"
            assert re.fullmatch(r"\d+(?:[./]\d+)?", value["value"]), f"{fact_id}: {value} is no number"
        for date in [*fact["dates"], *fact.get("further_dates", [])]:
            assert is_date(date), f"{fact_id}: {date} is no date"


@each()
def test_front_matter_is_complete(document: Shipped) -> None:
    head, name = document.head, document.document_id
    missing = {"title", "language", "date", "status", "sources", "facts"} - head.keys()
    assert not missing, f"{name}: front matter lacks {sorted(missing)}"
    assert not head.keys() - {"title", "language", "date", "status", "sources", "facts", "translation_of"}, name
    assert head["title"].strip(), f"{name}: the title is empty"
    assert is_date(head["date"]), f"{name}: date {head['date']!r} is no ISO date"
    assert head["status"] in {"plan", "decision", "outcome"}, f"{name}: status {head['status']!r}"
    assert re.findall(r"(?m)^# (.*)$", document.body) == [head["title"]], f"{name}: not one heading # with the title"


@each()
def test_sources_are_complete_and_dated(document: Shipped) -> None:
    name, sources = document.document_id, document.head["sources"]
    assert sources, f"{name}: no source"
    for source in sources:
        assert set(source) == {"title", "publisher", "date", "url"}, f"{name}: source fields {sorted(source)}"
        assert source["title"].strip(), f"{name}: a source without title ({source['url']})"
        assert source["publisher"].strip(), f"{name}: a source without publisher ({source['url']})"
        assert source["date"] == "null" or is_date(source["date"]), f"{name}: source date {source['date']!r}"
        address = urlsplit(source["url"])
        assert address.scheme in {"http", "https"}, f"{name}: address {source['url']!r}"
        assert "." in address.netloc, f"{name}: address {source['url']!r}"
    assert any(source["date"] != "null" for source in sources), f"{name}: no source is dated"
    addresses = [source["url"] for source in sources]
    assert len(addresses) == len(set(addresses)), f"{name}: a source stands twice"


@each()
def test_facts_exist_and_stand_once(document: Shipped) -> None:
    declared = document.head["facts"]
    assert declared, f"{document.document_id}: no facts"
    unknown = sorted(set(declared) - facts().keys())
    assert not unknown, f"{document.document_id}: not in facts.jsonl: {unknown}"
    twice = sorted({fact for fact in declared if declared.count(fact) > 1})
    assert not twice, f"{document.document_id}: declared twice: {twice}"


@each()
def test_translations_name_an_original(document: Shipped) -> None:
    heads = {other.document_id: other.head for other in documents()}
    name, slug = document.document_id, document.document_id.partition("/")[2]
    original = document.head.get("translation_of")
    versions = [f"{language}/{slug}" for language in LENGTHS if f"{language}/{slug}" in heads]
    if name == versions[0]:
        assert original is None, f"{name}: it is the original, yet translation_of names {original}"
        return
    assert original in heads, f"{name}: translation_of names {original!r}, which is no document"
    assert str(original)[:2] != document.language, f"{name}: translation_of has the same language"
    assert "translation_of" not in heads[original], f"{name}: {original} is itself a translation"
    assert original == versions[0], f"{name}: the original of this name is {versions[0]}"


@each()
def test_language_is_the_declared_one(document: Shipped) -> None:
    assert document.head["language"] == document.language, f"{document.document_id}: {document.head['language']}"
    detected = detect_language(prose(document.body))
    assert detected == document.language, f"{document.document_id}: reads as {detected}"


@each()
def test_length_is_within_bounds(document: Shipped) -> None:
    least, most = LENGTHS[document.language]
    counted = length(document)
    assert least <= counted <= most, f"{document.document_id}: {counted}, allowed are {least} to {most}"


@each()
def test_nothing_external_is_embedded(document: Shipped) -> None:
    assert "![" not in document.body, f"{document.document_id}: an image"
    found = re.findall(r"<(?!https?://)[A-Za-z/!][^>]*>?", document.body)
    assert not found, f"{document.document_id}: HTML {found}"


@each()
def test_typography_is_that_of_the_language(document: Shipped) -> None:
    wrong = list(misprints(document.head["title"] + "\n" + document.body, document.language))
    assert not wrong, f"{document.document_id}: {wrong}"


def misprints(text: str, language: str) -> Iterator[str]:
    """Each place, with what stands around it, that breaks a rule of French or Japanese printing."""
    text = re.sub(r"https?://\S+|(?m:^\|?[\s:|-]+$)", "", text)
    rules = {
        "en": [r"[ ][;:?!%]"],
        "fr": [rf"(?<![{NO_BREAK}])[;:?!%»]", rf"«(?![{NO_BREAK}])", rf"\d\.\d+[ {NO_BREAK}](?:milli|%)"],
        "ja": [r"[ぁ-んァ-ヶー一-龠々][,.;:!?]", r"[,.;:!?][ぁ-んァ-ヶ一-龠]", r"[､｡｢｣ｦ-ﾟ]", r"[，．]"],
    }
    for rule in rules[language]:
        for match in re.finditer(rule, text):
            yield text[max(match.start() - 20, 0) : match.end() + 10].replace("\n", " ")


@pytest.mark.parametrize(
    ("text", "language"),
    [
        pytest.param("Combien ?", "fr", id="straight space before ?"),
        pytest.param("Combien?", "fr", id="no space before ?"),
        pytest.param("« \u202fdeux\u00a0»", "fr", id="straight space after the opening guillemet"),
        pytest.param("114.6\u00a0milliards", "fr", id="decimal point in French"),
        pytest.param("補助金は,最大", "ja", id="half-width comma in Japanese"),
        pytest.param("ｿﾌﾄﾊﾞﾝｸ", "ja", id="half-width katakana"),
    ],
)
def test_misprints_are_found(text: str, language: str) -> None:
    assert list(misprints(text, language))


def test_no_two_documents_share_a_long_run() -> None:
    seen: dict[tuple[str, ...] | str, str] = {}
    shared = []
    for document in documents():
        own: set[tuple[str, ...] | str] = set()
        for line in prose(document.body).splitlines():
            if document.language == "ja":
                flat = "".join(line.split())
                own.update(flat[i : i + RUN_CHARACTERS] for i in range(len(flat) - RUN_CHARACTERS + 1))
            else:
                words = re.findall(r"\w+", line.casefold())
                own.update(tuple(words[i : i + RUN_WORDS]) for i in range(len(words) - RUN_WORDS + 1))
        shared += [f"{document.document_id} and {seen[run]}: {run}" for run in own if run in seen]
        seen.update(dict.fromkeys(own, document.document_id))
    assert not shared, "\n".join(shared[:10])


@cache
def figures(document_id: str) -> tuple[Figure, ...]:
    (document,) = (document for document in documents() if document.document_id == document_id)
    return tuple(find_figures(document.body, document.language))


def quantity(value: dict[str, str]) -> tuple[Fraction, str]:
    """A value of facts.jsonl in the units of `assistant.figures`: a share is a percentage, years are months."""
    factor, unit = {"share": (100, "percent"), "year": (12, "month")}.get(value["unit"], (1, value["unit"]))
    return Fraction(value["value"]) * factor, unit


def states(document: Shipped, value: dict[str, str]) -> bool:
    """Whether a document gives a value: with its unit if it is measured, else the bare number, in digits or words."""
    number, unit = quantity(value)
    for figure in figures(document.document_id):
        if figure.is_date:
            continue
        factor, found = (12, "month") if figure.unit == "year" else (1, figure.unit)
        if found == unit if unit in MEASURED else found not in MEASURED:
            ends = [figure.value, figure.high] if figure.qualifier == "range" and figure.high else [figure.value]
            if any(abs(Fraction(end) * factor - number) <= number * Fraction(1, 10**9) for end in ends):
                return True
    if unit in MEASURED - {"times"} or number not in NUMBER_WORDS:
        return False
    return bool(re.search(rf"(?i){NUMBER_WORDS[int(number)]}", document.body))


def dates(document: Shipped) -> set[str]:
    """Dates of the text as ISO 8601; one without a year takes the year of the dates before and after it."""
    found = [figure for figure in figures(document.document_id) if figure.is_date]
    known = set()
    for i, figure in enumerate(found):
        for iso in figure.iso.split("/"):
            if not iso.startswith("--"):
                known.add(iso)
                continue
            for neighbours in (reversed(found[:i]), found[i + 1 :]):
                year = next((near.first_day.year for near in neighbours if near.first_day), None)
                known.add(f"{year}{iso[1:]}")
    return known


@each()
def test_values_dates_and_names_of_the_declared_facts_are_stated(document: Shipped) -> None:
    known, missing, text = dates(document), [], document.body.casefold()
    for fact_id in document.head["facts"]:
        fact = facts()[fact_id]
        lacking = [f"{value['value']} {value['unit']}" for value in fact["values"] if not states(document, value)]
        # A date is given as precisely as in facts.jsonl, or more.
        lacking += [date for date in fact["dates"] if not any(f"{stated}-".startswith(f"{date}-") for stated in known)]
        lacking += [name for name in fact.get("names", {}).get(document.language, ()) if name.casefold() not in text]
        missing += [f"{fact_id} ({fact['topic']}): {what}" for what in lacking]
    assert not missing, f"{document.document_id} lacks {missing}"


@each()
def test_no_amount_without_a_fact(document: Shipped) -> None:
    values = [v for i in document.head["facts"] for v in facts()[i]["values"] + facts()[i].get("further_values", [])]
    known = {quantity(value) for value in values}
    known |= {(Fraction(own * 10**7), "JPY") for own in OWN_SUMS.get(document.document_id, ())}
    unknown = []
    for figure in figures(document.document_id):
        if figure.unit not in SOURCED_UNITS:
            continue
        low, high = (Fraction(figure.value if end is None else end) for end in (figure.low, figure.high))
        # 1ドル in an exchange rate, and 1億円 = ¥100 million in a glossary
        explained = figure.value == 1 or ("glossary" in document.document_id and set(f"{figure.value:f}") <= set("10"))
        if not explained and not any(unit == figure.unit and low <= number <= high for number, unit in known):
            unknown.append(figure.text)
    assert not unknown, f"{document.document_id}: in no fact that it declares: {unknown}"
