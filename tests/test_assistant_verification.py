"""Step 9: what a claim must have to be shown, and the reason recorded when it is not."""

from dataclasses import replace

import pytest

from assistant.citation import Draft
from assistant.context import Context
from assistant.quoting import SentenceIndex
from assistant.records import Claim, Removed
from assistant.verification import Verifier
from index.records import RetrievedPassage
from index.retriever import Retriever

Hits = dict[str, RetrievedPassage]
QUESTION = {
    "fr": "Que sait-on de cette île ?",
    "en": "What is known of the island?",
    "ja": "島について何が分かりますか。",
}
CODES = {
    "K3": "en/tram.md",
    "M7": "en/library.md",
    "P2": "fr/barrage.md",
    "R9": "fr/musee.md",
    "V4": "ja/ferry.md",
    "W6": "ja/forest.md",
}


@pytest.fixture
def verify(sentence_index: SentenceIndex, island_hits: Hits) -> "Verify":
    return Verify(sentence_index, island_hits)


class Verify:
    """Checks drafts in one answer, over six passages."""

    def __init__(self, sentences: SentenceIndex, hits: Hits) -> None:
        self._sentences = sentences
        self._context = Context({code: hits[name] for code, name in CODES.items()}, "", ())

    def verifier(self, language: str, question: str = "", least_cosine: float = 0.7) -> Verifier:
        return Verifier(question or QUESTION[language], language, self._context, self._sentences, least_cosine)

    def kept(self, language: str, text: str, *codes: str, question: str = "") -> Claim:
        checked = self.verifier(language, question).check(Draft(text, codes))
        assert checked.removed is None, checked.removed
        assert checked.claim is not None
        return checked.claim

    def removed(self, language: str, text: str, *codes: str, question: str = "") -> Removed:
        checked = self.verifier(language, question).check(Draft(text, codes))
        assert checked.claim is None, checked.claim
        assert checked.removed is not None
        assert checked.removed.text == text
        return checked.removed


SUPPORTED = [
    ("en", "The tram line is 14.2 kilometres long and has 18 stops.", "K3"),
    ("en", "The council paid £86 million for the construction of the tram.", "K3"),
    ("en", "The Corvanne dam cost €310 million.", "P2"),
    ("en", "The construction of the ferry cost ¥4.8 billion.", "V4"),
    ("fr", "Le barrage de Corvanne a coûté 310 millions d'euros.", "P2"),
    ("fr", "La ligne de tram de Brenmoor compte 18 arrêts.", "K3"),
    ("fr", "La construction du ferry a coûté 4,8 milliards de yens.", "V4"),
    ("ja", "青浜フェリーの定員は320人である。", "V4"),
    ("ja", "ダムの建設費は3億1,000万ユーロである。", "P2"),
    ("ja", "図書館は24万冊の本を所蔵している。", "M7"),
    ("en", "The reading room was restored by Larkspur Joinery.", "M7"),
]


@pytest.mark.parametrize(("language", "text", "code"), SUPPORTED)
def test_a_claim_that_its_passage_bears_out_is_kept(
    verify: Verify, island: Retriever, language: str, text: str, code: str
) -> None:
    claim = verify.kept(language, text, code)
    assert (claim.text, claim.support) == (text, "supported")
    citation = claim.citations[0]
    assert citation.document_id == CODES[code]
    assert citation.quote
    assert island.document(citation.document_id).text[citation.start : citation.end] == citation.quote
    assert all(figure.verdict in ("exact", "rounds to", "derived") for figure in claim.figures)


