"""Passages: exact text, order, coverage, token limit, and cuts where a reader would make them."""

import re
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.blocks import Kind, find_blocks
from index.passages import PassageDraft, split_document
from index.records import Document


def count_tokens(texts: Sequence[str]) -> list[int]:  # stands in for a tokenizer
    return [len(re.findall(r"[぀-ヿ一-鿿]|[^\W぀-ヿ一-鿿]{1,8}|[^\w\s]", text)) for text in texts]


def _document(text: str, title: str = "Title") -> Document:
    return Document(document_id="d", title=title, text=text, language="en")


def _split(text: str, limit: int = 400, title: str = "Title") -> list[PassageDraft]:
    return split_document(_document(text, title), count_tokens, limit)


def _sentences(count: int, words: int = 12) -> str:
    return " ".join(f"Sentence {number} " + "word " * (words - 3) + "ends." for number in range(count))


BITS = [
    *(
        "# Heading\n",
        "## Sub heading\n",
        "\n",
        "Plain sentence here. ",
        "Another one! ",
        "文が続く。",
        "「括弧。」と言う。",
    ),
    *(
        "- item one\n",
        "- item two: more\n",
        "| a | b |\n|---|---|\n",
        "| 1 | 2 |\n",
        "```\ncode\n",
        "---\n",
        "> quote\n",
    ),
    *("Lead in:\n", "a,b;c ", "\u0301", "x" * 90, "、".join(["長い"] * 60), "word " * 70),
]


@given(st.lists(st.sampled_from(BITS), max_size=40).map("".join), st.integers(20, 120))
def test_every_passage_is_the_text_in_order_within_the_limit(text: str, limit: int) -> None:
    drafts = _split(text, limit)
    position = 0
    for number, draft in enumerate(drafts, start=1):
        passage = draft.passage
        assert passage.text == text[passage.start : passage.end]
        assert passage.text.strip() == passage.text
        assert passage.text
        assert passage.passage_id == f"d#{number}"
        assert draft.embedding_text.endswith(passage.text)
        assert count_tokens([draft.embedding_text])[0] <= limit
        assert not text[position : passage.start].strip()
        assert passage.start >= position
        position = passage.end
    assert not text[position:].strip()


def test_a_short_document_is_one_passage_with_its_title_embedded() -> None:
    [draft] = _split("One sentence. Two sentences.")
    assert draft.embedding_text == "Title\nOne sentence. Two sentences."


def test_long_prose_becomes_passages_of_even_length() -> None:
    sizes = count_tokens([draft.passage.text for draft in _split(_sentences(60))])
    assert all(100 <= size <= 260 for size in sizes)


def test_sections_of_good_length_are_passages_of_their_own_with_their_path() -> None:
    text = "".join(f"## Part {name}\n\n{_sentences(12)}\n\n### Detail\n\n{_sentences(12)}\n\n" for name in "AB")
    drafts = _split("# Title\n\n" + text)
    assert [draft.passage.section for draft in drafts] == ["Part A", "Part A › Detail", "Part B", "Part B › Detail"]
    assert drafts[1].embedding_text.startswith("Title › Part A\n### Detail")
    assert all(draft.passage.text.startswith("#") for draft in drafts)


def test_small_sections_go_together_under_what_they_share() -> None:
    text = "## Part\n\n" + "".join(f"### Small {name}\n\nA few words only.\n\n" for name in "ABC")
    [draft] = _split(text)
    assert draft.passage.section == "Part"


def test_a_heading_is_never_the_end_of_a_passage() -> None:
    drafts = _split("".join(f"{_sentences(14)}\n\n## Heading {number}\n\n" for number in range(8)) + "End.")
    assert not any(draft.passage.text.splitlines()[-1].startswith("#") for draft in drafts)


def test_a_table_that_fits_stays_whole() -> None:
    rows = "".join(f"| name {number} | value {number} |\n" for number in range(20))
    text = f"{_sentences(12)}\n\n| name | value |\n|---|---|\n{rows}\n{_sentences(12)}"
    assert (
        sum("| name 0 |" in draft.passage.text and "| name 19 |" in draft.passage.text for draft in _split(text)) == 1
    )


def test_a_long_table_is_cut_between_rows_and_its_header_is_embedded_again() -> None:
    rows = "".join(f"| name {number} | value {number} |\n" for number in range(120))
    drafts = _split(f"| column | other |\n|---|---|\n{rows}")
    assert len(drafts) > 2
    for draft in drafts:
        assert draft.embedding_text.startswith("Title\n| column | other |\n|---|---|\n| name")
        assert draft.passage.text.startswith("|")
        assert draft.passage.text.endswith("|")


def test_a_lead_in_stays_with_its_list() -> None:
    text = f"{_sentences(10)}\n\nThe rates are:\n\n- one half\n- one third\n\n{_sentences(12)}"
    assert not any(draft.passage.text.endswith("The rates are:") for draft in _split(text))


@pytest.mark.parametrize(
    "text",
    ["長" * 3000, "word " * 3000, "x" * 5000 + " " + "y " * 900, "節、" * 1500, "e\u0301 " * 900],
    ids=["no joints", "one sentence", "giant word", "clauses", "combining marks"],
)
def test_a_giant_sentence_is_cut_safely(text: str) -> None:
    drafts = _split(text)
    assert len(drafts) > 1
    assert max(count_tokens([draft.embedding_text for draft in drafts])) <= 400
    assert not any(draft.passage.text.startswith("\u0301") for draft in drafts)


def test_no_short_sentence_is_left_alone() -> None:
    for count in range(20, 60):
        drafts = _split(f"{_sentences(count)}\n\nShort end.")
        assert min(count_tokens([draft.passage.text for draft in drafts])) > 60


def test_a_giant_title_leaves_room_for_the_text() -> None:
    drafts = _split(_sentences(40), title="title " * 1000)
    assert max(count_tokens([draft.embedding_text for draft in drafts])) <= 400
    assert len(drafts) < 12


def test_no_text_gives_no_passages() -> None:
    assert _split(" \n\n") == []


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("Title\n=====\nText", [Kind.HEADING, Kind.PARAGRAPH]),
        ("Title\n---\nText", [Kind.HEADING, Kind.PARAGRAPH]),
        ("Text\n\n---\n\nText", [Kind.PARAGRAPH, Kind.RULE, Kind.PARAGRAPH]),
        ("a | b\n--|--\n1 | 2", [Kind.TABLE]),
        ("text | with bar\nnext", [Kind.PARAGRAPH]),
        ("- a\n  more\n- b", [Kind.ITEM, Kind.ITEM]),
        ("（1）甲\n（2）乙", [Kind.ITEM, Kind.ITEM]),
        ("```\n# no\n```\n# yes", [Kind.CODE, Kind.HEADING]),
        ("```\nnever closed", [Kind.CODE]),
        ("#hashtag", [Kind.PARAGRAPH]),
        ("2024. A year", [Kind.PARAGRAPH]),
    ],
)  # fmt: skip
def test_kinds_of_blocks(text: str, kinds: list[Kind]) -> None:
    assert [block.kind for block in find_blocks(text)] == kinds
