"""Which of several figures of one sentence was asked."""

import pytest

from assistant.asked import what_is_asked
from assistant.figures import find_figures
from assistant.quoting import SentenceIndex
from assistant.which_part import alone, figures_asked, likeliest_figure, own_words
from tests.scripted_generator import ScriptedGenerator
from tests.test_assistant_copying import only_sentence


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        (
            "We asked for £44 million for 2026-27 and were given £31 million.",
            "en",
            ["We asked for £44 million for 2026-27", "were given £31 million."],
        ),
        ("平均の待ち時間は11分から3分になった。", "ja", ["平均の待ち時間は11分", "3分になった"]),
        (
            "Cluster: Osprey | Installed: 4,608 GPUs | In service: 3,840 GPUs | Power: none",
            "en",
            ["Cluster: Osprey | Installed: 4,608 GPUs", "Cluster: Osprey | In service: 3,840 GPUs"],
        ),
        (
            "Le rendement plafonne à 58 % sur le nouveau format, alors qu'il avoisine 74 % sur l'ancien.",
            "fr",
            ["Le rendement plafonne à 58 % sur le nouveau format", "alors qu'il avoisine 74 % sur l'ancien."],
        ),
    ],
)
def test_each_figure_has_words_of_its_own(text: str, language: str, expected: list[str]) -> None:
    figures = [one for one in find_figures(text, language) if not one.is_date]
    assert [own_words(text, one, figures) for one in figures] == expected


def test_the_other_figures_are_left_out() -> None:
    text = "5 tonnes in May, 7 tonnes in June and 5 tonnes in July"
    figures = [one for one in find_figures(text, "en") if one.kind == "measure"]
    assert alone(text, figures[0], figures) == "5 tonnes in May, … in June and 5 tonnes in July"


@pytest.mark.parametrize(
    ("question", "text", "expected"),
    [
        ("When did it open?", "Il a ouvert le 3 mai 2024, pour neuf mois.", ["3 mai 2024"]),
        ("How long was it open?", "Il a ouvert le 3 mai 2024, pour neuf mois.", ["neuf mois"]),
        ("When did it open on 3 May 2024?", "Il a ouvert le 3 mai 2024, pour neuf mois.", ["neuf mois"]),
        ("How much did it cost?", "Il a coûté 5 millions d'euros, soit 5 millions d'euros de trop.", ["5 millions"]),
        ("How many stops are left?", "Il y avait neuf arrêts ; il en reste sept.", ["neuf", "sept"]),
        ("How much power does it use?", "Il n'utilise que 19 des 48 mégawatts du site.", ["19", "48 mégawatts"]),
    ],
)
def test_figures_of_the_kind_that_was_asked(question: str, text: str, expected: list[str]) -> None:
    figures = figures_asked(text, "fr", what_is_asked(question, "en"), question, "en")
    assert len(figures) == len(expected)
    assert all(one.text.startswith(start) for one, start in zip(figures, expected, strict=True))


@pytest.mark.parametrize(
    ("question", "text", "expected"),
    [
        ("Quel budget a été accordé ?", "The budget was raised from £44 million to £48 million.", "£48 million"),
        ("Quel était le budget avant ?", "The budget was raised from £44 million to £48 million.", None),
        ("Quel budget a été accordé ?", "The budget, originally £44 million, is now £48 million.", "£48 million"),
        ("Quel budget a été accordé ?", "The budget was £44 million in Leeds, £48 million in York.", None),
    ],
)
def test_a_value_that_another_has_replaced_is_not_the_answer(
    sentence_index: SentenceIndex, question: str, text: str, expected: str | None
) -> None:
    item = only_sentence(sentence_index, "Budget", text, "en", question)
    figures = [one for one in find_figures(text, "en") if one.kind == "amount"]
    found = likeliest_figure(item, figures, question, "fr", ScriptedGenerator([], margin_of=lambda _: 1.0))
    assert (found.text if found else None) == expected


def test_without_a_model_that_tells_none_is_chosen(sentence_index: SentenceIndex) -> None:
    text = "It cost £5 million in Leeds and £7 million in York."
    item = only_sentence(sentence_index, "Cost", text, "en", "Combien ?")
    figures = [one for one in find_figures(text, "en") if one.kind == "amount"]
    assert likeliest_figure(item, figures, "Combien ?", "fr", ScriptedGenerator([])) is None
