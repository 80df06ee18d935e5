"""What the model wrote is kept and given again, and never passes as new."""

import json
import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from assistant.generation import Generation, GenerationStream
from assistant.pipeline import Assistant
from eval.generations import KeptGenerator
from eval.questions import EvalQuestion, QuestionSet
from eval.run import run
from index.errors import RunError, UsageError
from tests.eval_sample import SampleAssistant
from tests.island_documents import GOOD, TRAM
from tests.scripted_generator import ScriptedGenerator, scripted, written

Make = Callable[..., Assistant]
ASKED = [{"role": "user", "content": "Where?"}]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "kept" / "generations.jsonl"


def keeper(file: Path, *outputs: str, **identity: str) -> tuple[KeptGenerator, ScriptedGenerator]:
    model = ScriptedGenerator(list(outputs))
    return KeptGenerator(model, file, identity), model


def text_of(kept: KeptGenerator, *, content: str = "Where?", max_tokens: int = 9, schema: object = None) -> str:
    messages = [{"role": "user", "content": content}]
    return "".join(kept.stream(messages, schema=schema, max_tokens=max_tokens, language="en"))  # type: ignore[arg-type]


def test_the_same_request_is_generated_once(file: Path) -> None:
    first, model = keeper(file, "The first site stands in Tomakomai.")
    assert text_of(first) == text_of(first) == "The first site stands in Tomakomai."
    again, other = keeper(file, "Somewhere else.")
    stream = again.stream(ASKED, schema=None, max_tokens=9, language="en")
    pieces = list(stream)
    assert "".join(pieces) == "The first site stands in Tomakomai."
    assert {len(piece) for piece in pieces} == {7}  # as it came in
    assert (len(model.requests), other.requests) == (1, [])
    assert (stream.generation.finish_reason, stream.generation.text) == ("stop", "".join(pieces))


@pytest.mark.parametrize(
    "change",
    [{"content": "When?"}, {"max_tokens": 10}, {"schema": {"type": "object"}}],
    ids=["text", "length", "schema"],
)
def test_another_request_is_generated(file: Path, change: dict[str, object]) -> None:
    kept, model = keeper(file, "one", "two")
    assert (text_of(kept), text_of(kept, **change)) == ("one", "two")  # type: ignore[arg-type]
    assert len(model.requests) == 2


def test_other_weights_or_another_model_are_another_request(file: Path) -> None:
    assert text_of(keeper(file, "one", weights="a")[0]) == "one"
    assert text_of(keeper(file, "two", weights="b")[0]) == "two"
    other = ScriptedGenerator(["three"], model="other")
    assert text_of(KeptGenerator(other, file, {"weights": "a"})) == "three"
    assert text_of(keeper(file, "four", weights="a")[0]) == "one"


class TestClosedEarly:
    """A reader that has enough closes the stream; what would have followed is not known."""

    def read(self, kept: KeptGenerator, pieces: int) -> str:
        stream = kept.stream(ASKED, schema=None, max_tokens=9, language="en")
        text = "".join(next(stream) for _ in range(pieces))
        stream.close()
        return text

    def test_what_was_read_is_given_again(self, file: Path) -> None:
        first, model = keeper(file, "one two three four")
        assert self.read(first, 2) == "one two three "
        assert model.closed == 1
        again, model = keeper(file, "one two three four")
        assert self.read(again, 2) == "one two three "
        assert model.requests == []

    def test_a_reader_that_wants_more_gets_the_rest_from_the_model(self, file: Path) -> None:
        self.read(keeper(file, "one two three four")[0], 1)
        again, model = keeper(file, "one two three four")
        assert text_of(again) == "one two three four"
        assert len(model.requests) == 1
        whole, model = keeper(file, "never asked")
        assert text_of(whole) == "one two three four"
        assert model.requests == []

    def test_a_model_that_goes_on_in_another_way_is_an_error_and_kept_for_the_next_time(self, file: Path) -> None:
        self.read(keeper(file, "one two three four")[0], 1)
        with pytest.raises(RunError, match=r"does not go on from what .*generations\.jsonl keeps; run again"):
            text_of(keeper(file, "something else")[0])
        assert text_of(keeper(file, "never asked")[0]) == "something else"


def test_several_threads_keep_whole_lines(file: Path) -> None:
    kept, _ = keeper(file, "one two three four")
    with ThreadPoolExecutor(8) as pool:
        texts = set(pool.map(lambda number: text_of(kept, content=f"{number % 16}"), range(64)))
    assert texts == {"one two three four"}
    again, model = keeper(file, "never asked")
    assert {text_of(again, content=f"{number}") for number in range(16)} == texts
    assert model.requests == []


def test_a_failed_generation_is_not_kept(file: Path) -> None:
    kept, model = keeper(file, "one two three", "four")
    model.fail_after = 1
    with pytest.raises(RunError, match="in the middle"):
        text_of(kept)
    assert text_of(kept) == "four"


def test_a_line_that_was_cut_off_is_generated_again(file: Path) -> None:
    text_of(keeper(file, "one")[0])
    text_of(keeper(file, "two")[0], content="When?")
    file.write_bytes(file.read_bytes()[:-5])
    again, model = keeper(file, "three")
    assert (text_of(again), text_of(again, content="When?")) == ("one", "three")
    assert len(model.requests) == 1
    assert len(file.read_text(encoding="utf-8").splitlines()) == 2


