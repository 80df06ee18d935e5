"""A linear probe: whether a sentence answers a question, read from the middle of the language model.

A small model knows better than it says. What it has computed of "does this sentence answer?" after two thirds of its
layers, at the last token of the prompt, separates right sentences from wrong ones better than its words do, and the
layers above need not run (Alain and Bengio 2016, "Understanding intermediate layers using linear classifier probes";
models that know more than they say: Burns et al. 2022, "Discovering Latent Knowledge in Language Models Without
Supervision"). `python -m eval probe` fits one; it holds for one file of weights and one wording of the prompt.
The one here was fitted on 660 questions in three languages about 35 documents on other subjects, and on the dev
questions about the shipped ones; on documents that a probe had not seen, the best of twelve sentences was right for 392
of 495 answerable questions, and for 70 of 91 dev questions.
"""

from dataclasses import dataclass
from functools import cache
from importlib.resources import as_file, files
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from prompts import load

PROMPT = "choose"
_FILE = "probe.npz"


@dataclass(frozen=True, slots=True)
class Probe:
    """A linear function of the state of one layer: the log-odds that a sentence answers, against that none does.

    Attributes:
        layer: how many layers run; the state is what the last of them hands on.
        weights: shape (dimension,).
        bias: the logit is the product of weights and state, and this.
        model: SHA-256 of the file of the language model.
        prompt: hash of the prompt.
    """

    layer: int
    weights: NDArray[np.float32]
    bias: float
    model: str
    prompt: str

    def save(self, path: Path) -> None:
        """Write it to a file."""
        np.savez(path, layer=self.layer, weights=self.weights, bias=self.bias, model=self.model, prompt=self.prompt)


def probe_of(weights: Path) -> Probe | None:
    """The probe that was fitted for a file of the cache, and for the prompt as it is now; None for others."""
    probe = shipped_probe()
    fits = weights.parent.name == probe.model and load(PROMPT, "en").hash == probe.prompt
    return probe if fits else None


@cache
def shipped_probe() -> Probe:
    """The probe of the default model."""
    with as_file(files("assistant") / _FILE) as path, np.load(path, allow_pickle=False) as stored:
        return Probe(
            int(stored["layer"]),
            np.asarray(stored["weights"], np.float32),
            float(stored["bias"]),
            str(stored["model"]),
            str(stored["prompt"]),
        )
