"""A low-rank adapter: small changes of the upper layers that the probe reads through (`assistant.probe`).

To what a linear part of a layer makes of x, B A x is added, with A and B of low rank (Hu et al. 2021, "LoRA: Low-Rank
Adaptation of Large Language Models"). Every other prompt is read by the model as it is.
"""

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

_DOWN, _UP = ".down", ".up"


@dataclass(frozen=True, slots=True)
class LowRank:
    """What is added to one part: `up` @ `down`.

    Attributes:
        down: shape (rank, inputs).
        up: shape (outputs, rank).
    """

    down: NDArray[np.float16]
    up: NDArray[np.float16]


Adapter = Mapping[str, LowRank]
"""By the name of a linear part of a layer, such as "14.self_attn.q_proj"."""


def adapted(layers: Any, adapter: Adapter) -> Any:  # noqa: ANN401 - the library has no types
    """Layers of a transformers model with what an adapter adds; those given stay as they are, and share their weights.

    Args:
        layers: a ModuleList, counted from 0.
        adapter: may be empty.

    Raises:
        IndexError, AttributeError: there is no such layer or part.
    """
    import torch

    found = list(layers)
    for place in sorted({_layer(name) for name in adapter}):
        found[place] = twin(found[place])
    for name, change in adapter.items():
        part = name.split(".", 1)[1]
        kind = found[_layer(name)].get_submodule(part).weight.dtype
        put(found[_layer(name)], part, *(torch.from_numpy(one).to(kind) for one in (change.down, change.up)))
    return torch.nn.ModuleList(found)


def twin(layer: Any) -> Any:  # noqa: ANN401
    """A copy of a layer that shares its weights: parts of it can be replaced without a change to the layer."""
    return copy.deepcopy(layer, {id(weight): weight for weight in layer.parameters()})


def put(layer: Any, part: str, down: Any, up: Any) -> None:  # noqa: ANN401
    """Let a linear part of a layer add up @ down @ x; the names are those of `LowRank`, here tensors or parameters."""
    holder, _, last = part.rpartition(".")
    setattr(layer.get_submodule(holder), last, _changed_linear()(layer.get_submodule(part), down, up))


@cache
def _changed_linear() -> Any:  # noqa: ANN401 - defined late: PyTorch is slow to import
    import torch

    class ChangedLinear(torch.nn.Module):
        """A linear part and its change."""

        def __init__(self, inner: Any, down: Any, up: Any) -> None:  # noqa: ANN401
            super().__init__()
            self.inner, self.down, self.up = inner, down, up

        def forward(self, states: Any) -> Any:  # noqa: ANN401
            linear, kind = torch.nn.functional.linear, states.dtype
            return self.inner(states) + linear(linear(states, self.down.to(kind)), self.up.to(kind))

    return ChangedLinear


def as_arrays(adapter: Adapter) -> dict[str, NDArray[np.float16]]:
    """An adapter as named arrays, for a file."""
    return {
        f"{name}{end}": array
        for name, change in adapter.items()
        for end, array in ((_DOWN, change.down), (_UP, change.up))
    }


def from_arrays(arrays: Mapping[str, NDArray[Any]]) -> dict[str, LowRank]:
    """The reverse of `as_arrays`; arrays of other names are left alone."""
    names = sorted(name.removesuffix(_DOWN) for name in arrays if name.endswith(_DOWN))
    return {
        name: LowRank(np.asarray(arrays[name + _DOWN], np.float16), np.asarray(arrays[name + _UP], np.float16))
        for name in names
    }


def _layer(name: str) -> int:
    return int(name.split(".", 1)[0])
