"""Steps 5 and 10: silence before the model runs, and silence because the answer lacks what was asked."""

from dataclasses import replace

import numpy as np
import pytest

from assistant.abstention import after_verification, before_generation, stated_absence
from assistant.quoting import ScoredSentence, Sentence
from assistant.records import Claim
from assistant.subject import off_subject
from index.records import RetrievedPassage
from index.retriever import Retriever

Hits = dict[str, RetrievedPassage]


def before(question: str, language: str, hits: list[RetrievedPassage], dense: float = 0.8, share: float = 0.5) -> str:
    return before_generation(question, language, hits, least_dense_score=dense, least_lexical_share=share)


def about(hit: RetrievedPassage, text: str) -> RetrievedPassage:
    return replace(hit, passage=replace(hit.passage, text=text, title="A report", section=""))


@pytest.mark.parametrize(
    ("question", "language"),
    [
        ("How do I bake a chocolate cake?", "en"),
        ("Quelle est la capitale du Pérou ?", "fr"),
        ("明日の天気はどうですか。", "ja"),
    ],
)
def test_a_question_about_something_else_stops_before_the_model(
    island: Retriever, question: str, language: str
) -> None:
    assert before(question, language, island.search(question, 8, language=language)) == "nothing relevant"


@pytest.mark.parametrize(
    ("question", "language"),
    [
        ("How much did the Corvanne dam cost?", "en"),
        ("Combien a coûté le barrage de Corvanne ?", "fr"),
        ("青浜フェリーの定員は何人ですか。", "ja"),
    ],
)
def test_a_question_that_the_documents_answer_goes_on(island: Retriever, question: str, language: str) -> None:
    assert before(question, language, island.search(question, 8, language=language)) == ""


def test_nothing_found_stops() -> None:
    assert before("How much?", "en", []) == "nothing relevant"


def test_words_alone_are_enough_and_so_is_meaning_alone(island_hits: Hits) -> None:
    hit = island_hits["en/tram.md"]
    question = "How many stops has the Brenmoor tram line?"
    assert before(question, "en", [replace(hit, dense_score=0.1)]) == ""
    assert before("Streetcar?", "en", [replace(hit, dense_score=0.9)]) == ""
    assert before("Streetcar?", "en", [replace(hit, dense_score=0.1)]) == "nothing relevant"
    assert before("Streetcar?", "en", [replace(hit, dense_score=None)]) == "nothing relevant"


@pytest.mark.parametrize(
    ("question", "language"),
    [
        ("How much did SoftBank pay for the Brenmoor tram?", "en"),
        ("Combien SoftBank a-t-il payé pour le tram de Brenmoor ?", "fr"),
        ("ソフトバンクはトラムにいくら払いましたか。", "ja"),
        ("How many H100 does the Brenmoor tram have?", "en"),
        ("Combien de GB200 le tram de Brenmoor compte-t-il ?", "fr"),
    ],
)
def test_a_company_or_product_that_no_passage_names_stops(island_hits: Hits, question: str, language: str) -> None:
    assert before(question, language, list(island_hits.values())) == "not in the documents"


def test_a_company_named_in_another_script_goes_on(island_hits: Hits) -> None:
    hit = about(island_hits["ja/ferry.md"], "ソフトバンクは1,500億円を投資する。")
    assert before("How much does SoftBank invest?", "en", [hit]) == ""


@pytest.mark.parametrize(
    ("question", "text", "on_subject"),
    [
        ("How much did KDDI receive?", "SoftBank received ¥42.1 billion.", False),
        ("How much did KDDI receive?", "KDDIは102億円を受けた。", True),
        ("How many H200 were bought?", "The company bought 2,000 H100.", False),
        ("How many H200 were bought?", "The company bought 2,000 H200.", True),
        ("What was spent in 2031?", "In 2024 it spent ¥1 billion.", False),
        ("What was spent in 2024?", "In 2024 it spent ¥1 billion.", True),
        ("What was spent?", "In 2024 it spent ¥1 billion.", True),
    ],
)
def test_passages_about_another_subject(island_hits: Hits, question: str, text: str, on_subject: bool) -> None:
    reason = off_subject(question, "en", [about(island_hits["fr/barrage.md"], text).passage])
    assert (reason == "") == on_subject


