"""The ten steps together, over real documents and a model that says what the test gives it."""

import json
from collections.abc import Callable
from itertools import pairwise

import pytest

from assistant.pipeline import Assistant
from assistant.records import Citation, Claim
from assistant.result import answer_text
from index.errors import UsageError
from index.retriever import Retriever
from tests.island_documents import GOOD, TRAM, WRONG, verbatim
from tests.scripted_generator import scripted, written

Make = Callable[..., Assistant]

NOTHING = written()

ANSWERED = [
    (TRAM, "en", GOOD, "en/tram.md", "18 stops"),
    (
        "Combien a coûté le barrage de Corvanne ?",
        "fr",
        "Le barrage de Corvanne a coûté 310 millions d'euros.",
        "fr/barrage.md",
        "310 millions d'euros",
    ),
    ("青浜フェリーの建造費はいくらですか。", "ja", "青浜フェリーの船の建造費は48億円である。", "ja/ferry.md", "48億円"),
    (
        "How much did the Corvanne dam cost?",
        "en",
        "The Corvanne dam cost €310 million.",
        "fr/barrage.md",
        "310 millions d'euros",
    ),
    (
        "Combien a coûté le tram de Brenmoor ?",
        "fr",
        "Le tram de Brenmoor a coûté 86 millions de livres sterling.",
        "en/tram.md",
        "£86 million",
    ),
]


class TestAnswer:
    @pytest.mark.parametrize(("question", "language", "text", "document_id", "evidence"), ANSWERED)
    def test_a_good_sentence_becomes_a_cited_answer(
        self,
        make_assistant: Make,
        island: Retriever,
        question: str,
        language: str,
        text: str,
        document_id: str,
        evidence: str,
    ) -> None:
        assistant = make_assistant(written(("K3", text)))
        answer = assistant.answer(question)
        assert (answer.status, answer.language, answer.abstention_reason) == ("answered", language, "")
        assert [claim.text for claim in answer.claims] == [text]
        citation = answer.claims[0].citations[0]
        assert citation.document_id == document_id
        assert evidence in citation.quote
        assert verbatim(answer, island)
        assert answer.text == (f"{text}[1]" if language == "ja" else f"{text} [1]")
        assert not answer.extractive
        assert (answer.engine, answer.model) == ("test", "scripted")
        assert scripted(assistant.generator).requests[0]["language"] == language

    @pytest.mark.parametrize(
        "question", ["Did the Brenmoor tram line get new trees?", "What colour has the Brenmoor tram?"]
    )
    def test_what_the_model_does_not_find_and_no_sentence_denies_is_not_answered(
        self, make_assistant: Make, question: str
    ) -> None:
        answer = make_assistant('{"none": ""}').answer(question)
        assert (answer.status, answer.abstention_reason) == ("abstained", "not in the documents")

    @pytest.mark.parametrize("piece_characters", [1, 3, 10_000])
    def test_the_size_of_the_pieces_changes_nothing(self, make_assistant: Make, piece_characters: int) -> None:
        assistant = make_assistant(written(("K3", f"{GOOD} {WRONG}"), ("Q1", GOOD)))
        scripted(assistant.generator).piece_characters = piece_characters
        answer = assistant.answer(TRAM)
        assert answer.text == f"{GOOD} [1]"  # the same sentence is not shown twice
        assert [item.text for item in answer.removed] == [WRONG, ""]

    @pytest.mark.parametrize("output", [f"{GOOD} [K3]", f"{GOOD[:-1]} 【K3】.", f"{GOOD[:-1]} [[K3]]."])
    def test_a_server_that_ignores_the_schema_is_read(self, make_assistant: Make, output: str) -> None:
        answer = make_assistant(output).answer(TRAM)
        assert answer.text == f"{GOOD} [1]"
        assert answer.claims[0].citations[0].document_id == "en/tram.md"

    def test_the_json_is_the_contract_and_serialisable(self, make_assistant: Make) -> None:
        answer = make_assistant(written(("K3", GOOD))).answer(TRAM)
        record = json.loads(json.dumps(answer.to_json(), ensure_ascii=False, allow_nan=False))
        assert record["text"] == answer.text
        assert record["claims"][0]["figures"][0]["verdict"] == "exact"
        assert record["passages"]
        assert record["timings_s"]["total"] > 0
        assert {"retrieve", "first_token", "generate", "verify"} <= set(record["timings_s"])

    def test_the_passages_are_those_retrieved_with_their_scores(self, make_assistant: Make) -> None:
        answer = make_assistant(written(("K3", GOOD)), retrieved_passages=4).answer(TRAM)
        assert len(answer.passages) == 4
        assert answer.passages[0].passage.document_id == "en/tram.md"
        assert all(first.retrieval_score >= second.retrieval_score for first, second in pairwise(answer.passages))

    def test_the_fingerprint_changes_with_what_decides_an_answer(self, make_assistant: Make) -> None:
        prints = {
            make_assistant("").fingerprint("en"),
            make_assistant("").fingerprint("fr"),
            make_assistant(None).fingerprint("en"),
            make_assistant("", context_passages=1).fingerprint("en"),
        }
        assert len(prints) == 4
        assert make_assistant("").fingerprint("en") == make_assistant("").fingerprint("en")
        assert all(len(fingerprint) == 16 for fingerprint in prints)

    @pytest.mark.parametrize("question", ["", "   ", "?!", "x" * 100_000, "a\x00b"])
    def test_bad_input_is_refused_before_the_first_event(self, make_assistant: Make, question: str) -> None:
        assistant = make_assistant(written(("K3", GOOD)))
        with pytest.raises(UsageError):
            assistant.stream(question)
        assert scripted(assistant.generator).requests == []


