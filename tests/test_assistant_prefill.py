"""Answers of one token come from the process that reads; when it ends, from the other generator."""

import os
import shutil
import signal
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from assistant import prefill_weights
from assistant.chat_protocol import Message
from assistant.generation import Generation, GenerationStream
from assistant.prefill import PrefillingGenerator, PrefillProcess, start_prefill, when_ready
from assistant.prefill_model import PrefillModel
from index.errors import RunError, UsageError
from tests.processes import is_gone
from tests.scripted_generator import ScriptedGenerator
from tests.tiny_model import SYSTEM, conversation, write_tiny_model


class Counting:
    """Stands in for a `PrefillModel`: says yes, and remembers what it read together."""

    def __init__(self) -> None:
        self.read_together: list[list[str]] = []

    def read(self, conversations: Sequence[Sequence[Message]]) -> list[Generation]:
        self.read_together.append(sorted(one[-1]["content"] for one in conversations))
        return [Generation(prompt_tokens=9, opening=[(one[-1]["content"], {"yes": -0.1})]) for one in conversations]


@pytest.fixture
def counting() -> Counting:
    return Counting()


@pytest.fixture
def writer() -> ScriptedGenerator:
    return ScriptedGenerator(["written"])


@pytest.fixture
def generator(writer: ScriptedGenerator, counting: Counting) -> PrefillingGenerator:
    return PrefillingGenerator(writer, counting)  # type: ignore[arg-type]


def asked_for(generator: PrefillingGenerator, text: str, system: str = SYSTEM) -> Iterator[str]:
    return generator.stream(conversation(text, system), schema=None, max_tokens=1, language="en")


class TestPrefillingGenerator:
    def test_what_is_asked_before_the_first_is_read_is_read_together(
        self, generator: PrefillingGenerator, counting: Counting
    ) -> None:
        streams = [asked_for(generator, text) for text in "abc"]
        assert [list(stream) for stream in streams] == [["a"], ["b"], ["c"]]
        assert counting.read_together == [["a", "b", "c"]]
        assert list(asked_for(generator, "d")) == ["d"]
        assert counting.read_together[1:] == [["d"]]

    def test_the_record_stands_beside_the_stream(self, generator: PrefillingGenerator) -> None:
        stream = asked_for(generator, "a")
        list(stream)
        assert isinstance(stream, GenerationStream)
        assert stream.generation.opening == [("a", {"yes": -0.1})]
        assert (stream.generation.prompt_tokens, stream.generation.language) == (9, "en")

    def test_what_nobody_waits_for_any_more_is_not_read(
        self, generator: PrefillingGenerator, counting: Counting
    ) -> None:
        asked_for(generator, "forgotten")
        list(asked_for(generator, "a"))
        assert counting.read_together == [["a"]]

    def test_other_prompts_are_not_mixed_in(self, generator: PrefillingGenerator, counting: Counting) -> None:
        one, other = asked_for(generator, "a"), asked_for(generator, "b", "Another task.")
        assert [*one, *other] == ["a", "b"]
        assert counting.read_together == [["a"], ["b"]]

    @pytest.mark.parametrize(("schema", "most"), [({"type": "object"}, 1), (None, 2)])
    def test_everything_else_is_written_by_the_other(
        self, generator: PrefillingGenerator, writer: ScriptedGenerator, schema: dict[str, str] | None, most: int
    ) -> None:
        text = "".join(generator.stream(conversation("a"), schema=schema, max_tokens=most, language="fr"))
        assert text == "written"
        assert [request["language"] for request in writer.requests] == ["fr"]
        assert generator.reads_fast
        assert not writer.reads_fast
        assert (generator.model, generator.engine, generator.context_tokens) == ("scripted", "test", 4096)
        assert generator.count_tokens("abcdefgh") == writer.count_tokens("abcdefgh")

    def test_when_the_reader_has_ended_the_other_reads(
        self, writer: ScriptedGenerator, capsys: pytest.CaptureFixture[str]
    ) -> None:
        class Ended:
            def read(self, conversations: Sequence[Sequence[Message]]) -> list[Generation]:
                raise RunError("the reader of prompts stopped")

        generator = PrefillingGenerator(writer, Ended())
        streams = [asked_for(generator, text) for text in "ab"]
        assert ["".join(stream) for stream in streams] == ["written", "written"]
        assert "".join(asked_for(generator, "c")) == "written"
        assert not generator.reads_fast
        assert len(writer.requests) == 3
        assert capsys.readouterr().err.count("llama.cpp reads prompts itself, slower (the reader of prompts stop") == 1


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    """A file whose conversion is there already."""
    write_tiny_model(tmp_path / prefill_weights._FOLDER)
    file = tmp_path / "model.gguf"
    file.write_bytes(b"never read")
    return file


