"""Keeps the static beginnings of prompts computed, in memory and on disk, for the engine that we start ourselves.

On a CPU the prompt is the cost (about 70 tokens/s). Every known beginning (a system message) gets a slot of the server,
so that no prompt evicts another; the last slot serves all unknown ones. The computed state is saved to disk, under a
name made of weights, engine version, settings and text, and restored at the next start within milliseconds.
"""

import hashlib
import os
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import httpx

from assistant.chat_protocol import Message, request_body
from assistant.generator import client_for

_KEPT_FILES = 30  # saved states; about 30 kB a token for the default model
_PATIENCE_S = 60.0  # longest time a warm-up stands back behind questions


@dataclass(frozen=True, slots=True)
class Warmed:
    """What happened to one beginning."""

    slot: int
    how: Literal["restored", "computed", "failed"]
    seconds: float


class PromptCache:
    """The slots of one server. Thread-safe."""

    def __init__(self, base_url: str, model: str, api_key: str, *, slots: int, folder: Path, identity: str) -> None:
        """Describe the server; nothing is sent yet.

        Args:
            base_url: address of the server.
            model: name under which it knows the model.
            api_key: its key.
            slots: how many it has; the last one is for unknown prompts.
            folder: where the server saves states.
            identity: whatever else decides whether a saved state fits: digest of the weights, engine version.

        """
        self._client = client_for(base_url, api_key)
        self._model = model
        self._spare = slots - 1
        self.folder = folder
        self._identity = identity
        self._slot_of: dict[str, int] = {}
        self._running = 0
        self._idle = threading.Condition()
        self._stopped = threading.Event()
        self._thread: threading.Thread | None = None
        self.warmed: list[Warmed] = []

    @contextmanager
    def request(self, messages: Sequence[Message]) -> Iterator[int | None]:
        """Held while a question is answered: gives the slot of its prompt, and keeps the warm-up from competing."""
        with self._idle:
            self._running += 1
        try:
            yield self._slot_of.get(beginning(messages), self._spare)
        finally:
            with self._idle:
                self._running -= 1
                self._idle.notify_all()

    def warm(self, prompts: Sequence[Sequence[Message]]) -> None:
        """Restore or compute the beginnings of prompts in the background, the most important first.

        Args:
            prompts: each with its system message first; a user message may follow, for its own static beginning.

        """
        distinct = list({beginning(prompt): prompt for prompt in prompts if beginning(prompt)}.items())[: self._spare]
        self._slot_of = {text: slot for slot, (text, _) in enumerate(distinct)}
        self._thread = threading.Thread(
            target=self._warm_all, args=([prompt for _, prompt in distinct],), name="prompt warm-up", daemon=True
        )
        self._thread.start()

    def wait(self, timeout_s: float | None = None) -> bool:
        """Wait for the warm-up; False when it still runs after that time."""
        if self._thread is not None:
            self._thread.join(timeout_s)
            return not self._thread.is_alive()
        return True

    def close(self) -> None:
        """Stop the warm-up and close the connections."""
        self._stopped.set()
        with self._idle:
            self._idle.notify_all()
        self._client.close()

    def _warm_all(self, prompts: Sequence[Sequence[Message]]) -> None:
        for slot, prompt in enumerate(prompts):
            with self._idle:
                self._idle.wait_for(lambda: self._running == 0 or self._stopped.is_set(), _PATIENCE_S)
            if self._stopped.is_set():
                return
            started = time.monotonic()
            try:
                how: Literal["restored", "computed"] = self._warm_one(slot, prompt)
            except (httpx.HTTPError, RuntimeError, OSError) as error:  # RuntimeError: the client was closed meanwhile
                self.warmed.append(Warmed(slot, "failed", time.monotonic() - started))
                if not self._stopped.is_set():
                    sys.stderr.write(f"note: a prompt could not be prepared ({error}); the first answer takes longer\n")
                return
            self.warmed.append(Warmed(slot, how, time.monotonic() - started))
        self._drop_old_files()

    def _warm_one(self, slot: int, prompt: Sequence[Message]) -> Literal["restored", "computed"]:
        name = self._file_name(prompt)
        path = self.folder / name
        if path.is_file():
            answer = self._client.post(f"/slots/{slot}", params={"action": "restore"}, json={"filename": name})
            if answer.is_success:
                with suppress(OSError):
                    path.touch()
                return "restored"
        body = request_body(self._model, prompt, schema=None, max_tokens=1, engine="llama.cpp", slot=slot)
        self._client.post(
            "/v1/chat/completions", json=body | {"stream": False, "stream_options": None}
        ).raise_for_status()
        # Saved under another name first: a file that is there is complete.
        unfinished = f"{name}.{os.getpid()}.new"
        answer = self._client.post(f"/slots/{slot}", params={"action": "save"}, json={"filename": unfinished})
        if answer.is_success:
            (self.folder / unfinished).replace(path)
        else:
            (self.folder / unfinished).unlink(missing_ok=True)
        return "computed"

    def _file_name(self, prompt: Sequence[Message]) -> str:
        text = "\0".join(f"{message['role']}\0{message['content']}" for message in prompt)
        digest = hashlib.sha256("\0".join((self._identity, text)).encode())
        return f"{digest.hexdigest()[:32]}.slot"

    def _drop_old_files(self) -> None:
        with suppress(OSError):
            files = sorted(self.folder.glob("*.slot"), key=lambda path: path.stat().st_mtime, reverse=True)
            for path in files[_KEPT_FILES:]:
                path.unlink()


def beginning(messages: Sequence[Message]) -> str:
    """The part of a prompt that never changes: its system message, or nothing."""
    return messages[0]["content"] if messages and messages[0]["role"] == "system" else ""
