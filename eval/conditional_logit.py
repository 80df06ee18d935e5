"""Which of several things is chosen, or none: a conditional logit, regularised.

McFadden 1974, "Conditional logit analysis of qualitative choice behavior". "None" is a choice of its own whose logit is
0, so that the logit of a thing is its log-odds against none.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

States = NDArray[np.float32]
Numbers = NDArray[np.float64]

_REGULARISATION = 0.1  # of the squared weights of standardised states; from .03 to .3 little changes
_LEAST_SPREAD = 1e-3


@dataclass(frozen=True, slots=True)
class Choice:
    """One choice.

    Attributes:
        states: of the things, (things, dimension).
        right: which of them may be chosen; none of them: then "none" is right.
    """

    states: States
    right: NDArray[np.bool_]


def conditional_logit(choices: Sequence[Choice], regularisation: float = _REGULARISATION) -> tuple[Numbers, float]:
    """The weights and the bias that make the right choices likeliest; the logit is weights · state + bias."""
    from scipy.optimize import minimize

    states = np.concatenate([one.states for one in choices]).astype(np.float64)
    centre, spread = states.mean(axis=0), states.std(axis=0) + _LEAST_SPREAD
    scaled = [((one.states - centre) / spread, one.right) for one in choices]
    start = np.zeros(states.shape[1] + 1)
    found = minimize(
        _loss, start, args=(scaled, regularisation), jac=True, method="L-BFGS-B", options={"maxiter": 500}
    ).x
    weights = found[:-1] / spread
    return weights, float(found[-1] - weights @ centre)


def _loss(
    parameters: Numbers, choices: Sequence[tuple[Numbers, NDArray[np.bool_]]], regularisation: float
) -> tuple[float, Numbers]:
    """The mean negative log-likelihood of what was right, regularised, and its gradient; the bias comes last."""
    weights, bias = parameters[:-1], parameters[-1]
    loss, gradient = 0.0, np.zeros_like(parameters)
    for states, right in choices:
        logits = states @ weights + bias
        total = np.logaddexp.reduce([0.0, *logits])
        chosen = np.logaddexp.reduce(logits[right]) if right.any() else 0.0
        slope = np.exp(logits - total)
        slope[right] -= np.exp(logits[right] - chosen)
        loss += total - chosen
        gradient += np.append(states.T @ slope, slope.sum())
    loss, gradient = loss / len(choices), gradient / len(choices)
    gradient[:-1] += 2 * regularisation * weights
    return float(loss + regularisation * weights @ weights), gradient