@pytest.mark.parametrize(
    ("language", "question", "text", "answers"),
    [
        ("en", "How many stops has the tram?", "The tram has 18 stops.", True),
        ("en", "How many stops has the tram?", "The tram has stops in the north.", False),
        ("en", "How much did it cost?", "The council paid for its construction.", False),
        ("en", "How much did it cost?", "It cost £86 million.", True),
        ("en", "When did the tram open?", "The tram opened on 12 March 2021.", True),
        ("en", "When did the tram open?", "The tram was opened by the council.", False),
        ("en", "Who restored the reading room?", "Larkspur Joinery restored it.", True),
        ("fr", "Combien le barrage a-t-il coûté ?", "Le barrage a coûté 310 millions d'euros.", True),
        ("fr", "Combien le barrage a-t-il coûté ?", "Le barrage retient la rivière Ysole.", False),
        ("fr", "Quand la centrale a-t-elle ouvert ?", "Elle a ouvert le 4 juin 2019.", True),
        ("fr", "Quand la centrale a-t-elle ouvert ?", "Elle alimente des foyers.", False),
        ("ja", "建造費はいくらですか。", "建造費は48億円である。", True),
        ("ja", "建造費はいくらですか。", "船は港を結ぶ。", False),
        ("ja", "定員は何人ですか。", "定員は320人である。", True),
        ("ja", "いつ運航を始めましたか。", "2022年4月に運航を始めた。", True),
        ("ja", "いつ運航を始めましたか。", "青浜港と月島港を結ぶ。", False),
    ],
)
def test_an_answer_must_hold_what_was_asked(language: str, question: str, text: str, answers: bool) -> None:
    reason = after_verification(question, language, [Claim(text, "supported")])
    assert reason == ("" if answers else "not in the documents")


def test_a_figure_of_the_question_is_no_answer() -> None:
    claims = [Claim("The 18 stops are served every day.", "supported")]
    assert after_verification("How many passengers use the 18 stops?", "en", claims) == "not in the documents"


def test_any_claim_may_hold_what_was_asked() -> None:
    claims = [Claim("The tram runs in Brenmoor.", "supported"), Claim("It has 18 stops.", "supported")]
    assert after_verification("How many stops are there?", "en", claims) == ""


def scored(hit: RetrievedPassage, text: str, score: float, language: str = "en") -> ScoredSentence:
    sentence = Sentence(text, 0, len(text), language, np.zeros(4, np.float32))
    return ScoredSentence(about(hit, text), sentence, score)


GIVEN = "The works on the reading room cost £3.1 million."
UNKNOWN = "The number of people who did the works on the reading room is not known."


@pytest.mark.parametrize(
    ("question", "sentences", "expected"),
    [
        ("How many people did the works on the reading room?", [(GIVEN, 0.9), (UNKNOWN, 0.85)], UNKNOWN),
        ("How many people did the works on the reading room?", [(GIVEN, 0.9)], None),
        ("How many people did the works on the reading room?", [(GIVEN, 0.9), (UNKNOWN, 0.75)], None),
        ("When does the ferry leave?", [(GIVEN, 0.9), (UNKNOWN, 0.85)], None),
        ("Why did KDDI and GMO open it?", [("What KDDI and GMO paid is not known.", 0.9)], None),
        ("What did it cost?", [("The cost of £3.1 million was not confirmed by the works council.", 0.9)], None),
    ],
    ids=[
        "said to be unknown",
        "not said",
        "not close",
        "about something else",
        "same names",
        "the figure is there after all",
    ],
)
def test_a_sentence_that_says_that_the_answer_is_unknown(
    island_hits: Hits, question: str, sentences: list[tuple[str, float]], expected: str | None
) -> None:
    ranked = [scored(island_hits["en/library.md"], text, score) for text, score in sentences]
    found = stated_absence(question, "en", ranked)
    assert (found.sentence.text if found else None) == expected
