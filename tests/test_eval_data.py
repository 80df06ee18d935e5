"""The questions on the shipped documents are complete, proven by the documents, and split by fact. No model.

Figures are compared by value and unit (`borne`); names and items as text without spaces, NFKC, lower case.
"""

import json
import re
import unicodedata
from collections import Counter
from collections.abc import Callable
from functools import cache
from hashlib import sha256
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
import yaml

from assistant.figures import Figure, find_figures, parse_figure
from index.language import detect_language

ROOT = Path(__file__).parents[1]
DATA, DOCUMENTS = ROOT / "eval" / "data", ROOT / "index" / "documents"
LANGUAGES, SPLITS = ("en", "fr", "ja"), ("dev", "test")
KINDS = {  # kind: the least number in each language
    "number": 16, "name": 8, "list": 5, "date": 8, "why": 5, "how": 5, "comparison": 4, "computed": 3,
    "disagreement": 3, "as-of": 3, "unanswerable": 20,
}  # fmt: skip
FIELDS = ["id", "lang", "question", "answerable", "answer", "answer_aliases", "kind", "history",
          "relevant_document_ids", "facts", "near", "evidence", "wrong_answer", "split"]  # fmt: skip
ANYTHING = {"", "item", "device", "occurrence"}  # counters that do not say what is counted: 件, 基, 回, "of them"
VALUES = ("values", "further_values", "dates", "further_dates")
UNTOLD = {"CP-34", "LM-21", "LM-30", "LM-32", "SB-23", "SO-11"}
SAME_UNANSWERABLE = (  # one thing that no document tells, asked in several languages
    "en-068 fr-069 ja-070", "en-073 fr-071 ja-073", "en-074 fr-084", "en-075 fr-088 ja-069", "en-076 ja-071",
    "en-077 fr-076", "en-078 ja-075", "en-082 fr-078", "en-083 ja-083", "en-089 ja-079", "fr-077 ja-077",
    "fr-070 ja-088",
)  # fmt: skip
Record = dict[str, Any]
QUESTIONS: list[Record] = [*map(json.loads, (DATA / "initiative.jsonl").read_text("utf-8").splitlines())]
FACTS = {fact["id"]: fact for fact in map(json.loads, (DOCUMENTS / "facts.jsonl").read_text("utf-8").splitlines())}
GROUPS: list[Record] = json.loads((DATA / "split.json").read_text("utf-8"))["groups"]


@cache
def documents() -> dict[str, tuple[set[str], str, list[Figure]]]:
    """Of every document: the facts it declares, its body, and the figures of the body."""
    found = {}
    for path in sorted(DOCUMENTS.glob("*/*.md")):
        _, head, body = re.split(r"(?m)^---\n", path.read_text(encoding="utf-8"), maxsplit=2)
        declared = set(yaml.load(head, Loader=yaml.BaseLoader)["facts"])
        found[path.relative_to(DOCUMENTS).as_posix()] = (declared, body, find_figures(body, path.parent.name))
    return found


def answerable(question: Record) -> bool:
    return bool(question["answerable"])


def of_kind(*kinds: str) -> Callable[[Record], bool]:
    return lambda question: question["kind"] in kinds


def is_multi_turn(question: Record) -> bool:
    return "history" in question


def is_cross_language(question: Record) -> bool:
    own = [name for name in question["relevant_document_ids"] if name.startswith(question["lang"] + "/")]
    return answerable(question) and not own


def each(wanted: Callable[[Record], bool] = bool) -> pytest.MarkDecorator:
    chosen = [question for question in QUESTIONS if wanted(question)]
    return pytest.mark.parametrize("question", chosen, ids=lambda question: question["id"])


def normal(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())


def answer_figures(question: Record) -> list[Figure]:
    return find_figures(question["answer"], question["lang"])


def evidence_figures(question: Record) -> list[Figure]:
    return [figure for item in question["evidence"] for figure in find_figures(item["text"], item["document_id"][:2])]


def accepted(question: Record) -> list[str]:
    return [question["answer"], *question["answer_aliases"]]


