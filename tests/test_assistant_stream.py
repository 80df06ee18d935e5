"""The ten steps as a stream of events, in a conversation, and with a model server that is not there or dies."""

import json
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

import pytest

from assistant.pipeline import Assistant
from assistant.records import Event, Turn
from index.errors import RunError
from index.retriever import Retriever
from tests.island_documents import GOOD, TRAM, WRONG, verbatim
from tests.scripted_generator import scripted, written

Make = Callable[..., Assistant]

NOTHING = written()


class TestModelServer:
    def test_without_a_model_the_answer_is_made_of_extracts(self, make_assistant: Make, island: Retriever) -> None:
        answer = make_assistant(None).answer("Who restored the reading room?")
        assert answer.extractive
        assert (answer.engine, answer.model) == ("none", "none")
        assert "Larkspur Joinery" in answer.claims[0].text
        assert verbatim(answer, island)
        assert answer.text.count("[1]") == 1

    @pytest.mark.parametrize("pieces", [0, 1, 6])
    def test_a_server_that_dies_in_the_middle_leaves_extracts_and_a_record(
        self, make_assistant: Make, island: Retriever, pieces: int
    ) -> None:
        assistant = make_assistant(written(("K3", GOOD), ("K3", GOOD)))
        scripted(assistant.generator).fail_after = pieces
        answer = assistant.answer(TRAM)
        assert answer.status == "answered"
        assert answer.extractive
        assert answer.claims
        assert verbatim(answer, island)
        assert any("stopped in the middle" in reason for reason in [item.reason for item in answer.removed])
        assert (answer.engine, answer.model) == ("test", "scripted")

    def test_the_next_question_brings_the_server_back_once(self, make_assistant: Make) -> None:
        revived: list[str] = []
        assistant = make_assistant(written(("K3", GOOD)), revive=lambda: revived.append("back"))
        scripted(assistant.generator).fail_after = 1
        assert assistant.answer(TRAM).extractive
        assert revived == []
        assert not assistant.answer(TRAM).extractive
        assert not assistant.answer(TRAM).extractive
        assert revived == ["back"]

    def test_a_server_that_cannot_be_brought_back_is_tried_at_every_question(self, make_assistant: Make) -> None:
        tries: list[str] = []

        def revive() -> None:
            tries.append("try")
            scripted(assistant.generator).fail_after = 0
            raise RunError("the model server does not start")

        assistant = make_assistant(written(("K3", GOOD)), revive=revive)
        scripted(assistant.generator).fail_after = 0
        for _ in range(3):
            assert assistant.answer(TRAM).extractive
        assert tries == ["try", "try"]

    def test_without_a_way_to_revive_the_next_question_simply_tries(self, make_assistant: Make) -> None:
        assistant = make_assistant(written(("K3", GOOD)))
        scripted(assistant.generator).fail_after = 0
        assert assistant.answer(TRAM).extractive
        assert not assistant.answer(TRAM).extractive

    def test_a_bug_is_not_taken_for_a_lost_server(self, make_assistant: Make, monkeypatch: pytest.MonkeyPatch) -> None:
        assistant = make_assistant(written(("K3", GOOD)))

        def broken(*_: object, **__: object) -> Iterator[str]:
            raise ZeroDivisionError

        monkeypatch.setattr(scripted(assistant.generator), "stream", broken)
        with pytest.raises(ZeroDivisionError):
            assistant.answer(TRAM)


