"""Step 1: what is refused, what is cleaned, which language a question is taken to be in, and how much history stays."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.question import parse
from assistant.records import Question, Turn
from index.errors import UsageError


def ask(text: str, *history: Turn, longest: int = 2000, turns: int = 20) -> Question:
    return parse(text, history, longest=longest, turns=turns)


@pytest.mark.parametrize(
    "text",
    ["", " ", "\n\t  \u3000\u00a0", "???", "…!?;:", "「」。、", "-- == ++", "🙂🙂", "\u200b\u200b", "\ufeff"],
    ids=["empty", "blank", "blanks", "marks", "dots", "ja-marks", "signs", "emoji-only", "zero-width-only", "bom-only"],
)
def test_a_question_without_a_word_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="the question is empty; type a question in French, English or Japanese"):
        ask(text)


@pytest.mark.parametrize("characters", [2001, 100_000])
def test_an_overlong_question_is_refused_with_both_numbers(characters: int) -> None:
    with pytest.raises(UsageError) as raised:
        ask("a" * characters)
    assert f"{characters:,}" in str(raised.value)
    assert "2,000" in str(raised.value)


def test_the_longest_question_is_accepted() -> None:
    assert len(ask("a" * 2000).text) == 2000


@pytest.mark.parametrize(
    "text",
    [
        "What is\x00 this?",
        "\x00",
        "\x01\x02\x03\x04 what?",
        "\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00",
        "\ud800\ud801\ud802 what",
        "\u202e\u202e\u202e\u202eabc",
    ],
    ids=["nul", "nul-only", "control", "png", "lone-surrogates", "direction-marks"],
)
def test_what_is_not_text_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match=r"not text \(control characters\); type it in words"):
        ask(text)


@pytest.mark.parametrize("text", ["", "a" * 2001, "a\x00b"], ids=["empty", "long", "nul"])
def test_a_refusal_is_one_line_and_does_not_repeat_the_question(text: str) -> None:
    with pytest.raises(UsageError) as raised:
        ask(text)
    assert "\n" not in str(raised.value)
    assert len(str(raised.value)) < 120


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("What is\u200b METI?", "What is METI?"),
        ("\ufeffWhat is METI?", "What is METI?"),
        ("  What\n is \t METI? \r\n", "What is METI?"),
        ("What is\u00a0METI\u202f?", "What is METI ?"),
        ("経済産業省\u3000とは？", "経済産業省 とは？"),
        ("What is METI? 🙂", "What is METI? 🙂"),
        ("What is METI?\x07", "What is METI?"),
        ("What does soft\u00adware cost?", "What does software cost?"),
    ],
    ids=["zero-width", "bom", "white-space", "no-break", "ideographic-space", "emoji", "bell", "soft-hyphen"],
)
def test_invisible_characters_and_spaces_are_cleaned(typed: str, kept: str) -> None:
    assert ask(typed).text == kept


def test_a_family_emoji_does_not_split_a_question_or_refuse_it() -> None:
    assert ask("Who pays? 👩\u200d👩\u200d👧").text.startswith("Who pays?")


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Combien le projet a-t-il coûté ?", "fr"),
        ("How much did the project cost?", "en"),
        ("事業の費用はいくらですか。", "ja"),
        ("KDDIとは", "ja"),
    ],
)
def test_the_language_is_that_of_the_text(text: str, language: str) -> None:
    assert ask(text).language == language


def test_a_text_without_a_language_takes_that_of_the_last_question_that_has_one() -> None:
    history = (
        Turn("user", "Which companies were chosen?"),
        Turn("assistant", "Six."),
        Turn("user", "Combien coûte le projet ?"),
        Turn("assistant", "事業の費用は不明です。"),
        Turn("user", "SoftBank"),
    )
    assert ask("KDDI?", *history).language == "fr"


def test_a_text_without_a_language_or_history_is_taken_as_english() -> None:
    assert ask("KDDI?").language == "en"


def test_the_language_may_change_in_the_middle_of_a_conversation() -> None:
    assert ask("助成額はいくらですか。", Turn("user", "Combien coûte le projet ?")).language == "ja"


def test_the_newest_turns_of_the_history_stay() -> None:
    history = [Turn("user" if number % 2 == 0 else "assistant", str(number)) for number in range(30)]
    kept = ask("What is METI?", *history, turns=20).history
    assert [turn.content for turn in kept] == [str(number) for number in range(10, 30)]


def test_a_history_is_cut_by_its_length_and_the_newest_turns_stay() -> None:
    history = [Turn("user", f"{number} " + "word " * 380) for number in range(20)]
    kept = ask("What is METI?", *history, turns=20).history
    assert 5 < len(kept) < 20
    assert [turn.content.split()[0] for turn in kept] == [str(number) for number in range(20 - len(kept), 20)]
    assert sum(len(turn.content) for turn in kept) <= 20_000


def test_a_long_turn_keeps_its_beginning_and_its_end() -> None:
    [turn] = ask("Yes", Turn("assistant", f"First. {'word ' * 1000}Shall I go on?")).history
    assert turn.content.startswith("First.")
    assert turn.content.endswith("Shall I go on?")
    assert len(turn.content) < 2100


def test_a_turn_is_cleaned_and_an_empty_one_left_out() -> None:
    kept = ask("Yes", Turn("user", "What\x00 is\u200b\n METI?"), Turn("assistant", " \n ")).history
    assert kept == (Turn("user", "What is METI?"),)


def test_no_history_stays_when_none_is_wanted() -> None:
    assert ask("What is METI?", Turn("user", "Hello"), turns=0).history == ()


@given(st.text(max_size=60))
def test_any_text_is_either_refused_or_clean(text: str) -> None:
    try:
        question = ask(text)
    except UsageError:
        return
    assert question.text == " ".join(question.text.split())
    assert question.text.isprintable()
    assert question.language in ("fr", "en", "ja")
    assert ask(question.text).text == question.text
    question.text.encode("utf-8")
