"""A question and its close sentences as one sequence, for fitting: a sentence sees the question and itself, no other.

So the question is read once, as when the assistant asks (`assistant.prefill_model`), and the layers below the adapter,
which do not change, are run once for all passes over the questions.
"""

import copy
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assistant.adapter import twin
from assistant.chat_protocol import Message
from assistant.prefill_model import first_layers
from assistant.prompt_tokens import PromptTokens, shared


@dataclass(frozen=True, slots=True)
class Packed:
    """The prompts of one question, after the beginning that all prompts of their kind share.

    Attributes:
        system: the message with which they begin.
        states: what the lower layers make of the question and then of each sentence, (tokens, dimension), a tensor.
        question: tokens of the question.
        lengths: tokens of each sentence.
    """

    system: str
    states: Any
    question: int
    lengths: tuple[int, ...]

    def only(self, places: Sequence[int]) -> "Packed":
        """The same with some of the sentences."""
        import torch

        starts = [self.question + sum(self.lengths[:place]) for place in range(len(self.lengths))]
        tokens = [*range(self.question)]
        for place in places:
            tokens += range(starts[place], starts[place] + self.lengths[place])
        lengths = tuple(self.lengths[place] for place in places)
        return Packed(self.system, self.states[torch.tensor(tokens)], self.question, lengths)


class Layers:
    """The lower layers of a language model, and the ones above that are adapted.

    Args:
        folder: of transformers, with weights and tokenizer.
        first: the number of lower layers.
        last: how many layers there are with the upper ones.

    Raises:
        OSError: the folder is damaged.
    """

    def __init__(self, folder: Path, first: int, last: int) -> None:
        import torch
        from transformers import AutoModelForCausalLM

        self._tokens = PromptTokens(folder)
        self._model = AutoModelForCausalLM.from_pretrained(
            str(folder), dtype=torch.bfloat16, local_files_only=True, attn_implementation="sdpa"
        ).model.eval()
        self._model.requires_grad_(requires_grad=False)
        self._beginnings: dict[str, tuple[int, Any]] = {}
        self.first, self.last = first, last
        self.dimension: int = self._model.config.hidden_size
        self.lower = self._cut(self._model.layers[:first])
        self.upper = self._cut(torch.nn.ModuleList(twin(layer) for layer in self._model.layers[first:last]))

    def packed(self, conversations: Sequence[Sequence[Message]]) -> Packed:
        """Read prompts with one system message through the lower layers."""
        import torch

        rows = [self._tokens.of(one) for one in conversations]
        system = conversations[0][0]["content"]
        begins, _ = self._beginning(system)
        common = min(shared(rows), min(map(len, rows)) - 1) if len(rows) > 1 else begins
        rest = [row[common:] for row in rows]
        tokens = [*rows[0][begins:common], *(token for row in rest for token in row)]
        blank = Packed(system, torch.zeros(0), common - begins, tuple(map(len, rest)))
        with torch.no_grad():
            embedded = self._model.embed_tokens(torch.tensor([tokens]))
            return Packed(system, self._run(self.lower, blank, embedded)[0], blank.question, blank.lengths)

    def last_states(self, packed: Packed) -> Any:  # noqa: ANN401 - the library has no types
        """What the upper layers hand on at the end of each sentence, (sentences, dimension), in single precision."""
        states = self._run(self.upper, packed, packed.states[None])[0]
        ends = [packed.question + sum(packed.lengths[: place + 1]) - 1 for place in range(len(packed.lengths))]
        return states[ends].float()

    def _run(self, layers: Any, packed: Packed, states: Any) -> Any:  # noqa: ANN401
        """Run layers over a packed sequence: positions and what each token sees are those of single prompts."""
        import torch

        begins, cache = self._beginning(packed.system)
        sizes = [packed.question, *packed.lengths]
        part = torch.repeat_interleave(torch.arange(len(sizes)), torch.tensor(sizes))
        seen = torch.ones(len(part), len(part), dtype=torch.bool).tril() & ((part[:, None] == part) | (part == 0))
        seen = torch.cat([torch.ones(len(part), begins, dtype=torch.bool), seen], 1)
        mask = torch.zeros(seen.shape, dtype=states.dtype).masked_fill(~seen, torch.finfo(states.dtype).min)
        places = [*range(packed.question), *(packed.question + at for size in packed.lengths for at in range(size))]
        return layers(
            inputs_embeds=states,
            attention_mask=mask[None, None],
            position_ids=torch.tensor([places]) + begins,
            cache=copy.deepcopy(cache),
            use_cache=True,
        ).last_hidden_state

    def _beginning(self, system: str) -> tuple[int, Any]:
        """The length of what all prompts with a system message begin with, and what the model computes of it."""
        import torch

        if system not in self._beginnings:
            tokens = self._tokens.beginning(system)
            with torch.no_grad():
                read = self._cut(self._model.layers[: self.last])(torch.tensor([tokens]), use_cache=True)
            self._beginnings[system] = len(tokens), read.cache
        return self._beginnings[system]

    def _cut(self, layers: Any) -> Any:  # noqa: ANN401
        return first_layers(self._model, layers)