class TestConversation:
    HISTORY = (Turn("user", TRAM), Turn("assistant", f"{GOOD} [1]"))

    def test_a_follow_up_is_restated_and_recorded(self, make_assistant: Make) -> None:
        rewritten = "How much did they pay for the Brenmoor tram line?"
        text = "The council paid £86 million for the construction of the Brenmoor tram."
        assistant = make_assistant(written(("K3", text)))
        answer = assistant.answer("And how much did they pay for it?", self.HISTORY)
        assert answer.question == "And how much did they pay for it?"
        assert answer.standalone_question == rewritten
        assert answer.claims[0].text == text
        assert rewritten in scripted(assistant.generator).prompts[0]

    def test_without_a_model_a_follow_up_still_finds_its_subject(self, make_assistant: Make) -> None:
        answer = make_assistant(None).answer("And what did it cost?", self.HISTORY)
        assert answer.standalone_question == "What did the Brenmoor tram line cost?"
        assert answer.passages[0].passage.document_id == "en/tram.md"

    def test_a_new_topic_drops_the_history(self, make_assistant: Make) -> None:
        question = "Combien a coûté le barrage de Corvanne ?"
        text = "Le barrage de Corvanne a coûté 310 millions d'euros."
        answer = make_assistant(written(("K3", text))).answer(question, self.HISTORY)
        assert answer.standalone_question == question
        assert answer.language == "fr"
        assert answer.status == "answered"

    def test_twenty_turns_do_not_lengthen_the_prompt(self, make_assistant: Make) -> None:
        rewritten = json.dumps({"question": TRAM})
        lengths = []
        for turns in (2, 20):
            assistant = make_assistant(rewritten, written(("K3", GOOD)))
            assistant.answer("And how many stops has it?", self.HISTORY * (turns // 2))
            lengths.append([len(prompt) for prompt in scripted(assistant.generator).prompts])
        assert lengths[0] == lengths[1]


class TestStream:
    def events(self, assistant: Assistant, question: str = TRAM) -> list[Event]:
        return list(assistant.stream(question))

    def test_stages_drafts_claims_and_one_answer_at_the_end(self, make_assistant: Make) -> None:
        events = self.events(make_assistant(written(("K3", f"{GOOD} {WRONG}"))))
        kinds = [event.kind for event in events]
        assert kinds[0] == "stage"
        assert kinds[-1] == "answer"
        assert kinds.count("answer") == 1
        assert kinds.count("claim") == 1
        assert kinds.count("removed") == 1
        assert kinds.index("draft") < kinds.index("claim") < kinds.index("removed")
        assert kinds.index("stage") < kinds.index("draft")
        assert {event.language for event in events} == {"en"}

    def test_every_sentence_that_was_shown_is_in_the_answer_or_recorded(self, make_assistant: Make) -> None:
        events = self.events(make_assistant(written(("K3", f"{GOOD} {WRONG}"), ("M7", "It cost £999 million."))))
        answer = events[-1].answer
        assert answer is not None
        accounted = [claim.text for claim in answer.claims] + [item.text for item in answer.removed]
        shown = [event.claim.text for event in events if event.claim] + [e.text for e in events if e.kind == "removed"]
        assert set(shown) == set(accounted) - {""}

    def test_drafts_grow(self, make_assistant: Make) -> None:
        drafts = [e.text for e in self.events(make_assistant(written(("K3", GOOD)))) if e.kind == "draft"]
        assert drafts
        assert all(GOOD.startswith(draft) for draft in drafts)
        assert all(len(first) < len(second) for first, second in pairwise(drafts))

    @pytest.mark.parametrize(
        ("outputs", "question"),
        [
            ((None,), "Who restored the reading room?"),
            ((NOTHING,), TRAM),
            (("",), TRAM),
            ((written(("K3", WRONG)),), TRAM),
            ((NOTHING,), "How do I bake a chocolate cake?"),
        ],
        ids=["no-model", "model-says-no", "empty-output", "repaired", "nothing-relevant"],
    )
    def test_every_way_ends_with_one_answer(
        self, make_assistant: Make, outputs: tuple[Any, ...], question: str
    ) -> None:
        events = self.events(make_assistant(*outputs), question)
        assert [event.kind for event in events].count("answer") == 1
        assert events[-1].answer is not None
        assert events[-1].text == events[-1].answer.text

    def test_the_claims_of_the_events_are_those_of_the_answer(self, make_assistant: Make) -> None:
        for outputs in ((written(("K3", GOOD)),), (written(("K3", WRONG)),), (None,)):
            events = self.events(make_assistant(*outputs))
            assert events[-1].answer is not None
            assert tuple(event.claim for event in events if event.kind == "claim") == events[-1].answer.claims

    def test_the_answer_is_that_of_the_stream(self, make_assistant: Make) -> None:
        assistant = make_assistant(written(("K3", GOOD)))
        streamed = self.events(assistant)[-1].answer
        assert streamed is not None
        assert streamed.to_json() | {"timings_s": {}} == assistant.answer(TRAM).to_json() | {"timings_s": {}}

    def test_closing_early_closes_the_generation(self, make_assistant: Make) -> None:
        assistant = make_assistant(written(("K3", GOOD), ("M7", GOOD)))
        stream = assistant.stream(TRAM)
        assert any(event.kind == "draft" for event in stream)
        stream.close()  # type: ignore[attr-defined]
        assert scripted(assistant.generator).closed == 1

    def test_closing_before_the_model_was_asked_asks_nothing(self, make_assistant: Make) -> None:
        assistant = make_assistant(written(("K3", GOOD)))
        stream = assistant.stream(TRAM)
        assert next(stream).kind == "stage"
        stream.close()  # type: ignore[attr-defined]
        assert scripted(assistant.generator).requests == []
