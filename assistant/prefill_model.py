"""Reads prompts with PyTorch where the processor multiplies bfloat16 matrices itself; llama.cpp goes on writing.

Of every close sentence the model is asked "does it say what is asked?" and answers with one token: all of this is
reading a prompt ("prefill"), none of it is writing. llama.cpp's prebuilt library uses AVX2 at most; with AMX the same
weights in bfloat16 read several times as many tokens a second, several sentences side by side. Decoding is bound by
memory, where llama.cpp's small weights win.
"""

import copy
import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from assistant.adapter import adapted
from assistant.chat_protocol import LISTED_TOKENS, Message
from assistant.generation import Generation
from assistant.probe import CHOOSE, Probe
from assistant.prompt_tokens import PromptTokens, shared
from assistant.yes_or_no import NO, YES
from index.cores import CORE, cores
from prompts import load

Found = TypeVar("Found")

_TOGETHER = 6  # prompts in one pass; more are no faster
_KEPT_BEGINNINGS = 8  # of prompts, about 10 MB each


class PrefillModel:
    """A causal language model that tells what the first token of an answer could be. Thread-safe."""

    def __init__(self, folder: Path, probe: Probe | None = None) -> None:
        """Load it.

        Args:
            folder: of transformers, with weights and tokenizer.
            probe: answers its prompt by "yes" or "no" in place of the last layers.

        Raises:
            OSError: the folder is damaged.
        """
        import torch
        from transformers import AutoModelForCausalLM
        from transformers.utils import logging

        logging.disable_progress_bar()
        self._tokens = PromptTokens(folder)
        self._model = AutoModelForCausalLM.from_pretrained(
            str(folder), dtype=torch.bfloat16, local_files_only=True, attn_implementation="sdpa"
        ).eval()
        self._head = None if probe is None else probe.head
        self._probed = "" if probe is None else load(CHOOSE, "en").system
        self._plain = self._short = self._model.model
        if probe is not None:
            self._plain = first_layers(self._model.model, self._model.model.layers[: probe.layer])
            self._short = first_layers(self._model.model, adapted(self._plain.layers, probe.adapter))
        self._beginnings: OrderedDict[str, tuple[list[int], Any]] = OrderedDict()
        self._lock = threading.Lock()

    def keep(self, system: str) -> None:
        """Compute the beginning of the prompts with a system message, so that the first question need not."""
        self._beginning(system)

    def read(self, conversations: Sequence[Sequence[Message]]) -> list[Generation]:
        """What the first token of the answer to each conversation could be.

        Args:
            conversations: a system and a user message each; the system message is the same in all.

        Returns:
            For each a record with `opening` (the likeliest tokens with their log-probabilities) and token counts.
        """
        probed = self._head is not None and conversations[0][0]["content"] == self._probed
        found = self._run(conversations, self._judged if probed else self._listed)
        return [
            Generation(
                prompt_tokens=length,
                cached_tokens=kept,
                answer_tokens=1,
                finish_reason="length",
                opening=[(max(listed, key=listed.__getitem__), listed)],
            )
            for listed, length, kept in found
        ]

    def states(self, conversations: Sequence[Sequence[Message]]) -> NDArray[np.float32]:
        """What the probe would read: the states of the last tokens after its layer, (conversations, dimension)."""
        return np.stack([state for state, _, _ in self._run(conversations, lambda last: list(last.float().numpy()))])

    def _run(
        self,
        conversations: Sequence[Sequence[Message]],
        take: Callable[[Any], list[Found]],
    ) -> list[tuple[Found, int, int]]:
        """Run the model over prompts with one beginning.

        Args:
            conversations: as for `read`.
            take: makes of the states of last tokens, (some prompts, dimension), something for each.

        Returns:
            For each what was made of it, the length of the prompt, and how much of it was kept from before, in tokens.
        """
        system = conversations[0][0]["content"]
        fixed, cache = self._beginning(system)
        prompts = [self._tokens.of(conversation) for conversation in conversations]
        common = min(shared(prompts), min(map(len, prompts)) - 1)  # something is left of each
        if common < len(fixed) or prompts[0][: len(fixed)] != fixed:
            raise AssertionError("prompts must begin with their system message")
        if common > len(fixed) and len(prompts) > 1:
            cache = self._extended(system, cache, prompts[0][len(fixed) : common])
        else:
            common = len(fixed)
        rest = [prompt[common:] for prompt in prompts]
        order = sorted(range(len(rest)), key=lambda place: -len(rest[place]))
        number = -(-len(order) // _TOGETHER)
        number = min(len(order), -(-number // cores()) * cores())  # every core has one
        groups = [order[len(order) * one // number : len(order) * (one + 1) // number] for one in range(number)]
        found: dict[int, Found] = {}

        def run(group: Sequence[int]) -> list[Found]:
            with CORE:
                return self._taken(system, [rest[place] for place in group], cache, take)

        with ThreadPoolExecutor(min(cores(), len(groups))) as pool:
            for group, taken in zip(groups, pool.map(run, groups), strict=True):
                found.update(zip(group, taken, strict=True))
        return [(found[place], len(prompt), len(fixed)) for place, prompt in enumerate(prompts)]

    def _beginning(self, system: str) -> tuple[list[int], Any]:
        """The tokens that all prompts with a system message begin with, and what the model computes of them."""
        with self._lock:
            kept = self._beginnings.get(system)
            if kept is not None:
                self._beginnings.move_to_end(system)
                return kept
        tokens = self._tokens.beginning(system)
        found = tokens, self._extended(system, None, tokens)
        with self._lock:
            self._beginnings[system] = found
            while len(self._beginnings) > _KEPT_BEGINNINGS:
                self._beginnings.popitem(last=False)
        return found

    def _layers(self, system: str, *, begins: bool = False) -> Any:  # noqa: ANN401 - the library has no types
        """As many layers as prompts with a system message need; an adapter reads after the beginning they share."""
        if system != self._probed:
            return self._model.model
        return self._plain if begins else self._short

    def _extended(self, system: str, cache: Any, tokens: Sequence[int]) -> Any:  # noqa: ANN401
        """What the model has computed of a beginning, and of the tokens after it; the one given stays as it is."""
        import torch

        torch.set_num_threads(cores())
        with torch.inference_mode():
            layers = self._layers(system, begins=cache is None)
            read = layers(torch.tensor([list(tokens)]), cache=copy.deepcopy(cache), use_cache=True)
        return read.cache

    def _taken(
        self,
        system: str,
        rows: Sequence[Sequence[int]],
        cache: Any,  # noqa: ANN401
        take: Callable[[Any], list[Found]],
    ) -> list[Found]:
        """What is made of the states of the last token of each row, all after one beginning."""
        import torch

        torch.set_num_threads(1)  # of this thread: groups run side by side
        longest = max(map(len, rows))
        padded = torch.tensor([[*row, *[0] * (longest - len(row))] for row in rows])  # causal: what follows is not read
        own = copy.deepcopy(cache)
        own.batch_repeat_interleave(len(rows))
        with torch.inference_mode():
            hidden = self._layers(system)(padded, cache=own, use_cache=True).last_hidden_state
            return take(torch.stack([hidden[place, len(row) - 1] for place, row in enumerate(rows)]))

    def _listed(self, last: Any) -> list[dict[str, float]]:  # noqa: ANN401
        """The likeliest next tokens."""
        import torch

        rounded = self._model.lm_head(last).float()  # to an eighth, where they are large
        tokens = rounded.topk(LISTED_TOKENS).indices
        exact = torch.einsum("rtd,rd->rt", self._model.lm_head.weight[tokens].float(), last.float())
        likely = exact - rounded.logsumexp(dim=-1, keepdim=True)
        return [
            {self._tokens.text(token): value for token, value in zip(listed, values, strict=True)}
            for listed, values in zip(tokens.tolist(), likely.tolist(), strict=True)
        ]

    def _judged(self, last: Any) -> list[dict[str, float]]:  # noqa: ANN401
        """Yes and no as the probe sees them."""
        if self._head is None:
            raise AssertionError("no probe")
        logits = self._head.logits(last.float().numpy())
        return [{YES: -float(np.logaddexp(0.0, -one)), NO: -float(np.logaddexp(0.0, one))} for one in logits]


def first_layers(model: Any, layers: Any) -> Any:  # noqa: ANN401
    """The same model with these layers only: what the last of them hands on is what it gives."""
    import torch

    short = copy.copy(model)
    short._modules = {**model._modules, "norm": torch.nn.Identity(), "layers": layers}
    short.config = copy.copy(model.config)
    short.config.num_hidden_layers = len(layers)
    return short