WRONG_FIGURES = [
    ("en", "The tram line has 19 stops.", "K3", "wrong count"),
    ("en", "The tram line opened on 13 March 2021.", "K3", "wrong day"),
    ("en", "The construction of the tram cost $86 million.", "K3", "currency"),
    ("en", "The construction of the tram cost £86 billion.", "K3", "scale"),
    ("en", "The Corvanne dam cost £310 million.", "P2", "currency across languages"),
    ("en", "The ferry cost ¥48 billion to build.", "V4", "oku taken for billion"),
    ("fr", "Le barrage de Corvanne a coûté 310 milliards d'euros.", "P2", "scale"),
    ("fr", "Le musée du Sel a accueilli 128 000 visiteurs en 2021.", "R9", "wrong year"),
    ("fr", "Le ferry a coûté 48 milliards de yens.", "V4", "oku taken for milliard"),
    ("ja", "青浜フェリーの定員は230人である。", "V4", "swapped digits"),
    ("ja", "船の建造費は480億円である。", "V4", "scale"),
    ("ja", "ダムの建設費は310億ユーロである。", "P2", "scale across languages"),
]


@pytest.mark.parametrize(
    ("language", "text", "code"), [case[:3] for case in WRONG_FIGURES], ids=[f"{c[0]} {c[3]}" for c in WRONG_FIGURES]
)
def test_a_wrong_figure_is_dropped_and_named(verify: Verify, language: str, text: str, code: str) -> None:
    assert verify.removed(language, text, code).reason.startswith("figure not in the source: ")


def test_a_figure_of_another_passage_does_not_help(verify: Verify) -> None:
    assert "£3.1 million" in verify.removed("en", "The construction of the tram cost £3.1 million.", "K3").reason


@pytest.mark.parametrize(
    ("language", "text", "code", "name"),
    [
        ("en", "The reading room was restored by Foxglove Carpentry.", "M7", "Foxglove Carpentry"),
        ("en", "The council of Brenmoor and SoftBank paid £86 million.", "K3", "SoftBank"),
        ("fr", "Le barrage retient la rivière Almande, selon le syndicat.", "P2", "Almande"),
        ("ja", "ソフトバンクは48億円で船を建造した。", "V4", "SoftBank"),
    ],
)
def test_a_name_that_is_not_in_the_source_is_dropped_and_named(
    verify: Verify, language: str, text: str, code: str, name: str
) -> None:
    reason = verify.removed(language, text, code).reason
    assert reason.startswith("name not in the source: ")
    assert name in reason


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("fr", "The tram line has 18 stops and was paid for by the council."),
        ("ja", "The tram line has 18 stops and was paid for by the council."),
        ("en", "La ligne de tram compte 18 arrêts et a été payée par le comté."),
        ("en", "この路線には18の停留所がある。"),
    ],
)
def test_a_claim_in_another_language_is_dropped(verify: Verify, language: str, text: str) -> None:
    assert verify.removed(language, text, "K3").reason == "wrong language"


@pytest.mark.parametrize(
    ("language", "question", "text", "code"),
    [
        ("en", "How much did the construction of the tram cost?", "The tram construction cost much.", "K3"),
        ("en", "How many stops has the Brenmoor tram line?", "The Brenmoor tram line has many stops.", "K3"),
        ("fr", "Combien a coûté le barrage de Corvanne ?", "Le barrage de Corvanne a coûté.", "P2"),
        ("ja", "青浜フェリーの建造費はいくらですか。", "青浜フェリーの建造費です。", "V4"),
    ],
)
def test_a_claim_that_only_repeats_the_question_is_dropped(
    verify: Verify, language: str, question: str, text: str, code: str
) -> None:
    assert verify.removed(language, text, code, question=question).reason == "repeats the question"


def test_a_name_is_the_same_in_every_language(verify: Verify) -> None:
    claim = verify.kept("ja", "Larkspur Joinery", "M7", question="閲覧室を修復したのは誰ですか")
    assert claim.text == "資料によると、答えはLarkspur Joineryです。"


def test_a_name_of_the_question_may_stand_in_another_passage_of_the_document(verify: Verify, island_hits: Hits) -> None:
    question, text = "Who restored the Ysole Room?", "The Ysole Room was restored by Larkspur Joinery."
    assert "Ysole" in verify.removed("en", text, "M7", question=question).reason
    other = island_hits["en/library.md"]
    named = replace(other.passage, passage_id="other", text="The reading room is called the Ysole Room.")
    verify._context = Context({**verify._context.by_code, "X5": replace(other, passage=named)}, "", ())
    assert "Larkspur Joinery" in verify.kept("en", text, "M7", question=question).text