def items(text: str) -> list[str]:
    """The items of a list written as text; remarks in parentheses are left out."""
    parts = re.split(r",|、| and | et ", re.sub(r"\(.*?\)", "", unicodedata.normalize("NFKC", text)))
    return [part for part in parts if part.strip()]


def borne(claimed: Figure, given: Figure) -> bool:
    """Whether `given` is the claimed figure: same value and same unit, and a rank is not a quantity.

    Units may differ in one case: the claimed figure counts something ("60,000 GPUs", 6万基), and one of the two does
    not say what ("Naver Cloud was to take about 60,000", 基). A currency, a percentage or a measure is never guessed.
    """
    if claimed.key == given.key:
        return (claimed.kind == "ordinal") == (given.kind == "ordinal")
    counts = claimed.kind == "count" and given.kind in ("count", "number") and claimed.key[0] == given.key[0]
    return counts and bool({claimed.unit, given.unit} & ANYTHING)


def test_there_are_enough_questions() -> None:
    assert len(QUESTIONS) >= 240
    assert sum(not answerable(question) for question in QUESTIONS) >= 60
    for language in LANGUAGES:
        own = [question for question in QUESTIONS if question["lang"] == language]
        assert len(own) >= 80, language
        kinds = Counter(question["kind"] for question in own)
        assert not {kind: kinds[kind] for kind, least in KINDS.items() if kinds[kind] < least}, language
        assert sum(map(is_cross_language, own)) >= 14, language
        assert sum(map(is_multi_turn, own)) >= 6, language
        turned = [detect_language(turn["content"]) for question in own for turn in question.get("history", ())]
        assert set(turned) - {language, "und"}, f"{language}: no history changes the language"


def test_lines_are_sorted_and_unique() -> None:
    ids = [question["id"] for question in QUESTIONS]
    assert ids == sorted(set(ids))
    asked = Counter((normal(question["question"]), str(question.get("history"))) for question in QUESTIONS)
    assert max(asked.values()) == 1, asked.most_common(1)


@each()
def test_fields_are_complete_and_in_order(question: Record) -> None:
    optional = {"near", "wrong_answer"} if answerable(question) else set()
    expected = [name for name in FIELDS if name not in optional and (name != "history" or name in question)]
    assert list(question) == expected
    assert re.fullmatch(r"(?:en|fr|ja)-\d{3}", question["id"])
    assert question["lang"] == question["id"][:2]
    assert question["question"].strip() == question["question"] != ""
    assert question["kind"] in KINDS
    assert question["answerable"] is (question["kind"] != "unanswerable")
    filled = ["answer", "answer_aliases", "relevant_document_ids", "facts", "evidence"]
    assert {bool(question[name]) for name in filled} == {question["answerable"]}
    for name in ("answer_aliases", "relevant_document_ids", "facts", "near"):
        values = question.get(name, [])
        assert isinstance(values, list)
        assert all(isinstance(value, str) and value.strip() for value in values), name
        assert name == "answer_aliases" or values == sorted(set(values)), name
    assert answerable(question) or (question["near"] and question["wrong_answer"].strip())


