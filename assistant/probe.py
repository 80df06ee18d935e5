"""Linear probes: whether a sentence answers a question, read from the middle of the language model.

A small model knows better than it says. What it has computed of "does this sentence answer?" after two thirds of its
layers, at the last token of the prompt, separates right sentences from wrong ones better than its words do, and the
layers above need not run (Alain and Bengio 2016, "Understanding intermediate layers using linear classifier probes";
models that know more than they say: Burns et al. 2022, "Discovering Latent Knowledge in Language Models Without
Supervision"). `python -m eval probe` fits them; they hold for one file of weights and one wording of each prompt.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import as_file, files
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from prompts import load

PROMPTS = ("choose", "confirm")  # asked of many sentences, and of the likeliest of them once more
_FILE = "probes.npz"


@dataclass(frozen=True, slots=True)
class Probe:
    """A linear function of a state: the log-odds that a sentence answers, or what a second look adds to them.

    Attributes:
        weights: shape (dimension,).
        bias: the logit is the product of weights and state, and this.
        prompt: hash of the prompt at whose end the state is taken.
    """

    weights: NDArray[np.float32]
    bias: float
    prompt: str


@dataclass(frozen=True, slots=True)
class Probes:
    """The probes of one language model.

    Attributes:
        layer: how many layers run; the state is what the last of them hands on.
        model: SHA-256 of the model's file.
        by_prompt: a probe for the name of each prompt.
    """

    layer: int
    model: str
    by_prompt: Mapping[str, Probe]

    def save(self, path: Path) -> None:
        """Write them to a file."""
        parts = {
            f"{name}.{part}": getattr(probe, part)
            for name, probe in self.by_prompt.items()
            for part in ("weights", "bias", "prompt")
        }
        np.savez(path, allow_pickle=False, layer=self.layer, model=self.model, **parts)


def probes_of(weights: Path) -> Probes | None:
    """The probes that were fitted for a file of the cache, and for the prompts as they are now; None for others."""
    probes = shipped_probes()
    same = all(load(name, "en").hash == probe.prompt for name, probe in probes.by_prompt.items())
    return probes if same and weights.parent.name == probes.model else None


@cache
def shipped_probes() -> Probes:
    """The probes of the default model."""
    with as_file(files("assistant") / _FILE) as path, np.load(path, allow_pickle=False) as stored:
        by_prompt = {
            name: Probe(
                np.asarray(stored[f"{name}.weights"], np.float32),
                float(stored[f"{name}.bias"]),
                str(stored[f"{name}.prompt"]),
            )
            for name in PROMPTS
        }
        return Probes(int(stored["layer"]), str(stored["model"]), by_prompt)
