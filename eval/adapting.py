"""Fits the probe of the assistant and the adapter that it reads through, together (`assistant.probe`).

A conditional logit (`eval.conditional_logit`) over the close sentences of each question, "none" among the choices, by
gradient descent through the upper layers, whose linear parts get changes of low rank (Hu et al. 2021, "LoRA"). Wrong
sentences that the probe finds likely are looked at most (hard negatives: Karpukhin et al. 2020, "Dense Passage
Retrieval", section 3.2).
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assistant.adapter import Adapter, LowRank, put
from assistant.probe import Head
from eval.packing import Layers, Packed

_RANK = 8
_RATE = 1.2e-4  # with 3e-4 the loss rose
_OF_UP, _OF_HEAD, _OF_BIAS = 2.0, 0.5, 5.0  # times that; the second factor learns faster (Hayou et al. 2024, "LoRA+")
_BATCH, _WARM_UP = 8, 20  # questions; steps
_ROWS, _RANDOM_ROWS, _RIGHT_ROWS = 6, 2, 2  # sentences of a question in one step


@dataclass(frozen=True, slots=True)
class Labelled:
    """What is known of the close sentences of one question.

    Attributes:
        packed: their prompts, closest first.
        right: which of them answer.
    """

    packed: Packed
    right: NDArray[np.bool_]


def adapt(
    layers: Layers,
    examples: Sequence[Labelled],
    start: Head,
    *,
    epochs: int,
    rate: float = _RATE,
    show: Callable[[int, int, float], None],
) -> tuple[Adapter, Head]:
    """Fit adapter and head.

    Args:
        layers: of the language model; the upper ones are changed.
        examples: of all questions.
        start: a head for the layers as they are.
        epochs: how often all questions are looked at.
        rate: of learning, at its highest.
        show: called after each step with its number, that of all steps, and the mean loss so far.

    Returns:
        What `assistant.probe.Probe` takes.
    """
    import torch

    torch.manual_seed(0)
    rng = np.random.default_rng(0)
    parts = _with_changes(layers)
    changes = [weight for part in parts.values() for weight in part]
    scale = _spread(layers, examples[:: max(1, len(examples) // 40)])
    head = torch.nn.Linear(layers.dimension, 1)
    with torch.no_grad():
        head.weight.copy_(torch.from_numpy(start.weights) * scale)
        head.bias.fill_(start.bias)
    rates = [
        {"params": [down for down, _ in parts.values()], "lr": rate, "weight_decay": 0.01},
        {"params": [up for _, up in parts.values()], "lr": rate * _OF_UP, "weight_decay": 0.01},
        {"params": [head.weight], "lr": rate * _OF_HEAD, "weight_decay": 0.0},
        {"params": [head.bias], "lr": rate * _OF_BIAS, "weight_decay": 0.0},
    ]
    optimiser = torch.optim.AdamW(rates, betas=(0.9, 0.98))
    steps = epochs * math.ceil(len(examples) / _BATCH)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimiser, lambda step: min(1.0, (step + 1) / _WARM_UP) * (0.525 + 0.475 * math.cos(math.pi * step / steps))
    )
    likely = [-np.arange(len(one.right), dtype=np.float64) for one in examples]
    step, total, seen = 0, 0.0, 0
    for _ in range(epochs):
        order = rng.permutation(len(examples))
        for first in range(0, len(order), _BATCH):
            optimiser.zero_grad()
            for place in order[first : first + _BATCH]:
                one = examples[place]
                rows = _rows(one, likely[place], rng)
                logits = head(layers.last_states(one.packed.only(rows)) / scale)[:, 0]
                loss = _loss(logits, one.right[rows])
                (loss / _BATCH).backward()
                likely[place][rows] = logits.detach().numpy()
                total, seen = total + float(loss.detach()), seen + 1
            torch.nn.utils.clip_grad_norm_(changes, 1.0)
            optimiser.step()
            schedule.step()
            step += 1
            show(step, steps, total / seen)
    adapter = {name: LowRank(_half(down), _half(up)) for name, (down, up) in parts.items()}
    weights = (head.weight[0] / scale).detach().numpy()
    return adapter, Head(weights, float(head.bias[0].detach()), start.prompt)


def _rows(one: Labelled, likely: NDArray[np.float64], rng: np.random.Generator) -> list[int]:
    """The sentences of a question that one step looks at: right ones, the likeliest wrong ones, and some others."""
    right = np.flatnonzero(one.right)
    if len(right) > _RIGHT_ROWS:
        right = rng.choice(right, _RIGHT_ROWS, replace=False)
    wrong = sorted(np.flatnonzero(~one.right), key=lambda place: -likely[place])
    hard = max(0, _ROWS - len(right) - _RANDOM_ROWS)
    others = rng.permutation(wrong[hard:])[:_RANDOM_ROWS]
    return [int(place) for place in (*right, *wrong[:hard], *others)]


def _loss(logits: Any, right: NDArray[np.bool_]) -> Any:  # noqa: ANN401 - tensors
    """The negative log-likelihood of what is right; "none" has the logit 0."""
    import torch

    none = torch.zeros(1)
    total = torch.logsumexp(torch.cat([none, logits]), 0)
    return total - (torch.logsumexp(logits[torch.from_numpy(right)], 0) if right.any() else 0.0)


def _spread(layers: Layers, examples: Sequence[Labelled]) -> Any:  # noqa: ANN401
    """The standard deviation of each part of the states, before anything is changed."""
    import torch

    with torch.no_grad():
        return torch.cat([layers.last_states(one.packed) for one in examples]).std(0) + 1e-3


def _with_changes(layers: Layers) -> dict[str, tuple[Any, Any]]:
    """Give every linear part of the upper layers a change, at first of nothing; its two factors come by its name."""
    import torch

    found = {}
    for number, layer in enumerate(layers.upper.layers, start=layers.first):
        linear = [(name, part) for name, part in layer.named_modules() if isinstance(part, torch.nn.Linear)]
        for name, part in linear:
            down = torch.nn.Parameter(torch.randn(_RANK, part.in_features) / math.sqrt(part.in_features))
            up = torch.nn.Parameter(torch.zeros(part.out_features, _RANK))
            put(layer, name, down, up)
            found[f"{number}.{name}"] = down, up
    return found


def _half(weight: Any) -> NDArray[np.float16]:  # noqa: ANN401
    return np.asarray(weight.detach().numpy(), np.float16)