@each(is_multi_turn)
def test_history_leads_to_the_question(question: Record) -> None:
    history = question["history"]
    assert 1 <= len(history) // 2 <= 3
    assert [turn["role"] for turn in history] == ["user", "assistant"] * (len(history) // 2)
    assert all(set(turn) == {"role", "content"} and turn["content"].strip() for turn in history)
    told = normal(" ".join(turn["content"] for turn in history))
    assert not [text for text in accepted(question) if text and normal(text) in told], "an earlier turn answers it"


@each()
def test_question_is_in_its_language(question: Record) -> None:
    detected = detect_language(question["question"])
    short = len(question["question"]) <= 40 or "history" in question
    assert detected == question["lang"] or (short and detected == "und")


@each(answerable)
def test_evidence_stands_in_relevant_documents(question: Record) -> None:
    assert set(question["relevant_document_ids"]) <= set(documents())
    for item in question["evidence"]:
        assert set(item) == {"document_id", "text"}
        assert item["document_id"] in question["relevant_document_ids"]
        assert len(normal(item["text"])) >= 10, "too short to prove anything"
        assert item["text"] in documents()[item["document_id"]][1]


@each(lambda question: answerable(question) and question["kind"] != "computed")
def test_figures_of_the_answer_stand_in_the_evidence(question: Record) -> None:
    claimed = answer_figures(question)
    assert len(claimed) == 1 or question["kind"] not in ("number", "date"), "a number or date question has one figure"
    for figure in claimed:
        assert any(borne(figure, other) for other in evidence_figures(question)), figure.key


@each(of_kind("number", "date", "name"))
def test_every_relevant_document_gives_the_answer(question: Record) -> None:
    for name in question["relevant_document_ids"]:
        _, body, given = documents()[name]
        told = [figure for figure in answer_figures(question) if any(borne(figure, other) for other in given)]
        named = [text for text in accepted(question) if normal(text) in normal(body)]
        assert named if question["kind"] == "name" else told, name


@each(of_kind("name", "list"))
def test_names_and_items_stand_in_the_evidence(question: Record) -> None:
    told = normal(" ".join(item["text"] for item in question["evidence"]))
    split = items if question["kind"] == "list" else lambda text: [text]
    whole = [parts for parts in map(split, accepted(question)) if len(parts) == len(split(question["answer"]))]
    assert any(all(normal(part) in told for part in parts) for parts in whole)


@each(of_kind("number", "date"))
def test_answer_is_a_canonical_value_of_its_facts(question: Record) -> None:
    """So questions on one fact cannot contradict each other. Fiscal years are no dates of facts.jsonl."""
    (claimed,) = answer_figures(question)
    listed = [FACTS[fact].get(name, []) for fact in question["facts"] for name in VALUES]
    canonical = {value["value"] if isinstance(value, dict) else value for values in listed for value in values}
    assert claimed.key[0] in canonical or claimed.key[0].startswith("FY")


@each(of_kind("computed"))
def test_operands_stand_in_the_evidence_and_give_the_answer(question: Record) -> None:
    """A sum, or a difference, of figures of the evidence that are canonical values of the question's facts."""
    (claimed,) = answer_figures(question)
    canonical = {value["value"] for fact in question["facts"] for value in FACTS[fact]["values"]}
    operands = {figure.value for figure in evidence_figures(question) if figure.key[0] in canonical
                and (figure.unit == claimed.unit or {figure.kind, claimed.kind} <= {"count", "number"})}  # fmt: skip
    chosen = list(combinations(sorted(operands), max(2, len(question["facts"]))))
    assert claimed.value in {sum(some) for some in chosen} | {some[-1] - sum(some[:-1]) for some in chosen}, operands


@each(of_kind("number", "computed"))
def test_aliases_of_a_number_have_its_value(question: Record) -> None:
    (claimed,) = answer_figures(question)
    for alias in question["answer_aliases"]:
        readings = [find_figures(alias, language) for language in LANGUAGES]
        single = [read[0] for read in readings if len(read) == 1]
        assert any(borne(claimed, read) or read.key == (claimed.key[0], "") for read in single), alias


@each(answerable)
def test_aliases_are_not_loose(question: Record) -> None:
    """No bare year, no bare number where the answer has a unit, no second wording that is the same text."""
    texts = [unicodedata.normalize("NFKC", text).casefold() for text in accepted(question)]
    assert len(set(texts)) == len(texts), "the same wording twice"
    has_unit = any(figure.kind not in ("number", "ordinal") for figure in answer_figures(question))
    for alias in question["answer_aliases"]:
        assert not re.fullmatch(r"(?:19|20)\d\d", alias), "a bare year stands in many wrong answers"
        assert len(alias) > 1
        assert not (has_unit and any(is_bare(alias, language) for language in LANGUAGES)), f"{alias!r} has no unit"
    if question["kind"] == "list":
        sizes = {len(items(alias)) for alias in question["answer_aliases"]}
        assert sizes <= {1, len(items(question["answer"]))}, "an alias is the whole list or one item"


def is_bare(text: str, language: str) -> bool:
    try:
        return parse_figure(text, language).kind == "number"
    except ValueError:
        return False


@each(lambda question: not answerable(question))
def test_wrong_answer_stands_nowhere(question: Record) -> None:
    figures = find_figures(question["wrong_answer"], question["lang"])
    for name, (_, body, given) in documents().items():
        assert normal(question["wrong_answer"]) not in normal(body), name
        assert not [other.text for other in given if any(borne(figure, other) for figure in figures)], name


@each()
def test_split_follows_the_rule(question: Record) -> None:
    """Rules 3 and 4 of the README: dev where all facts, or near groups, are dev."""
    of_group = {group["group"]: group["split"] for group in GROUPS}
    of_fact = {fact: group["split"] for group in GROUPS for fact in group["facts"]}
    sides = {of_fact[fact] for fact in question["facts"]} | {of_group[name] for name in question.get("near", ())}
    assert question["split"] == ("dev" if sides == {"dev"} else "test")


@each(answerable)
def test_facts_are_declared_by_a_relevant_document(question: Record) -> None:
    assert set(question["facts"]) <= set(FACTS) - UNTOLD
    assert set(question["facts"]) <= set().union(*(documents()[name][0] for name in question["relevant_document_ids"]))


def test_one_thing_asked_twice_has_one_side_and_the_same_documents() -> None:
    asked = [question for question in QUESTIONS if answerable(question) and question["kind"] != "comparison"]
    for one, two in combinations(asked, 2):
        wordings = set(map(normal, accepted(one))) & set(map(normal, accepted(two)))
        if set(one["facts"]) & set(two["facts"]) and one["kind"] == two["kind"] and wordings:
            assert one["split"] == two["split"], (one["id"], two["id"])
            assert one["relevant_document_ids"] == two["relevant_document_ids"], (one["id"], two["id"])
    sides = {question["id"]: (question["split"], question["answerable"]) for question in QUESTIONS}
    for ids in SAME_UNANSWERABLE:
        assert {sides[name] for name in ids.split()} in ({("dev", False)}, {("test", False)}), ids


def test_every_fact_is_in_one_group_and_sides_are_dealt_by_the_rule() -> None:
    listed = [fact for group in GROUPS for fact in group["facts"]]
    assert sorted(listed) == sorted(FACTS)
    assert set(FACTS) - set[str]().union(*(declared for declared, _, _ in documents().values())) == UNTOLD
    everywhere: Counter[str] = Counter()
    for topic in dict.fromkeys(group["topic"] for group in GROUPS):
        here: Counter[str] = Counter()
        own = [group for group in GROUPS if group["topic"] == topic]
        for group in sorted(own, key=lambda group: (-len(group["facts"]), sha256(group["group"].encode()).digest())):
            order = [(here[s], everywhere[s], sha256(f"{group['group']}{s}".encode()).digest(), s) for s in SPLITS]
            dealt = min(order)[-1]
            assert group["split"] == dealt, group["group"]
            here[dealt] += len(group["facts"])
            everywhere[dealt] += len(group["facts"])


def test_readme_tables_are_counted() -> None:
    lines = (DATA / "README.md").read_text("utf-8").splitlines()
    rows = [tuple(cell.strip(" *`") for cell in line.strip("|").split("|")) for line in lines if line.startswith("|")]
    cells = [(language, split) for language in LANGUAGES for split in SPLITS]
    ways: dict[str, Callable[[Record], bool]] = {kind: of_kind(kind) for kind in KINDS}
    ways |= {"all": bool, "cross-language": is_cross_language, "multi-turn": is_multi_turn}
    for name, wanted in ways.items():
        counts = Counter((question["lang"], question["split"]) for question in QUESTIONS if wanted(question))
        assert (name, *(str(counts[cell]) for cell in cells), str(counts.total())) in rows, name
    for topic in [*dict.fromkeys(group["topic"] for group in GROUPS), "all"]:
        own = [group for group in GROUPS if topic in (group["topic"], "all")]
        sizes = [sum(len(group["facts"]) for group in own if group["split"] == s) for s in SPLITS]
        assert (topic, str(len(own)), *map(str, sizes)) in rows, topic
