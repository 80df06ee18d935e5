"""From a sentence in another language the one figure, date or name that was asked is copied."""

import pytest

from assistant.copying import copied_from_another_language
from assistant.quoting import ScoredSentence, SentenceIndex
from index.records import Passage, RetrievedPassage
from tests.scripted_generator import ScriptedGenerator
from tests.test_assistant_choosing import words


def only_sentence(
    sentence_index: SentenceIndex, title: str, text: str, written_in: str, question: str
) -> ScoredSentence:
    """The one sentence or row of a document, as it is found for a question."""
    hit = RetrievedPassage(Passage("d#1", "d", title, "", text, 0, len(text), written_in), 0.9, 1.0, 1.0)
    [item] = sentence_index.ranked(question, "fr", [hit])
    return item


@pytest.mark.parametrize(
    ("question", "copied", "text"),
    [
        ("Combien l'Union européenne a-t-elle payé ?", "", "714 millions d'euros"),
        ("Qui a payé ?", "Funder: EU; Amount: 714 millions d'euros", None),
    ],
)
def test_of_a_row_of_a_table_only_the_cell_that_was_asked_is_the_answer(
    sentence_index: SentenceIndex, question: str, copied: str, text: str | None
) -> None:
    table = "# Costs\n\n| Funder | Amount | Year |\n|---|---|---|\n| EU | €714 million | 2024 |\n"
    item = only_sentence(sentence_index, "Costs", table, "en", question)
    claim = copied_from_another_language(item, question, "fr", ScriptedGenerator([words(copied)]))
    assert (claim.text if claim else None) == (f"La réponse est : {text}." if text else None)


def test_a_list_is_not_copied_as_one_name(
    sentence_index: SentenceIndex, island_hits: dict[str, RetrievedPassage]
) -> None:
    question = "Citez les entreprises qui ont restauré la bibliothèque."
    item = sentence_index.ranked(question, "fr", [island_hits["en/library.md"]])[0]
    generator = ScriptedGenerator([words("Larkspur Joinery")])
    assert copied_from_another_language(item, question, "fr", generator) is None
    assert generator.requests == []


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("Combien de logements seront raccordés ?", "La réponse est : 6 840."),
        ("Quel est le budget ?", "La réponse est : 203 millions de livres sterling."),
    ],
)
def test_a_figure_is_copied_without_the_model(sentence_index: SentenceIndex, question: str, text: str) -> None:
    said = "It began in May 2024, is to end in June 2027 and to cost £203 million, for the 6,840 homes concerned."
    item = only_sentence(sentence_index, "Cable", said, "en", question)
    generator = ScriptedGenerator([])
    claim = copied_from_another_language(item, question, "fr", generator)
    assert claim is not None
    assert claim.text == text
    assert generator.requests == []


@pytest.mark.parametrize(
    ("copied", "text"),
    [
        ("大浦恵子さん", "La réponse est : 大浦恵子 (tel qu’écrit dans le document en japonais)."),
        ("大浦恵子さん（64）", "La réponse est : 大浦恵子 (tel qu’écrit dans le document en japonais)."),
        ("務めるのは、大浦恵子さん（64）", "La réponse est : 大浦恵子 (tel qu’écrit dans le document en japonais)."),
        ("理事長を務めるのは", None),
        ("つむぎ機構", None),
    ],
)
def test_a_name_in_kanji_is_shown_as_it_is_written(
    sentence_index: SentenceIndex, copied: str, text: str | None
) -> None:
    said = "つむぎ機構の理事長を務めるのは、大浦恵子さん（64）である。"
    question = "Qui préside l'organisme ?"
    item = only_sentence(sentence_index, "機構", said, "ja", question)
    claim = copied_from_another_language(item, question, "fr", ScriptedGenerator([words(copied)]))
    assert (claim.text if claim else None) == text


@pytest.mark.parametrize(
    ("question", "copied", "text"),
    [
        ("Qui a fondé Larkspur Joinery ?", "Larkspur Joinery Limited", None),
        ("Qui a fondé Larkspur Joinery ?", "Lind", "La réponse est : Lind."),
        ("Que change l'atelier de Larkspur Joinery ?", "£4.6 million", None),
    ],
)
def test_neither_a_name_of_the_question_nor_a_sum_that_nobody_asked_for_is_an_answer(
    sentence_index: SentenceIndex, question: str, copied: str, text: str | None
) -> None:
    said = "Lind founded Larkspur Joinery Limited for £4.6 million."
    item = only_sentence(sentence_index, "Larkspur Joinery", said, "en", question)
    claim = copied_from_another_language(item, question, "fr", ScriptedGenerator([words(copied)]))
    assert (claim.text if claim else None) == text


@pytest.mark.parametrize(
    ("question", "language", "copied"),
    [
        ("Combien de nœuds et de GPU compte la machine ?", "fr", False),
        ("Combien de nœuds compte la machine ?", "fr", True),
        ("機械は何ノードと何GPUからなりますか。", "ja", False),
    ],
)
def test_of_two_things_that_are_asked_none_is_copied_alone(
    sentence_index: SentenceIndex, question: str, language: str, copied: bool
) -> None:
    said = "The machine has 1,088 nodes and 4,352 GPUs."
    item = only_sentence(sentence_index, "The machine", said, "en", question)
    claim = copied_from_another_language(item, question, language, ScriptedGenerator([words("")]))
    assert (claim is not None) is copied


