"""Prompts as tokens, by the template of a model, and what prompts have in common at their beginning."""

import os
import threading
from collections.abc import Sequence
from pathlib import Path

from assistant.chat_protocol import Message


class PromptTokens:
    """The tokenizer of a folder of transformers. Thread-safe.

    Raises:
        OSError: the folder is damaged.
    """

    def __init__(self, folder: Path) -> None:
        from transformers import AutoTokenizer

        os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
        self._tokenizer = AutoTokenizer.from_pretrained(str(folder), local_files_only=True)
        self._lock = threading.Lock()

    def of(self, conversation: Sequence[Message]) -> list[int]:
        """The tokens of a whole prompt, up to where the answer begins."""
        messages = [dict(message) for message in conversation]
        with self._lock:
            found = self._tokenizer.apply_chat_template(messages, add_generation_prompt=True, return_dict=True)
        tokens: list[int] = found["input_ids"]
        return tokens

    def beginning(self, system: str) -> list[int]:
        """The tokens that all prompts with a system message begin with."""
        rows = [self.of([{"role": "system", "content": system}, {"role": "user", "content": one}]) for one in "a1"]
        return rows[0][: shared(rows)]

    def text(self, token: int) -> str:
        """What a token stands for."""
        with self._lock:
            return str(self._tokenizer.decode([token]))


def shared(rows: Sequence[Sequence[int]]) -> int:
    """How many tokens all rows begin with."""
    return next(
        (place for place, found in enumerate(zip(*rows, strict=False)) if len(set(found)) > 1), min(map(len, rows))
    )