class TestWhatIsNotShown:
    @pytest.mark.parametrize(
        ("text", "reason"),
        [
            (WRONG, "figure not in the source: 19"),
            ("The Brenmoor tram line and KDDI have 18 stops.", "name not in the source: KDDI"),
            ("La ligne de tram de Brenmoor compte 18 arrêts.", "wrong language"),
            ("The Brenmoor tram line has many stops.", "repeats the question"),
        ],
    )
    def test_a_claim_that_fails_is_recorded_with_its_reason(self, make_assistant: Make, text: str, reason: str) -> None:
        answer = make_assistant(written(("K3", text))).answer(TRAM)
        removed = {item.text: item.reason for item in answer.removed}
        assert removed[text].startswith(reason)
        assert text not in answer.text

    @pytest.mark.parametrize(
        ("question", "text"),
        [
            ("How much did the Brenmoor tram cost?", "The Brenmoor tram cost $86 million."),
            ("How much did the Brenmoor tram cost?", "The Brenmoor tram cost £86 billion."),
            ("How much did the Aohama ferry cost?", "The Aohama ferry cost ¥48 billion."),
            ("青浜フェリーの建造費はいくらですか。", "青浜フェリーの建造費は48億ドルである。"),
            ("Combien a coûté le barrage de Corvanne ?", "Le barrage de Corvanne a coûté 310 milliards d'euros."),
        ],
    )
    def test_a_swapped_currency_or_scale_is_never_shown(self, make_assistant: Make, question: str, text: str) -> None:
        answer = make_assistant(written(("K3", text)), '{"text": ""}').answer(question)
        assert text not in answer.text
        if any(item.text == text for item in answer.removed):
            assert any(
                reason.startswith("figure not in the source") for reason in [item.reason for item in answer.removed]
            )

    def test_a_code_that_was_not_offered_is_recorded(self, make_assistant: Make) -> None:
        answer = make_assistant(written(("Q1", GOOD))).answer(TRAM)
        assert "unknown citation Q1" in [item.reason for item in answer.removed]
        assert answer.claims[0].citations[0].document_id == "en/tram.md"

    def test_a_sentence_cut_by_the_length_limit_is_recorded(self, make_assistant: Make) -> None:
        answer = make_assistant(f'{{"K3": "{GOOD}", "M7": "And it was ope').answer(TRAM)
        assert [claim.text for claim in answer.claims] == [GOOD]
        assert "cut off: And it was ope" in [item.reason for item in answer.removed]

    def test_a_failed_claim_is_replaced_by_the_sentence_of_the_document(
        self, make_assistant: Make, island: Retriever
    ) -> None:
        assistant = make_assistant(written(("K3", WRONG)))
        answer = assistant.answer(TRAM)
        assert answer.status == "answered"
        assert "18 stops" in answer.text
        assert "19" not in answer.text
        assert verbatim(answer, island)
        assert [item.text for item in answer.removed] == [WRONG]

    def test_a_translation_in_repair_passes_the_same_checks(self, make_assistant: Make) -> None:
        question = "How much did the Corvanne dam cost?"
        bad = written(("K3", "The Corvanne dam cost €31 million."))
        good = make_assistant(bad, json.dumps({"text": "The Corvanne dam cost €310 million."})).answer(question)
        assert good.text == "The Corvanne dam cost €310 million. [1]"
        still_bad = make_assistant(bad, json.dumps({"text": "The Corvanne dam cost €3.1 billion."})).answer(question)
        assert still_bad.text == "The answer is: €310 million. [1]"  # what was asked, as the document gives it