@pytest.mark.parametrize(
    ("question", "liked", "text"),
    [
        ("Quelle était l'erreur à la fin ?", "in the end", "La réponse est : 9 %."),
        ("Quelle était l'erreur au début ?", "At first", "La réponse est : 23 %."),
        (
            "Quelle était l'erreur ?",
            "error",  # stands in the words of the one and beside both alone
            "La source donne plusieurs valeurs, et celle qui répond n’est pas certaine : 23 % ; 9 %.",
        ),
    ],
)
def test_of_figures_set_side_by_side_the_likeliest_is_shown_or_all(
    sentence_index: SentenceIndex, question: str, liked: str, text: str
) -> None:
    said = "At first the error was 23%, which nobody liked; in the end the error had fallen to 9%."
    item = only_sentence(sentence_index, "Forecasts", said, "en", question)
    generator = ScriptedGenerator([], margin_of=lambda read: 2.0 if liked in read else -2.0)
    claim = copied_from_another_language(item, f"{question} Quel taux ?", "fr", generator)
    assert claim is not None
    assert claim.text.replace("\u00a0", " ").replace("\u202f", " ") == text
    assert claim.citations[0].quote == said
    assert {figure.verdict for figure in claim.figures} == {"exact"}


def test_each_item_of_a_list_is_judged_after_what_announces_it(sentence_index: SentenceIndex) -> None:
    said = "The hours of the machine were used as follows: schools: 58%; weather: 22%; companies: 4%."
    question = "Quelle part des heures va aux entreprises ?"
    item = only_sentence(sentence_index, "Hours", said, "en", question)
    judged: list[str] = []

    def margin_of(read: str) -> float:
        judged.append(read)
        return 2.0 if "companies: 4" in read else -2.0

    claim = copied_from_another_language(item, question, "fr", ScriptedGenerator([], margin_of=margin_of))
    assert claim is not None
    assert [figure.value for figure in claim.figures] == ["4"]
    assert len(judged) == 6
    assert all("used as follows" in read for read in judged)


def test_neither_is_a_name_that_the_question_writes_in_another_script(sentence_index: SentenceIndex) -> None:
    said = "Lind took over from Joanne Tsai."
    question = "ジョアン・ツァイの後任は誰ですか。"
    item = only_sentence(sentence_index, "Institute", said, "en", question)
    for copied, shown in (("Lind", True), ("Joanne Tsai", False)):
        claim = copied_from_another_language(item, question, "ja", ScriptedGenerator([words(copied)]))
        assert (claim is not None) is shown


def test_nothing_is_copied_where_no_figure_date_or_name_is_asked(sentence_index: SentenceIndex) -> None:
    said = "Two people must confirm each valve, said Ada Lind on 12 May."
    question = "再発防止策は何ですか。"
    item = only_sentence(sentence_index, "Valves", said, "en", question)
    generator = ScriptedGenerator([words("Ada Lind")])
    assert copied_from_another_language(item, question, "ja", generator) is None
    assert generator.requests == []


@pytest.mark.parametrize(
    ("copied", "text"), [("Lind", "La réponse est : Lind."), ("Port Ellen", None), ("Tarbet", None)]
)
def test_a_place_is_not_copied_where_a_person_is_asked(
    sentence_index: SentenceIndex, copied: str, text: str | None
) -> None:
    said = "Lind runs the cluster in Port Ellen and another at Tarbet."
    question = "Qui dirige la grappe ?"
    item = only_sentence(sentence_index, "Cluster", said, "en", question)
    claim = copied_from_another_language(item, question, "fr", ScriptedGenerator([words(copied)]))
    assert (claim.text if claim else None) == text


@pytest.mark.parametrize(
    ("question", "liked", "text"),
    [
        ("Qui dirige la recherche ?", "research", "La réponse est : Bo Dahl."),
        ("Qui dirige le groupe ?", "the group", "La réponse est : Ada Lind."),
        ("Qui dirige l'usine ?", "nothing", None),
    ],
)
def test_of_several_full_names_the_likeliest_is_shown_or_none(
    sentence_index: SentenceIndex, question: str, liked: str, text: str | None
) -> None:
    said = "Ada Lind runs the group in Tarbet, and Bo Dahl its research."
    item = only_sentence(sentence_index, "Group", said, "en", question)
    generator = ScriptedGenerator([], margin_of=lambda read: 3.0 if liked in read and "…" not in read else 0.5)
    claim = copied_from_another_language(item, question, "fr", generator)
    assert (claim.text if claim else None) == text
    assert generator.requests == []


def test_the_one_new_full_name_needs_no_model(sentence_index: SentenceIndex) -> None:
    said = "It was five months before Ada Lind took over from Haddow Rooms."
    item = only_sentence(sentence_index, "Rooms", said, "en", "Qui a succédé à Haddow Rooms ?")
    claim = copied_from_another_language(item, "Qui a succédé à Haddow Rooms ?", "fr", ScriptedGenerator([]))
    assert claim is not None
    assert claim.text == "La réponse est : Ada Lind."


def test_marks_of_markdown_do_not_shift_what_is_judged(sentence_index: SentenceIndex) -> None:
    said = "The **old** and the **new** budget were £44 million in Leeds, £48 million in York."
    item = only_sentence(sentence_index, "Budgets", said, "en", "Quel budget ?")
    judged: list[str] = []

    def margin_of(read: str) -> float:
        judged.append(read.replace("\u00a0", " "))
        return 3.0 if "York" in read and "…" not in read else 0.0

    claim = copied_from_another_language(item, "Quel budget ?", "fr", ScriptedGenerator([], margin_of=margin_of))
    assert claim is not None
    assert claim.text == "La réponse est : 48 millions de livres sterling."
    assert any("were 44 millions de livres sterling in Leeds, … in York." in read for read in judged)