def test_a_file_of_something_else_is_refused(file: Path) -> None:
    file.parent.mkdir()
    file.write_text('{"id": "e1"}\n', encoding="utf-8")
    with pytest.raises(UsageError, match=r"generations\.jsonl line 1 is not a kept generation"):
        keeper(file)


def test_a_file_that_cannot_be_written_is_known_before_anything_is_asked(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("")
    with pytest.raises(RunError, match="cannot write"):
        keeper(tmp_path / "a" / "b.jsonl")


def test_it_passes_for_the_generator_behind_it(file: Path) -> None:
    kept, model = keeper(file)
    assert (kept.model, kept.engine, kept.context_tokens) == (model.model, model.engine, model.context_tokens)
    assert kept.count_tokens("abc def") == model.count_tokens("abc def")


class Telling(ScriptedGenerator):
    """Also tells what else its first token could have been."""

    def stream(self, *arguments: object, **options: object) -> Iterator[str]:
        pieces = super().stream(*arguments, **options)  # type: ignore[arg-type]
        return GenerationStream(pieces, Generation(opening=[("{", {"{": -0.25, "[": -3.5})]))


class TestWhatElseTheModelTells:
    """The assistant also reads how sure the model is; that is kept with the text."""

    def test_the_first_tokens_are_kept(self, file: Path) -> None:
        for model in (Telling(["one two three"]), ScriptedGenerator(["never asked"])):
            stream = KeptGenerator(model, file, {}).stream(ASKED, schema=None, max_tokens=9, language="en")
            next(stream)
            assert [list(one) for one in stream.generation.opening] == [["{", {"{": -0.25, "[": -3.5}]]
            assert "".join(stream) == " three"


ISLAND_QUESTIONS = QuestionSet(
    "island.jsonl",
    "0" * 64,
    (
        EvalQuestion("e1", "en", TRAM, True, "18 stops", kind="number", relevant_document_ids=("en/tram.md",)),
        EvalQuestion("e2", "en", "Who will win the football cup next year?", False, kind="unanswerable"),
    ),
)


class Counted(ScriptedGenerator):
    """Says what each request cost, as a model server does."""

    def stream(self, *arguments: object, **options: object) -> Iterator[str]:
        pieces = super().stream(*arguments, **options)  # type: ignore[arg-type]
        return GenerationStream(pieces, Generation(prompt_tokens=300, answer_tokens=20, finish_reason="stop"))


@pytest.fixture
def three_runs(make_assistant: Make, tmp_path: Path, file: Path) -> list[Path]:
    """Folders of three runs with the same file of generations."""
    folders = [tmp_path / name for name in ("first", "second", "third")]
    for folder in folders:
        assistant = make_assistant("")
        assistant.generator = Counted([written(("K1", GOOD))])
        run(ISLAND_QUESTIONS, assistant, folder, generations=file)
        assert len(scripted(assistant.generator).requests) == (1 if folder is folders[0] else 0)
    return folders


def test_runs_with_kept_generations_are_the_same_byte_for_byte(three_runs: list[Path]) -> None:
    for name in ("report.json", "report.html"):
        texts = [(folder / name).read_text(encoding="utf-8") for folder in three_runs[1:]]
        second, third = (re.sub(r"20\d\d-\d\d-\d\dT[\d:+]+", "", text) for text in texts)
        assert second == third


def test_a_reused_generation_changes_no_score_but_those_of_time_and_tokens(three_runs: list[Path]) -> None:
    first, second = (json.loads((folder / "report.json").read_text(encoding="utf-8")) for folder in three_runs[:2])
    timed = {"first_token_s", "total_s", "total_s_p90", "prompt_tokens", "answer_tokens"}
    scores = [report["estimates"]["all"]["all"] for report in (first, second)]
    assert scores[0].keys() - scores[1].keys() == timed
    assert all(scores[1][name] == scores[0][name] for name in scores[1])
    assert scores[0]["prompt_tokens"]["value"] == 300
    assert (first["reused"], second["reused"]) == (0, 1)
    assert first["unscored"]["by_metric"] == {}
    reused, beside = {"reused generation": 1}, {"others reuse generations": 1}
    assert second["unscored"]["by_metric"] == {
        "answer_tokens": reused, "first_token_s": reused, "prompt_tokens": reused,
        "total_s": beside | reused, "total_s_p90": beside | reused,
    }  # fmt: skip


def test_reused_answers_are_marked(three_runs: list[Path]) -> None:
    first, second = (
        [json.loads(line) for line in (folder / "answers.jsonl").read_text(encoding="utf-8").splitlines()]
        for folder in three_runs[:2]
    )
    assert [item.get("reused") for item in first] == [None, None]
    assert [item.get("reused") for item in second] == [True, None]
    assert first[0]["tokens"] == {"requests": 1, "prompt": 300, "cached": 0, "answer": 20}
    assert "tokens" not in second[0]
    assert second[0]["claims"] == first[0]["claims"]
    page = (three_runs[1] / "report.html").read_text(encoding="utf-8")
    assert "not measured (reused generation)" in page
    assert "not measured (others reuse generations)" in page


def test_there_must_be_a_model_to_keep_generations_of(tmp_path: Path, file: Path) -> None:
    with pytest.raises(UsageError, match="--generations keeps what a model writes"):
        run(ISLAND_QUESTIONS, SampleAssistant(), tmp_path, generations=file)