class TestSilence:
    @pytest.mark.parametrize(
        "question",
        [
            "How do I bake a chocolate cake?",
            "Quelle est la capitale du Pérou ?",
            "明日の天気はどうですか。",
            "How many H100 GPUs are in Halden Library?",
            "How much did SoftBank pay for the Brenmoor tram?",
        ],
    )
    def test_before_generation_the_model_is_not_asked(self, make_assistant: Make, question: str) -> None:
        assistant = make_assistant(written(("K3", GOOD)))
        answer = assistant.answer(question)
        assert answer.status == "abstained"
        assert answer.abstention_reason in ("nothing relevant", "not in the documents")
        assert answer.claims == ()
        assert answer.text
        assert answer.passages
        assert scripted(assistant.generator).requests == []

    @pytest.mark.parametrize(
        ("question", "language"),
        [(TRAM, "en"), ("Combien a coûté le barrage de Corvanne ?", "fr"), ("青浜フェリーの定員は何人ですか。", "ja")],
    )
    def test_the_model_may_say_that_the_passages_lack_the_answer(
        self, make_assistant: Make, question: str, language: str
    ) -> None:
        answer = make_assistant(NOTHING).answer(question)
        assert (answer.status, answer.abstention_reason) == ("abstained", "not in the documents")
        assert answer.language == language
        assert answer.text
        assert answer.passages

    def test_how_many_without_a_count_is_no_answer_and_the_sentence_is_recorded(self, make_assistant: Make) -> None:
        text = "The reading room was restored by Larkspur Joinery, a workshop in Brenmoor."
        answer = make_assistant(written(("K3", text))).answer(
            "How many people restored the reading room of the library?"
        )
        assert answer.status == "abstained"
        assert answer.claims == ()
        assert text in [item.text for item in answer.removed]

    def test_the_reason_is_said_in_the_language_of_the_question(self, make_assistant: Make) -> None:
        assistant = make_assistant(NOTHING)
        texts = {assistant.answer(question).text for question, *_ in ANSWERED[:3]}
        assert len(texts) == 3

    @pytest.mark.parametrize("output", ["", "{", '{"K3": 7}', "null", "…"])
    def test_output_without_a_sentence_never_becomes_a_sentence(
        self, make_assistant: Make, island: Retriever, output: str
    ) -> None:
        answer = make_assistant(output).answer(TRAM)
        assert verbatim(answer, island)
        assert all(claim.citations for claim in answer.claims)


class TestPrompt:
    def test_the_static_part_comes_first_and_the_question_last(self, make_assistant: Make) -> None:
        assistant = make_assistant(written(("K3", GOOD)))
        assistant.answer(TRAM)
        assistant.answer("How much did the Brenmoor tram cost?")
        first, second = (request["messages"] for request in scripted(assistant.generator).requests[:2])
        assert first[0] == second[0]
        assert first[0]["role"] == "system"
        user = first[1]["content"]
        assert user.index("[K3]") < user.index("18 stops") < user.rindex(TRAM)

    def test_the_schema_allows_only_codes_that_were_offered(self, make_assistant: Make) -> None:
        assistant = make_assistant(written(("K3", GOOD)), context_passages=2)
        assistant.answer(TRAM)
        request = scripted(assistant.generator).requests[0]
        offered = {code for code in request["schema"]["properties"] if code != "none"}
        assert offered
        assert all(f"[{code}]" in scripted(assistant.generator).prompts[0] for code in offered)
        assert request["max_tokens"] == assistant.config.answer_tokens

    def test_a_reader_of_another_language_gets_figures_in_that_notation(self, make_assistant: Make) -> None:
        assistant = make_assistant(NOTHING)
        assistant.answer("How much did the Corvanne dam cost?")
        assert "€310 million" in scripted(assistant.generator).prompts[0]


def _claim(text: str, *numbers: int) -> Claim:
    return Claim(text, "supported", (), tuple(Citation(n, "a#1", "a", "", "", "", None, "q", 0, 1) for n in numbers))


@pytest.mark.parametrize(
    ("claims", "language", "text"),
    [
        ([_claim("One.", 1), _claim("Two.", 1, 2)], "en", "One. [1] Two. [1][2]"),
        ([_claim("Un.", 1), _claim("Deux.", 2)], "fr", "Un. [1] Deux. [2]"),
        ([_claim("一。", 1), _claim("二。", 2)], "ja", "一。[1]二。[2]"),
        ([], "en", ""),
    ],
)
def test_the_text_has_its_numbers_after_each_sentence(claims: list[Claim], language: str, text: str) -> None:
    assert answer_text(claims, language) == text
