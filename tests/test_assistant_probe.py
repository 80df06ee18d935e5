"""The probe is for one file of weights and one wording of its prompt; it reads the middle of an adapted model."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from assistant.adapter import LowRank
from assistant.prefill_model import PrefillModel
from assistant.probe import CHOOSE, Head, Probe, probe_of, shipped_probe
from assistant.prompt_tokens import PromptTokens
from index.weights import catalogue
from prompts import load
from tests.tiny_model import conversation

SYSTEM = load(CHOOSE, "en").system
ASKED = ["Is the sea blue ?", "Is the sea red or green or blue ?", "Is it ?"]


@pytest.fixture
def probe() -> Probe:
    weights = np.random.default_rng(3).normal(size=32).astype(np.float32)
    return Probe(1, "a", Head(weights, 0.25, "b"))


@pytest.fixture
def adapted_probe(probe: Probe) -> Probe:
    rng = np.random.default_rng(4)
    down, up = rng.normal(size=(2, 32)).astype(np.float16), rng.normal(size=(48, 2)).astype(np.float16)
    return replace(probe, adapter={"0.mlp.up_proj": LowRank(down, up)})


def test_the_shipped_one_is_for_the_default_model_and_the_prompt_as_it_is() -> None:
    [default] = [one for one in catalogue() if one.kind == "generator" and one.default]
    probe = shipped_probe()
    assert probe.model == default.sha256
    assert {load(CHOOSE, language).hash for language in ("fr", "en", "ja")} == {probe.head.prompt}
    assert probe.head.weights.shape == (1536,)
    layers = {int(name.split(".")[0]) for name in probe.adapter}
    assert layers
    assert max(layers) < probe.layer


def test_other_weights_have_none(tmp_path: Path) -> None:
    assert probe_of(tmp_path / shipped_probe().model / "model.gguf") is shipped_probe()
    assert probe_of(tmp_path / "another" / "model.gguf") is None


def test_a_prompt_that_was_changed_has_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("assistant.probe.load", lambda name, language: load("confirm", language))
    assert probe_of(tmp_path / shipped_probe().model / "model.gguf") is None


def test_what_is_saved_is_read(tmp_path: Path, adapted_probe: Probe, monkeypatch: pytest.MonkeyPatch) -> None:
    adapted_probe.save(tmp_path / "probe.npz")
    monkeypatch.setattr("assistant.probe.files", lambda _: tmp_path)
    read = shipped_probe.__wrapped__()
    [(part, change)] = read.adapter.items()
    assert np.array_equal(read.head.weights, adapted_probe.head.weights)
    assert (read.layer, read.model, read.head.bias, read.head.prompt, part) == (1, "a", 0.25, "b", "0.mlp.up_proj")
    assert np.array_equal(change.down, adapted_probe.adapter[part].down)
    assert np.array_equal(change.up, adapted_probe.adapter[part].up)


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
        [logit] = probe.head.logits(state[None])
        assert said["yes"] - said["no"] == pytest.approx(float(logit), abs=0.05)
        assert np.exp(said["yes"]) + np.exp(said["no"]) == pytest.approx(1.0)
        assert token == max(said, key=lambda word: said[word])


def test_an_adapter_changes_what_follows_the_beginning(tiny_model: Path, probe: Probe, adapted_probe: Probe) -> None:
    """As if the weights had been changed in a copy of the model, but for the beginning, which is read as before."""
    import torch
    from transformers import AutoModelForCausalLM

    change = adapted_probe.adapter["0.mlp.up_proj"]
    [asked] = [conversation(ASKED[1], SYSTEM)]
    [before], [after] = (PrefillModel(tiny_model, one).states([asked]) for one in (probe, adapted_probe))
    assert np.abs(after - before).max() > 1.0
    whole = AutoModelForCausalLM.from_pretrained(str(tiny_model), dtype=torch.bfloat16).eval()
    weight = whole.model.layers[0].mlp.up_proj.weight
    with torch.no_grad():
        weight.add_(torch.from_numpy(change.up).float() @ torch.from_numpy(change.down).float())
    tokens = PromptTokens(tiny_model).of(asked)
    with torch.inference_mode():
        expected = whole.model(torch.tensor([tokens]), output_hidden_states=True).hidden_states[1][0, -1]
    assert after == pytest.approx(expected.float().numpy(), abs=0.4)  # one layer: its attention is as it was


def test_every_other_prompt_is_read_by_the_whole_model_as_it_is(tiny_model: Path, adapted_probe: Probe) -> None:
    asked = [conversation(one) for one in ASKED]
    assert PrefillModel(tiny_model, adapted_probe).read(asked) == PrefillModel(tiny_model).read(asked)
