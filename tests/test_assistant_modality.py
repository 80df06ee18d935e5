"""What is only planned is not done."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.modality import asks_for_the_first_plan, said_as_done, since_replaced
from assistant.negation import clauses_of
from index.build import default_documents
from index.sentences import sentence_spans

PLANNED = [
    ("en", "The second hall opened in 2024.", "en", "The opening of the second hall was planned for 2024."),
    ("en", "SoftBank invested ¥150 billion.", "en", "SoftBank plans to invest ¥150 billion."),
    ("en", "The tram entered service in 2027.", "en", "The tram is expected to enter service in 2027."),
    ("fr", "Le site de Sakai a ouvert en 2026.", "fr", "Le site de Sakai doit ouvrir en 2026."),
    ("fr", "Le barrage de Corvanne a été achevé en 2026.", "fr", "Le barrage de Corvanne doit être achevé en 2026."),
    ("fr", "SoftBank a investi 150 milliards de yens.", "en", "SoftBank plans to invest ¥150 billion."),
    ("ja", "2026年に堺の拠点が稼働した。", "ja", "堺の拠点は2026年に稼働する予定である。"),
    ("en", "FugakuNEXT entered operation in 2030.", "ja", "FugakuNEXTは2030年の稼働を予定する。"),
]
DONE = [
    ("en", "The hall was completed in 2024.", "en", "The hall, completed in December 2024, holds GPUs."),
    ("en", "SoftBank planned to invest ¥150 billion.", "en", "SoftBank plans to invest ¥150 billion."),
    ("en", "SoftBank invests ¥150 billion.", "en", "SoftBank plans to invest ¥150 billion."),
    ("en", "The plan was approved in 2024.", "en", "The plan was approved in 2024."),
    ("en", "The tram opened in 2021.", "en", "The tram opened in 2021. A ferry is planned for 2027."),
    ("fr", "Le site de Sakai a ouvert en 2026.", "fr", "Le site de Sakai est entré en service en 2026."),
    ("fr", "Le site doit ouvrir en 2026.", "fr", "L'ouverture du site est prévue en 2026."),
    ("ja", "2026年に堺の拠点が稼働した。", "ja", "堺の拠点は2026年に稼働を始めた。"),
    ("ja", "SoftBankは1,500億円を投資した。", "en", "SoftBank has invested ¥150 billion."),
]


@pytest.mark.parametrize(
    ("language", "sentence", "following", "expected"),
    [
        ("en", "The pier was originally due in March 2026.", "It is now expected in October.", True),
        ("en", "The pier was originally due in March 2026.", "It has two decks.", False),
        ("en", "The pier, originally due in March, is now due in May.", "It was revised.", False),
        ("fr", "Le quai devait initialement coûter 2 millions d’euros.", "Le budget a été porté à 3 millions.", True),
        ("ja", "桟橋は当初2026年3月の完成とされた。", "その後、10月に延期された。", True),
        ("ja", "桟橋は2026年3月に完成する。", "費用は変更された。", False),
    ],
)
def test_a_first_plan_that_was_replaced(language: str, sentence: str, following: str, expected: bool) -> None:
    assert since_replaced(sentence, following, language) is expected


@pytest.mark.parametrize(
    ("language", "question", "expected"),
    [
        ("en", "When was the pier originally planned to open?", True),
        ("en", "When does the pier open?", False),
        ("fr", "Quel coût était prévu ?", True),
        ("ja", "当初の予算はいくらですか", True),
        ("ja", "桟橋の費用はいくらですか", False),
    ],
)
def test_questions_for_the_first_plan(language: str, question: str, expected: bool) -> None:
    assert asks_for_the_first_plan(question, language) is expected


@pytest.mark.parametrize(("language", "claim", "quote_language", "quote"), PLANNED)
def test_a_plan_told_as_a_fact_is_found(language: str, claim: str, quote_language: str, quote: str) -> None:
    assert said_as_done(claim, language, quote, quote_language) != ""


@pytest.mark.parametrize(("language", "claim", "quote_language", "quote"), DONE)
def test_a_fact_and_a_plan_told_as_a_plan_are_left_alone(
    language: str, claim: str, quote_language: str, quote: str
) -> None:
    assert said_as_done(claim, language, quote, quote_language) == ""


def test_no_sentence_of_the_documents_is_held_against_itself_or_its_clauses() -> None:
    wrong = []
    for path in sorted(default_documents().glob("*/*.md")):
        text, language = path.read_text(encoding="utf-8").split("---", 2)[2], path.parent.name
        for start, end in sentence_spans(text):
            sentence = text[start:end]
            parts = [sentence, *(clause.text for clause in clauses_of(sentence, language))]
            wrong += [part for part in parts if said_as_done(part, language, sentence, language)]
    assert wrong == []


@given(text=st.text(max_size=60), language=st.sampled_from(["fr", "en", "ja", "und"]))
def test_any_text_is_read(text: str, language: str) -> None:
    assert said_as_done(text, language, text, language) == ""
