"""Reads prompts with PyTorch where the processor multiplies bfloat16 matrices itself; llama.cpp goes on writing.

Of every close sentence the model is asked "does it say what is asked?" and answers with one token: all of this is
reading a prompt ("prefill"), none of it is writing. llama.cpp's prebuilt library uses AVX2 at most; with AMX the same
weights in bfloat16 read several times as many tokens a second, several sentences side by side. Decoding is bound by
memory, where llama.cpp's small weights win.
"""

import copy
import os
import sys
import threading
import weakref
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from assistant.chat_protocol import LISTED_TOKENS, Message, Schema
from assistant.generation import Generation, GenerationStream
from assistant.generator import Generator
from assistant.prefill_weights import prefill_folder, suits_this_machine
from assistant.wrapped_generator import WrappedGenerator
from index.cores import CORE, cores
from index.errors import UsageError

_TOGETHER = 6  # prompts in one pass; more are no faster
_KEPT_BEGINNINGS = 8  # of prompts, about 10 MB each


class PrefillModel:
    """A causal language model that tells what the first token of an answer could be. Thread-safe."""

    def __init__(self, folder: Path) -> None:
        """Load it.

        Args:
            folder: of transformers, with weights and tokenizer.

        Raises:
            OSError: the folder is damaged.
        """
        import torch
        from transformers import AutoModelForCausalLM, AutoTokenizer
        from transformers.utils import logging

        logging.disable_progress_bar()
        os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
        self._tokenizer = AutoTokenizer.from_pretrained(str(folder), local_files_only=True)
        self._model = AutoModelForCausalLM.from_pretrained(
            str(folder), dtype=torch.bfloat16, local_files_only=True, attn_implementation="sdpa"
        ).eval()
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
        fixed, cache = self._beginning(conversations[0][0]["content"])
        prompts = [self._tokens(conversation) for conversation in conversations]
        shared = min(_shared(prompts), min(map(len, prompts)) - 1)  # something is left of each
        if shared < len(fixed) or prompts[0][: len(fixed)] != fixed:
            raise AssertionError("prompts must begin with their system message")
        if shared > len(fixed) and len(prompts) > 1:
            cache = self._extended(cache, prompts[0][len(fixed) : shared])
        else:
            shared = len(fixed)
        rest = [prompt[shared:] for prompt in prompts]
        order = sorted(range(len(rest)), key=lambda place: -len(rest[place]))
        number = -(-len(order) // _TOGETHER)
        number = min(len(order), -(-number // cores()) * cores())  # every core has one
        groups = [order[len(order) * one // number : len(order) * (one + 1) // number] for one in range(number)]
        found: dict[int, dict[str, float]] = {}

        def run(group: Sequence[int]) -> list[dict[str, float]]:
            with CORE:
                return self._listed([rest[place] for place in group], cache)

        with ThreadPoolExecutor(min(cores(), len(groups))) as pool:
            for group, listed in zip(groups, pool.map(run, groups), strict=True):
                found.update(zip(group, listed, strict=True))
        return [
            Generation(
                prompt_tokens=len(prompt),
                cached_tokens=len(fixed),
                answer_tokens=1,
                finish_reason="length",
                opening=[(max(found[place], key=found[place].__getitem__), found[place])],
            )
            for place, prompt in enumerate(prompts)
        ]

    def _tokens(self, conversation: Sequence[Message]) -> list[int]:
        with self._lock:
            found = self._tokenizer.apply_chat_template(
                [dict(message) for message in conversation], add_generation_prompt=True, return_dict=True
            )
        tokens: list[int] = found["input_ids"]
        return tokens

    def _beginning(self, system: str) -> tuple[list[int], Any]:
        """The tokens that all prompts with a system message begin with, and what the model computes of them."""
        with self._lock:
            kept = self._beginnings.get(system)
            if kept is not None:
                self._beginnings.move_to_end(system)
                return kept
        messages = ({"role": "system", "content": system}, {"role": "user", "content": ""})
        one, other = (self._tokens([messages[0], {**messages[1], "content": word}]) for word in ("a", "1"))
        tokens = one[: _shared([one, other])]
        found = tokens, self._extended(None, tokens)
        with self._lock:
            self._beginnings[system] = found
            while len(self._beginnings) > _KEPT_BEGINNINGS:
                self._beginnings.popitem(last=False)
        return found

    def _extended(self, cache: Any, tokens: Sequence[int]) -> Any:  # noqa: ANN401 - the library has no types
        """What the model has computed of a beginning, and of the tokens after it; the one given stays as it is."""
        import torch

        torch.set_num_threads(cores())
        with torch.inference_mode():
            return self._model.model(torch.tensor([list(tokens)]), cache=copy.deepcopy(cache), use_cache=True).cache

    def _listed(self, rows: Sequence[Sequence[int]], cache: Any) -> list[dict[str, float]]:  # noqa: ANN401
        """The likeliest next tokens after each row of tokens, all after one beginning."""
        import torch

        torch.set_num_threads(1)  # of this thread: groups run side by side
        longest = max(map(len, rows))
        padded = torch.tensor([[*row, *[0] * (longest - len(row))] for row in rows])  # causal: what follows is not read
        own = copy.deepcopy(cache)
        own.batch_repeat_interleave(len(rows))
        with torch.inference_mode():
            hidden = self._model.model(padded, cache=own, use_cache=True).last_hidden_state
            last = torch.stack([hidden[place, len(row) - 1] for place, row in enumerate(rows)])
            rounded = self._model.lm_head(last).float()  # to an eighth, where they are large
            tokens = rounded.topk(LISTED_TOKENS).indices
            exact = torch.einsum("rtd,rd->rt", self._model.lm_head.weight[tokens].float(), last.float())
            likely = exact - rounded.logsumexp(dim=-1, keepdim=True)
        with self._lock:
            return [
                {self._tokenizer.decode([token]): value for token, value in zip(listed, values, strict=True)}
                for listed, values in zip(tokens.tolist(), likely.tolist(), strict=True)
            ]


def load_prefill(setting: str, weights: Path | None, cache: Path) -> PrefillModel | None:
    """The model that reads for llama.cpp, or None where llama.cpp shall read itself.

    Args:
        setting: `prefill` of the configuration.
        weights: the file that llama.cpp serves; None for another server.
        cache: where the converted weights are kept.

    Raises:
        UsageError: the setting has no meaning.
    """
    if setting not in ("auto", "always", "never"):
        raise UsageError(f"prefill must be auto, always or never, not '{setting}'")
    if weights is None or setting == "never" or (setting == "auto" and not suits_this_machine()):
        return None
    folder = prefill_folder(weights, cache)
    if folder is None:
        sys.stderr.write("note: llama.cpp reads prompts itself, slower (no disk space, or a model it alone reads)\n")
        return None
    return PrefillModel(folder)


def _shared(rows: Sequence[Sequence[int]]) -> int:
    """How many tokens all rows begin with."""
    return next(
        (place for place, found in enumerate(zip(*rows, strict=False)) if len(set(found)) > 1), min(map(len, rows))
    )


class _Request:
    """A prompt that waits to be read."""

    def __init__(self, messages: Sequence[Message], generation: Generation) -> None:
        self.messages = messages
        self.generation = generation
        self.thread = threading.get_ident()
        self.read = False


class PrefillingGenerator(WrappedGenerator):
    """A generator whose one-token answers come from a `PrefillModel`, and everything else from another generator.

    Streams that were asked for before the first of them is read are read together. Thread-safe.
    """

    def __init__(self, generator: Generator, model: PrefillModel) -> None:
        super().__init__(generator)
        self._prefill = model
        self._waiting: weakref.WeakSet[_Request] = weakref.WeakSet()
        self._lock = threading.Lock()

    @property
    def reads_fast(self) -> bool:
        """It does."""
        return True

    def stream(
        self, messages: Sequence[Message], *, schema: Schema | None, max_tokens: int, language: str
    ) -> Iterator[str]:
        """Generate; a single free token is read off at once.

        Raises:
            RunError: (while iterating) as the other generator.
        """
        if schema is not None or max_tokens != 1 or len(messages) != 2:
            return super().stream(messages, schema=schema, max_tokens=max_tokens, language=language)
        request = _Request(messages, Generation(language=language))
        with self._lock:
            self._waiting.add(request)
        return GenerationStream(self._pieces(request), request.generation)

    def _pieces(self, request: _Request) -> Iterator[str]:
        if not request.read:
            with self._lock:
                together = [
                    other
                    for other in self._waiting
                    if other.thread == request.thread and other.messages[0] == request.messages[0]
                ]
                self._waiting.difference_update(together)
            for one, found in zip(together, self._prefill.read([one.messages for one in together]), strict=True):
                for name in ("prompt_tokens", "cached_tokens", "answer_tokens", "finish_reason", "opening"):
                    setattr(one.generation, name, getattr(found, name))
                one.read = True
        [(token, _)] = request.generation.opening
        request.generation.text = token
        yield token
