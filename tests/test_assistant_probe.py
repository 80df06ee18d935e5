"""The probes are for one file of weights and one wording of their prompts; they read the middle of the model."""

from pathlib import Path

import numpy as np
import pytest

from assistant.prefill_model import PrefillModel
from assistant.probe import PROMPTS, Probe, Probes, probes_of, shipped_probes
from index.weights import catalogue
from prompts import load
from tests.tiny_model import conversation, write_tiny_model

ASKED = ["Is the sea blue ?", "Is the sea red or green or blue ?", "Is it ?"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("tiny")
    write_tiny_model(place)
    return place


@pytest.fixture
def probes() -> Probes:
    rng = np.random.default_rng(3)
    by_prompt = {name: Probe(rng.normal(size=32).astype(np.float32), 0.25, f"hash of {name}") for name in PROMPTS}
    return Probes(1, "a", by_prompt)


def test_the_shipped_ones_are_for_the_default_model_and_the_prompts_as_they_are() -> None:
    [default] = [one for one in catalogue() if one.kind == "generator" and one.default]
    probes = shipped_probes()
    assert probes.model == default.sha256
    for name in PROMPTS:
        probe = probes.by_prompt[name]
        assert {load(name, language).hash for language in ("fr", "en", "ja")} == {probe.prompt}
        assert probe.weights.shape == (1536,)
        assert np.abs(probe.weights).max() > 0


def test_other_weights_have_none(tmp_path: Path) -> None:
    assert probes_of(tmp_path / shipped_probes().model / "model.gguf") is shipped_probes()
    assert probes_of(tmp_path / "another" / "model.gguf") is None


def test_a_prompt_that_was_changed_has_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("assistant.probe.load", lambda name, language: load("same", language))
    assert probes_of(tmp_path / shipped_probes().model / "model.gguf") is None


def test_what_is_saved_is_read(tmp_path: Path, probes: Probes, monkeypatch: pytest.MonkeyPatch) -> None:
    probes.save(tmp_path / "probes.npz")
    monkeypatch.setattr("assistant.probe.files", lambda _: tmp_path)
    read = shipped_probes.__wrapped__()
    assert (read.layer, read.model) == (1, "a")
    for name in PROMPTS:
        assert np.array_equal(read.by_prompt[name].weights, probes.by_prompt[name].weights)
        assert (read.by_prompt[name].bias, read.by_prompt[name].prompt) == (0.25, f"hash of {name}")


@pytest.mark.parametrize("name", PROMPTS)
def test_each_judges_by_the_state_of_its_layer(folder: Path, probes: Probes, name: str) -> None:
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    model, probe = PrefillModel(folder, probes), probes.by_prompt[name]
    plain = AutoModelForCausalLM.from_pretrained(str(folder), dtype=torch.bfloat16).eval()
    tokenizer = AutoTokenizer.from_pretrained(str(folder))
    asked = [conversation(one, load(name, "en").system) for one in ASKED]
    for one, found, state in zip(asked, model.read(asked), model.states(asked), strict=True):
        whole = tokenizer.apply_chat_template(one, add_generation_prompt=True, return_dict=True, return_tensors="pt")
        with torch.inference_mode():
            states = plain.model(whole["input_ids"], output_hidden_states=True).hidden_states
        assert state == pytest.approx(states[1][0, -1].float().numpy(), abs=0.05)
        [(token, said)] = found.opening
        assert said["yes"] - said["no"] == pytest.approx(float(state @ probe.weights + probe.bias), abs=0.05)
        assert np.exp(said["yes"]) + np.exp(said["no"]) == pytest.approx(1.0)
        assert token == max(said, key=lambda word: said[word])


def test_every_other_prompt_is_read_by_the_whole_model(folder: Path, probes: Probes) -> None:
    asked = [conversation(one) for one in ASKED]
    assert PrefillModel(folder, probes).read(asked) == PrefillModel(folder).read(asked)
