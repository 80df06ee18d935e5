"""The probe is for one file of weights and one wording of its prompt; it reads the middle of the model."""

from pathlib import Path

import numpy as np
import pytest

from assistant.prefill_model import PrefillModel
from assistant.probe import PROMPT, Probe, probe_of, shipped_probe
from index.weights import catalogue
from prompts import load
from tests.tiny_model import conversation

SYSTEM = load(PROMPT, "en").system
ASKED = ["Is the sea blue ?", "Is the sea red or green or blue ?", "Is it ?"]


@pytest.fixture
def probe() -> Probe:
    weights = np.random.default_rng(3).normal(size=32).astype(np.float32)
    return Probe(1, weights, 0.25, "a", "b")


def test_the_shipped_one_is_for_the_default_model_and_the_prompt_as_it_is() -> None:
    [default] = [one for one in catalogue() if one.kind == "generator" and one.default]
    probe = shipped_probe()
    assert probe.model == default.sha256
    assert {load(PROMPT, language).hash for language in ("fr", "en", "ja")} == {probe.prompt}
    assert probe.weights.shape == (1536,)


def test_other_weights_have_none(tmp_path: Path) -> None:
    assert probe_of(tmp_path / shipped_probe().model / "model.gguf") is shipped_probe()
    assert probe_of(tmp_path / "another" / "model.gguf") is None


def test_a_prompt_that_was_changed_has_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("assistant.probe.load", lambda name, language: load("confirm", language))
    assert probe_of(tmp_path / shipped_probe().model / "model.gguf") is None


def test_what_is_saved_is_read(tmp_path: Path, probe: Probe, monkeypatch: pytest.MonkeyPatch) -> None:
    probe.save(tmp_path / "probe.npz")
    monkeypatch.setattr("assistant.probe.files", lambda _: tmp_path)
    read = shipped_probe.__wrapped__()
    assert np.array_equal(read.weights, probe.weights)
    assert (read.layer, read.bias, read.model, read.prompt) == (1, 0.25, "a", "b")


def test_it_judges_by_the_state_of_its_layer(tiny_model: Path, probe: Probe) -> None:
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    model = PrefillModel(tiny_model, probe)
    plain = AutoModelForCausalLM.from_pretrained(str(tiny_model), dtype=torch.bfloat16).eval()
    tokenizer = AutoTokenizer.from_pretrained(str(tiny_model))
    asked = [conversation(one, SYSTEM) for one in ASKED]
    for one, found, state in zip(asked, model.read(asked), model.states(asked), strict=True):
        whole = tokenizer.apply_chat_template(one, add_generation_prompt=True, return_dict=True, return_tensors="pt")
        with torch.inference_mode():
            states = plain.model(whole["input_ids"], output_hidden_states=True).hidden_states
        expected = states[1][0, -1].float().numpy()
        assert state == pytest.approx(expected, abs=0.05)
        [(token, said)] = found.opening
        assert said["yes"] - said["no"] == pytest.approx(float(state @ probe.weights + probe.bias), abs=0.05)
        assert np.exp(said["yes"]) + np.exp(said["no"]) == pytest.approx(1.0)
        assert token == max(said, key=lambda word: said[word])


def test_every_other_prompt_is_read_by_the_whole_model(tiny_model: Path, probe: Probe) -> None:
    asked = [conversation(one) for one in ASKED]
    assert PrefillModel(tiny_model, probe).read(asked) == PrefillModel(tiny_model).read(asked)
