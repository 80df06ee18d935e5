"""Prompts are read together, with what they share computed once, and tell the same as each read alone."""

import os
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from assistant import prefill_weights
from assistant.chat_protocol import Message
from assistant.generation import Generation, GenerationStream
from assistant.prefill import PrefillingGenerator, PrefillModel, load_prefill
from assistant.prefill_weights import prefill_folder, suits_this_machine
from index.errors import UsageError
from tests.scripted_generator import ScriptedGenerator

SYSTEM = "Say yes or no ."
TEMPLATE = (
    "{% for message in messages %}<{{ message['role'] }}> {{ message['content'] }} </s> {% endfor %}"
    "{% if add_generation_prompt %}<assistant>{% endif %}"
)
VOCABULARY = "<pad> <unk> </s> <system> <user> <assistant> Say yes or no . Is it a b c red blue green 1 the sea sky ?"
WORDS = VOCABULARY.split()


def conversation(asked: str, system: str = SYSTEM) -> list[Message]:
    return [{"role": "system", "content": system}, {"role": "user", "content": asked}]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model of a few thousand random weights that knows two dozen words."""
    import torch
    from tokenizers import Tokenizer, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast, Qwen2Config, Qwen2ForCausalLM

    place = tmp_path_factory.mktemp("tiny")
    inner = Tokenizer(models.WordLevel({word: number for number, word in enumerate(WORDS)}, unk_token="<unk>"))
    inner.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=inner, unk_token="<unk>", chat_template=TEMPLATE)
    torch.manual_seed(1)
    config = Qwen2Config(
        vocab_size=len(WORDS),
        hidden_size=32,
        intermediate_size=48,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=128,
        initializer_range=0.3,
    )
    Qwen2ForCausalLM(config).save_pretrained(place)
    tokenizer.save_pretrained(place)
    return place


@pytest.fixture
def model(folder: Path) -> PrefillModel:
    return PrefillModel(folder)


ASKED = ["Is the sea blue ?", "Is the sea red or green or blue ?", "Is the sky a b c ?", "Is it ?", "Is the sea 1 ?"]


class TestPrefillModel:
    def test_together_prompts_tell_the_same_as_each_alone(self, model: PrefillModel) -> None:
        together = model.read([conversation(asked) for asked in ASKED])
        for asked, found in zip(ASKED, together, strict=True):
            [alone] = model.read([conversation(asked)])
            [(token, listed)], [(_, listed_alone)] = found.opening, alone.opening
            assert listed[token] == max(listed.values())
            assert listed.keys() == listed_alone.keys()
            assert [listed[one] for one in listed_alone] == pytest.approx(list(listed_alone.values()), abs=0.05)

    def test_tells_what_the_whole_prompt_read_at_once_tells(self, model: PrefillModel, folder: Path) -> None:
        import torch
        from transformers import AutoModelForCausalLM, AutoTokenizer

        plain = AutoModelForCausalLM.from_pretrained(str(folder), dtype=torch.bfloat16).eval()
        tokenizer = AutoTokenizer.from_pretrained(str(folder))
        for asked, found in zip(ASKED, model.read([conversation(asked) for asked in ASKED]), strict=True):
            whole = tokenizer.apply_chat_template(
                conversation(asked), add_generation_prompt=True, return_dict=True, return_tensors="pt"
            )
            with torch.inference_mode():
                expected = torch.log_softmax(plain(whole["input_ids"]).logits[0, -1].float(), dim=-1)
            for token, value in found.opening[0][1].items():
                assert value == pytest.approx(expected[tokenizer.convert_tokens_to_ids(token)].item(), abs=0.05)
            assert found.prompt_tokens == whole["input_ids"].shape[1]

    def test_another_system_message_has_a_beginning_of_its_own(self, model: PrefillModel) -> None:
        [one], [other] = model.read([conversation("Is it ?")]), model.read([conversation("Is it ?", "Say a or b .")])
        assert one.opening != other.opening
        assert model.read([conversation("Is it ?")]) == [one]

    def test_the_kept_beginning_counts_as_cached(self, model: PrefillModel) -> None:
        model.keep(SYSTEM)
        [found] = model.read([conversation("Is the sea blue ?")])
        assert 0 < found.cached_tokens < found.prompt_tokens

    def test_the_same_prompts_twice_are_no_trouble(self, model: PrefillModel) -> None:
        one, other = model.read([conversation("Is it ?"), conversation("Is it ?")])
        assert one.opening[0][1] == pytest.approx(other.opening[0][1], abs=0.05)


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


class TestLoading:
    def test_a_setting_without_meaning_is_refused(self, tmp_path: Path) -> None:
        with pytest.raises(UsageError, match="prefill must be auto, always or never, not 'perhaps'"):
            load_prefill("perhaps", None, tmp_path)

    @pytest.mark.parametrize(("setting", "suits"), [("never", True), ("auto", False)])
    def test_nothing_is_made_where_it_is_not_wanted(
        self, setting: str, suits: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("assistant.prefill.suits_this_machine", lambda: suits)
        weights = tmp_path / "model.gguf"
        weights.write_bytes(b"")
        assert load_prefill(setting, weights, tmp_path) is None
        assert [one.name for one in tmp_path.iterdir()] == ["model.gguf"]

    def test_what_was_made_once_is_loaded(self, folder: Path, tmp_path: Path) -> None:
        weights = tmp_path / "model.gguf"
        weights.write_bytes(b"never read")
        shutil.copytree(folder, tmp_path / prefill_weights._FOLDER)
        assert isinstance(load_prefill("always", weights, tmp_path), PrefillModel)

    def test_without_room_on_the_disk_llama_cpp_reads_itself(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        weights = tmp_path / "model.gguf"
        weights.write_bytes(b"x" * 100)
        monkeypatch.setattr("shutil.disk_usage", lambda _: shutil._ntuple_diskusage(1000, 600, 400))
        assert load_prefill("always", weights, tmp_path) is None
        assert "llama.cpp reads prompts itself" in capsys.readouterr().err

    def test_a_file_that_transformers_does_not_read_leaves_nothing_behind(self, tmp_path: Path) -> None:
        weights = tmp_path / "model.gguf"
        weights.write_bytes(b"no such format")
        assert prefill_folder(weights, tmp_path) is None
        assert [one.name for one in tmp_path.iterdir()] == ["model.gguf"]

    def test_what_a_killed_process_left_behind_goes_and_what_another_one_writes_stays(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(prefill_weights, "_convert", lambda _, place: place.mkdir())
        weights = tmp_path / "model.gguf"
        weights.write_bytes(b"")
        old, new = (tmp_path / f"{prefill_weights._FOLDER}.{name}" for name in ("old", "new"))
        old.mkdir()
        new.mkdir()
        os.utime(old, (1_700_000_000, 1_700_000_000))
        assert prefill_folder(weights, tmp_path) == tmp_path / prefill_weights._FOLDER
        assert new.is_dir()
        assert not old.exists()

    def test_a_cache_that_cannot_be_written_is_no_reason_to_stop(self, tmp_path: Path) -> None:
        weights = tmp_path / "elsewhere" / "model.gguf"
        weights.parent.mkdir()
        weights.write_bytes(b"")
        (tmp_path / "cache").write_text("a file", encoding="utf-8")
        assert prefill_folder(weights, tmp_path / "cache") is None

    def test_weights_from_elsewhere_are_kept_in_the_cache_by_their_identity(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(prefill_weights, "_convert", lambda _, place: place.mkdir())
        elsewhere, cache = tmp_path / "elsewhere", tmp_path / "cache"
        elsewhere.mkdir()
        weights = elsewhere / "model.gguf"
        weights.write_bytes(b"one")
        first = prefill_folder(weights, cache)
        assert first is not None
        assert first.is_relative_to(cache)
        assert prefill_folder(weights, cache) == first
        weights.write_bytes(b"another one")
        assert prefill_folder(weights, cache) != first

    @pytest.mark.parametrize(
        ("flags", "memory", "expected"),
        [("fpu amx_bf16 avx2", 16, True), ("fpu avx2", 16, False), ("fpu amx_bf16 avx2", 8, False)],
    )
    def test_suits_a_processor_with_amx_and_enough_memory(
        self, flags: str, memory: int, expected: bool, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(Path, "read_text", lambda *_, **__: f"flags\t: {flags} \n")
        sizes = {"SC_PAGE_SIZE": 1, "SC_PHYS_PAGES": memory << 30}
        monkeypatch.setattr("os.sysconf", sizes.__getitem__)
        assert suits_this_machine() is expected