class TestPrefillProcess:
    def test_it_tells_what_the_model_tells_in_this_process(self, weights: Path, tmp_path: Path) -> None:
        with PrefillProcess(weights, tmp_path, [SYSTEM]) as process:
            assert process.ready()
            asked = [conversation("Is the sea blue ?"), conversation("Is it ?")]
            assert process.read(asked) == PrefillModel(tmp_path / prefill_weights._FOLDER).read(asked)
            assert process.read(asked[:1])[0].prompt_tokens > 0
        assert is_gone(process.pid)
        assert list((tmp_path / "server").iterdir()) == []

    def test_when_it_is_killed_the_other_generator_goes_on(
        self, weights: Path, tmp_path: Path, writer: ScriptedGenerator, capsys: pytest.CaptureFixture[str]
    ) -> None:
        with PrefillProcess(weights, tmp_path, []) as process:
            generator = PrefillingGenerator(writer, process)
            assert process.ready()
            assert "".join(asked_for(generator, "Is it ?")) != "written"
            os.kill(process.pid, signal.SIGKILL)
            assert is_gone(process.pid)
            assert "".join(asked_for(generator, "Is it a ?")) == "written"
        assert "llama.cpp reads prompts itself" in capsys.readouterr().err

    def test_it_ends_while_it_reads(self, weights: Path, tmp_path: Path) -> None:
        process = PrefillProcess(weights, tmp_path, [SYSTEM] * 200)
        assert process.ready()
        process.stop()
        assert is_gone(process.pid)
        with pytest.raises(RunError, match="the reader of prompts stopped"):
            process.read([conversation("Is it ?")])

    def test_it_ends_with_a_program_that_ignores_interrupts(self, weights: Path, tmp_path: Path) -> None:
        before = signal.signal(signal.SIGINT, signal.SIG_IGN)  # as of a program in the background of a shell
        try:
            process = PrefillProcess(weights, tmp_path, [])
        finally:
            signal.signal(signal.SIGINT, before)
        assert process.ready()
        pipe = process._child._process.stdin
        assert pipe is not None
        pipe.close()  # as when the program dies
        gone = is_gone(process.pid)
        process.stop()
        assert gone


class TestStarting:
    def test_a_setting_without_meaning_is_refused(self, tmp_path: Path) -> None:
        with pytest.raises(UsageError, match="prefill must be auto, always or never, not 'perhaps'"):
            start_prefill("perhaps", None, tmp_path, [])

    @pytest.mark.parametrize(("setting", "suits"), [("never", True), ("auto", False)])
    def test_nothing_is_started_where_it_is_not_wanted(
        self, setting: str, suits: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("assistant.prefill.suits_this_machine", lambda: suits)
        weights = tmp_path / "model.gguf"
        weights.write_bytes(b"")
        assert when_ready(start_prefill(setting, weights, tmp_path, [])) is None
        assert [one.name for one in tmp_path.iterdir()] == ["model.gguf"]

    def test_what_was_made_once_is_loaded(self, weights: Path, tmp_path: Path) -> None:
        process = when_ready(start_prefill("always", weights, tmp_path, []))
        assert process is not None
        process.stop()

    def test_a_model_that_cannot_be_converted_is_read_by_llama_cpp(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        weights = tmp_path / "model.gguf"
        weights.write_bytes(b"no such format")
        assert when_ready(start_prefill("always", weights, tmp_path, [])) is None
        assert "llama.cpp reads prompts itself" in capsys.readouterr().err

    def test_a_damaged_conversion_is_read_by_llama_cpp_and_the_reason_told(
        self, weights: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        shutil.rmtree(tmp_path / prefill_weights._FOLDER)
        (tmp_path / prefill_weights._FOLDER).mkdir()
        assert when_ready(start_prefill("always", weights, tmp_path, [])) is None
        assert "the reader of prompts stopped" in capsys.readouterr().err
