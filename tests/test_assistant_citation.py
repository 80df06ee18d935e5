"""Step 8, first half: what a model writes, whole or in pieces, as asked or not, becomes claims with offered codes."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.citation import Draft, DraftReader, answer_schema
from tests.scripted_generator import written

CODES = ("K3", "M7", "V4")
TEXT = "The line has 18 stops."


def read(output: str, piece_characters: int = 0) -> tuple[list[Draft], DraftReader]:
    reader = DraftReader(CODES)
    size = piece_characters or max(len(output), 1)
    drafts = [draft for at in range(0, len(output), size) for draft in reader.feed(output[at : at + size])]
    return [*drafts, *reader.finish()], reader


def test_claims_with_their_codes() -> None:
    drafts, reader = read(written(("K3", TEXT), ("M7", "It opened in 2021.")))
    assert drafts == [Draft(TEXT, ("K3",)), Draft("It opened in 2021.", ("M7",))]
    assert reader.answerable
    assert reader.faults == []


def test_a_claim_comes_before_the_output_ends() -> None:
    reader = DraftReader(CODES)
    output = written(("K3", TEXT), ("M7", "It opened in 2021."))
    end = output.index(TEXT) + len(TEXT) + 1
    assert list(reader.feed(output[: end - 1])) == []
    assert list(reader.feed(output[end - 1 : end])) == [Draft(TEXT, ("K3",))]


def test_two_sentences_of_one_passage_are_two_claims() -> None:
    drafts, _ = read(written(("K3", "The line has 18 stops. It opened on 12 March 2021.")))
    assert drafts == [Draft(TEXT, ("K3",)), Draft("It opened on 12 March 2021.", ("K3",))]


def test_the_model_may_say_that_the_passages_lack_the_answer() -> None:
    drafts, reader = read(written(), 1)
    assert drafts == []
    assert not reader.answerable
    assert reader.faults == []


@pytest.mark.parametrize("text", ["none", 'The file says "none": "" today.', "There are none"])
def test_the_word_none_inside_a_sentence_decides_nothing(text: str) -> None:
    assert read(written(("K3", text)), 1)[1].answerable


@pytest.mark.parametrize("code", ["Q1", "K9", "Z8", "7", "passage 1"])
def test_a_code_that_was_not_offered_is_dropped_and_recorded(code: str) -> None:
    drafts, reader = read(written((code, TEXT)))
    assert drafts == [Draft(TEXT, ())]
    assert reader.faults == [f"unknown citation {code}"]


@pytest.mark.parametrize("code", ["K3", "[K3]", "【K3】", "[[K3]]", "［Ｋ３］", "(K3)", " K3 ", "[K3][K3]"])
def test_a_code_is_read_in_any_dress(code: str) -> None:
    drafts, reader = read(written((code, TEXT)))
    assert drafts == [Draft(TEXT, ("K3",))]
    assert reader.faults == []


@pytest.mark.parametrize("code", ["K3, M7", "[K3][M7]", "K3、M7", "[K3, M7]"])
def test_a_claim_of_two_passages(code: str) -> None:
    assert read(written((code, TEXT)))[0] == [Draft(TEXT, ("K3", "M7"))]


@pytest.mark.parametrize(
    "text",
    [
        "The line has 18 stops [K3].",
        "The line has 18 stops 【K3】.",
        "The line has 18 stops [[K3]].",
        "The line has 18 stops [ K3 ].",
        "The line has 18 stops ［Ｋ３］.",
        "The line has 18 stops (K3).",
        "The line has 18 stops. [K3]",
        "The line has 18 stops.[K3]",
        "[K3] The line has 18 stops.",
        "The line has 18 stops [K3][K3].",
    ],
)
@pytest.mark.parametrize("form", ["plain", "list", "json"])
def test_codes_in_the_sentence_are_read_and_taken_out(text: str, form: str) -> None:
    drafts, reader = read({"plain": text, "list": f"- {text}", "json": written(("K3", text))}[form])
    if form != "list" or not text.startswith("["):
        assert drafts == [Draft(TEXT, ("K3",))]
    assert reader.faults == []


@pytest.mark.parametrize("output", ["The line has 18 stops [Q1].", written(("K3", "The line has 18 stops [Q1]."))])
def test_a_code_in_the_sentence_that_was_not_offered_is_recorded(output: str) -> None:
    drafts, reader = read(output)
    assert [draft.text for draft in drafts] == [TEXT]
    assert reader.faults == ["unknown citation Q1"]


@pytest.mark.parametrize("text", ["The plan is printed on paper (A4).", "La classe (B2) compte 18 élèves."])
def test_what_only_looks_like_a_code_stays_in_the_sentence(text: str) -> None:
    drafts, reader = read(written(("K3", text)))
    assert drafts == [Draft(text, ("K3",))]
    assert reader.faults == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "The line has 18 stops. [K3] It cost £1.2 million in all. [M7]",
            [Draft("The line has 18 stops.", ("K3",)), Draft("It cost £1.2 million in all.", ("M7",))],
        ),
        (
            "[K3] The line has 18 stops. [M7] It opened in 2021.",
            [Draft("The line has 18 stops.", ("K3",)), Draft("It opened in 2021.", ("M7",))],
        ),
        (
            "定員は320人である【K3】。2022年に運航を始めた。【M7】",
            [Draft("定員は320人である。", ("K3",)), Draft("2022年に運航を始めた。", ("M7",))],
        ),
        (
            "- La ligne compte 18 arrêts [K3].\n- Elle a coûté 3 M€ [M7].\n",
            [Draft("La ligne compte 18 arrêts.", ("K3",)), Draft("Elle a coûté 3 M€.", ("M7",))],
        ),
        ("The line has 18 stops [K3, M7].", [Draft(TEXT, ("K3", "M7"))]),
        ("No code at all.", [Draft("No code at all.", ())]),
    ],
    ids=["codes-after", "codes-before", "japanese", "list", "two-in-one", "none"],
)
def test_plain_text_is_read_sentence_by_sentence(text: str, expected: list[Draft]) -> None:
    assert read(text)[0] == expected


@pytest.mark.parametrize(
    "output",
    [
        f"```json\n{written(('K3', TEXT))}\n```",
        f"Here is [the answer]: {written(('K3', TEXT))}",
        f'Here is "the answer": {written(("K3", TEXT))}',
        json.dumps({"answer": {"K3": TEXT}}),
        json.dumps([{"K3": TEXT}]),
        json.dumps({"K3": TEXT}, indent=2),
    ],
    ids=["fence", "preamble", "quoted-preamble", "nested", "list", "indented"],
)
def test_json_that_is_not_exactly_as_asked(output: str) -> None:
    assert read(output)[0] == [Draft(TEXT, ("K3",))]
    assert read(output, 1)[0] == [Draft(TEXT, ("K3",))]


@pytest.mark.parametrize(
    "output", ["{", "{}", '{"K3": null}', '{"K3": 7}', '{"K3": ["a"]}', '{"K3"', '{"a": {"b": 1}}']
)
def test_json_without_a_sentence_is_recorded(output: str) -> None:
    drafts, reader = read(output)
    assert drafts == []
    assert reader.answerable
    assert reader.faults == [f"not as asked: {output}"]


@pytest.mark.parametrize("text", ["", "   ", "[K3]", "…", "。"])
def test_an_empty_sentence_is_no_claim(text: str) -> None:
    assert read(written(("K3", text)))[0] == []


@pytest.mark.parametrize("output", ["", " \n", "..."])
def test_nothing_at_all(output: str) -> None:
    drafts, reader = read(output)
    assert drafts == []
    assert reader.faults == []


@pytest.mark.parametrize("complete", [0, 1], ids=["first-sentence", "second-sentence"])
def test_a_sentence_cut_by_the_length_limit_is_recorded_not_shown(complete: int) -> None:
    claims = [("K3", "A whole sentence.")] * complete + [("M7", "This one was never finished because")]
    output = written(*claims)
    drafts, reader = read(output[: output.rindex("because")])
    assert drafts == [Draft("A whole sentence.", ("K3",))] * complete
    assert reader.faults == ["cut off: This one was never finished"]


def test_whole_sentences_before_a_cut_count() -> None:
    drafts, reader = read('{"K3": "The line has 18 stops. It was op')
    assert drafts == [Draft(TEXT, ("K3",))]
    assert reader.faults == ["cut off: It was op"]


@pytest.mark.parametrize("cut", ['{"K3": "', '{"K3": "  ', '{"K3": "\\', '{"K3": "\u200b', '{"none": "The'])
def test_a_cut_before_any_word(cut: str) -> None:
    assert read(cut)[0] == []


def test_the_sentence_that_is_being_written_can_be_seen() -> None:
    reader = DraftReader(CODES)
    seen = []
    for character in written(("K3", TEXT)):
        list(reader.feed(character))
        seen.append(reader.partial())
    shown = list(dict.fromkeys(text for text in seen if text))
    assert shown == list(dict.fromkeys(TEXT[:length].strip() for length in range(1, len(TEXT) + 1)))
    assert reader.partial() == ""


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ('He said \\"yes', 'He said "yes'),
        ("back\\\\", "back\\"),
        ("caf\\u00e9", "café"),
        ("caf\\u00", "caf"),
        ("caf\\", "caf"),
        ("smile \\ud83d", "smile"),
        ("smile \\ud83d\\ude00", "smile 😀"),
        ("bad \\x escape", "bad"),
    ],
)
def test_escapes_in_the_sentence_that_is_being_written(text: str, shown: str) -> None:
    reader = DraftReader(CODES)
    list(reader.feed(f'{{"K3": "{text}'))
    assert reader.partial() == shown


def test_a_broken_escape_does_not_break_the_answer() -> None:
    drafts, _ = read('{"K3": "The folder is C:\\x on disk.", "M7": "The line has 18 stops."}')
    assert drafts[-1] == Draft(TEXT, ("M7",))


anything = st.text(max_size=40)
any_claims = st.lists(st.tuples(st.sampled_from([*CODES, "Q1", "", "none"]), anything), max_size=3)


@given(claims=any_claims, ascii_only=st.booleans(), cut=st.integers(0, 400), size=st.integers(2, 9))
def test_pieces_of_any_length_give_what_one_piece_gives(
    claims: list[tuple[str, str]], ascii_only: bool, cut: int, size: int
) -> None:
    output = written(*claims, ascii_only=ascii_only)[: 400 - cut]
    drafts, reader = read(output)
    for piece_characters in (1, size):
        pieces, piecewise = read(output, piece_characters)
        assert pieces == drafts
        assert (piecewise.faults, piecewise.answerable) == (reader.faults, reader.answerable)


@given(text=st.text('ab é\\"\n\t{}:,😀', min_size=1), ascii_only=st.booleans())
def test_what_was_written_is_what_is_read(text: str, ascii_only: bool) -> None:
    drafts, _ = read(written(("K3", text), ascii_only=ascii_only), 1)
    assert _words("".join(draft.text for draft in drafts)) == _words(text)


def _words(text: str) -> str:
    return "".join(character for character in text if character.isalnum())


@given(output=st.text('{}[]"\\:,K3M7none abc。.\n\ufeff', max_size=60), size=st.integers(1, 5))
def test_no_output_breaks_the_reader(output: str, size: int) -> None:
    reader = DraftReader(CODES)
    drafts: list[Draft] = []
    for at in range(0, len(output), size):
        drafts += reader.feed(output[at : at + size])
        reader.partial().encode("utf-8")
    drafts += reader.finish()
    assert all(draft.text and set(draft.codes) <= set(CODES) for draft in drafts)


def test_the_schema_allows_the_codes_and_the_refusal_and_nothing_else() -> None:
    schema = answer_schema(CODES)
    assert set(schema["properties"]) == {*CODES, "none"}  # type: ignore[call-overload]
    assert schema["additionalProperties"] is False