@pytest.mark.parametrize(
    ("question", "text", "reason"),
    [
        ("Is the ferry new?", "Yes, the ferry is new.", "yes or no from another language"),
        ("What did the ferry cost?", "船の建造費は48億円である。", "wrong language"),
    ],
)
def test_what_the_model_could_not_say_is_left_to_a_translation(
    verify: Verify, question: str, text: str, reason: str
) -> None:
    verifier = verify.verifier("en", question)
    outcome = verifier.check(Draft(text, ("V4",)))
    assert outcome.removed is not None
    assert outcome.removed.reason == reason
    assert list(verifier.to_translate) == ["V4"]


def test_a_claim_far_from_its_quote_is_dropped(verify: Verify) -> None:
    far = verify.verifier("en", least_cosine=0.999).check(Draft("Rowing boats are painted blue in winter.", ("K3",)))
    assert far.removed is not None
    assert far.removed.reason == "not close to what it cites"


def test_a_claim_without_a_code_is_tried_against_every_passage(verify: Verify) -> None:
    claim = verify.kept("en", "The reading room was restored by Larkspur Joinery.")
    assert [citation.document_id for citation in claim.citations] == ["en/library.md"]


def test_a_claim_without_a_code_that_nothing_bears_out_is_dropped(verify: Verify) -> None:
    assert verify.removed("en", "The lamp weighs 77 tonnes.").reason == "no citation"


def test_a_claim_of_two_passages_cites_both(verify: Verify) -> None:
    text = "The tram cost £86 million and the restoration of the library £3.1 million."
    claim = verify.kept("en", text, "K3", "M7")
    assert [citation.document_id for citation in claim.citations] == ["en/tram.md", "en/library.md"]
    assert {figure.value for figure in claim.figures} == {"86000000", "3100000"}
    assert {figure.unit for figure in claim.figures} == {"GBP"}


def test_citations_are_numbered_as_they_appear_and_one_quote_has_one_number(verify: Verify) -> None:
    verifier = verify.verifier("en")
    drafts = [
        Draft("The tram line has 18 stops.", ("K3",)),
        Draft("The Corvanne dam cost €310 million.", ("P2",)),
        Draft("The tram line is 14.2 kilometres long.", ("K3",)),
        Draft("The council paid £86 million.", ("K3",)),
    ]
    claims = [verifier.check(draft).claim for draft in drafts]
    assert [claim.citations[0].number for claim in claims if claim] == [1, 2, 1, 3]


def test_a_dropped_claim_takes_no_number(verify: Verify) -> None:
    verifier = verify.verifier("en")
    verifier.check(Draft("The tram line has 19 stops.", ("K3",)))
    kept = verifier.check(Draft("The Corvanne dam cost €310 million.", ("P2",))).claim
    assert kept is not None
    assert kept.citations[0].number == 1


def test_the_figures_of_a_claim_are_listed_with_value_unit_and_verdict(verify: Verify) -> None:
    figure = verify.kept("en", "The construction of the ferry cost ¥4.8 billion.", "V4").figures[0]
    assert (figure.text, figure.value, figure.unit, figure.verdict) == ("¥4.8 billion", "4800000000", "JPY", "exact")


def test_the_citation_carries_what_a_reader_needs(verify: Verify) -> None:
    citation = verify.kept("en", "The tram line has 18 stops.", "K3").citations[0]
    assert (citation.title, citation.date, citation.url) == ("The Brenmoor tram", "2023-09", "https://example.org/tram")
    assert citation.passage_id.startswith("en/tram.md")


def test_a_number_word_that_is_taken_up_from_the_question_is_no_figure_of_the_claim(verify: Verify) -> None:
    question = "How long is the longer of the two tram lines of Brenmoor, and how many stops has it?"
    told = "The longer of the two tram lines is 14.2 kilometres long and has 18 stops."
    claim = verify.kept("en", told, "K3", question=question)
    assert all(figure.verdict == "exact" for figure in claim.figures)
    assert len(claim.figures) == 2
