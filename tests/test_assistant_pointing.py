"""A sentence in another language that could not be told is shown as it stands."""

import pytest

from assistant.pointing import pointer
from assistant.quoting import SentenceIndex
from tests.test_assistant_copying import only_sentence


@pytest.mark.parametrize(
    ("language", "question", "text"),
    [
        (
            "en",
            "What happened?",
            "A passage in French, quoted here, answers the question, but could not be told in English reliably. "
            "Values in it: 5 June 2024; €48 million.",
        ),
        (
            "ja",
            "何が起きましたか。",
            "ここに引用したフランス語の記述に答えがありますが、日本語で確実に伝えることができませんでした。"
            "記述にある値：2024年6月5日、4,800万ユーロ。",
        ),
    ],
)
def test_it_says_where_the_answer_stands_and_which_figures_it_has(
    sentence_index: SentenceIndex, language: str, question: str, text: str
) -> None:
    said = "Le 5 juin 2024, le toit de l'atelier a cédé ; il en a coûté 48 millions d'euros."
    item = only_sentence(sentence_index, "Atelier", said, "fr", question)
    claim = pointer(item, question, language, sentence_index)
    assert claim is not None
    assert claim.text == text
    assert claim.citations[0].quote == said
    assert {figure.verdict for figure in claim.figures} == {"exact"}


def test_without_figures_it_names_none(sentence_index: SentenceIndex) -> None:
    item = only_sentence(sentence_index, "Atelier", "Le toit de l'atelier a cédé.", "fr", "What happened?")
    claim = pointer(item, "What happened?", "en", sentence_index)
    assert claim is not None
    assert claim.text.endswith("could not be told in English reliably.")
    assert claim.figures == ()


@pytest.mark.parametrize(
    ("question", "shown"), [("How much did it cost?", False), ("When did the roof give way?", True)]
)
def test_a_sentence_without_the_kind_of_figure_that_was_asked_is_not_shown(
    sentence_index: SentenceIndex, question: str, shown: bool
) -> None:
    item = only_sentence(sentence_index, "Atelier", "Le toit de l'atelier a cédé le 5 juin 2024.", "fr", question)
    assert (pointer(item, question, "en", sentence_index) is not None) is shown


def test_the_number_in_a_name_is_no_value(sentence_index: SentenceIndex) -> None:
    said = "Au quai 2, la grue a repris le 5 juin 2024 après 31 500 heures."
    item = only_sentence(sentence_index, "Port", said, "fr", "What happened?")
    claim = pointer(item, "What happened?", "en", sentence_index)
    assert claim is not None
    assert claim.text.endswith("Values in it: 5 June 2024; 31,500 hours.")
