"""Decides once which model server answers, starts or attaches to it, and says when it is ready.

An address in the configuration → that server; an NVIDIA GPU → vLLM; else llama.cpp. All speak the OpenAI protocol, so
the rest of the program knows `assistant.generator` only. Ready means: healthy, its model and context length are known,
and it has generated text within a schema.
"""

import os
import secrets
import socket
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Self

from assistant import llama_server, vllm_server
from assistant.chat_protocol import Message
from assistant.child import Child
from assistant.config import AssistantConfig
from assistant.endpoint import Served, applies_schema, inspect, is_healthy, require_reachable
from assistant.generator import OpenAIGenerator
from assistant.launch import Launch, prepare
from assistant.prompt_cache import PromptCache
from assistant.waiting import waiting
from index.errors import RunError, UsageError

_SLOTS = 14  # thirteen prompts (three in three languages, four for all) and one for anything else
_POLL_S = 0.2


class ServerHandle:
    """A ready model server. Leaving the context stops it, when it is ours."""

    def __init__(self, config: AssistantConfig, cache: Path, launch: Launch, port: int) -> None:
        """Use `start`."""
        self._config = config
        self._folder = cache / "server"
        self._launch = launch
        self._port = port
        self._child: Child | None = None
        self._lock = threading.RLock()
        self._warm: Sequence[Sequence[Message]] = ()
        self.prompts: PromptCache | None = None
        self.base_url = config.server
        self.api_key = os.environ.get(config.api_key_variable, "")
        self.served = Served(launch.model, "openai", 0, launch.version)
        self.schema_applied = True
        self.started_in_s = 0.0

    @property
    def model(self) -> str:
        """Name under which the server knows the model."""
        return self.served.model

    @property
    def engine(self) -> str:
        """Its kind: "llama.cpp", "vllm" or "openai"."""
        return self.served.engine

    @property
    def context_tokens(self) -> int:
        """Longest prompt and answer together, as the server states it."""
        return self.served.context_tokens

    @property
    def version(self) -> str:
        """Version of the engine, where it says so."""
        return self.served.version

    @property
    def pid(self) -> int | None:
        """Process id of the server, when it is ours."""
        return self._child.pid if self._child else None

    def generator(self) -> OpenAIGenerator:
        """A client of this server; it stays valid over `restart`."""
        return OpenAIGenerator(
            self.base_url,
            self.model,
            engine=self.engine,
            api_key=self.api_key,
            context_tokens=self.context_tokens,
            slots=self.prompts,
            sends_schema=self.schema_applied,
        )

    def warm(self, prompts: Sequence[Sequence[Message]]) -> None:
        """Prepare the static beginnings of prompts in the background, the most important first.

        Does nothing on engines that keep them by themselves.
        """
        self._warm = prompts
        if self.prompts is not None:
            self.prompts.warm(prompts)

    def alive(self) -> bool:
        """Whether the server answers now."""
        with self._lock:
            return (self._child is None or self._child.running()) and is_healthy(self.base_url, self.api_key)

    def restart(self, *, even_if_alive: bool = False) -> None:
        """Start our server again, at the same address, when it has died.

        Raises:
            RunError: it does not start, or it is not ours.

        """
        with self._lock:
            if not even_if_alive and self.alive():
                return
            if self._launch.choice == "attach":
                raise RunError(f"the model server at {self.base_url} does not answer, and it is not ours to restart")
            self.stop()
            self._bring_up()
            self.warm(self._warm)

    def stop(self) -> None:
        """Stop the server, when it is ours; harmless when it has stopped."""
        with self._lock:
            if self.prompts is not None:
                self.prompts.close()
            if self._child is not None:
                self._child.stop()
                self._child = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _bring_up(self) -> None:
        started = time.monotonic()
        deadline = started + self._config.startup_timeout_s
        try:
            with waiting(f"starting {self._launch.name}"):
                if self._launch.choice != "attach":
                    self._start_child(deadline)
                self._await_health(deadline)
                model = "" if self._config.model == "auto" else self._config.model
                found = inspect(self.base_url, self.api_key, model if self._launch.choice == "attach" else "")
                context = found.context_tokens or self._config.served_context_tokens
                self.served = replace(found, context_tokens=context, version=self._launch.version or found.version)
                self._check_generation()
        except BaseException:
            self.stop()
            raise
        self.started_in_s = time.monotonic() - started

    def _start_child(self, deadline: float) -> None:
        launch, config = self._launch, self._config
        self.api_key = self.api_key or secrets.token_urlsafe(24)
        if launch.choice == "llama" and launch.weights is not None:
            saved = self._folder / "prompts"
            saved.mkdir(parents=True, exist_ok=True)
            command = llama_server.command(
                launch.weights,
                name=launch.model,
                port=self._port,
                context_tokens=config.served_context_tokens,
                slots=_SLOTS,
                slot_folder=saved,
            )
            variables = llama_server.environment() | {llama_server.KEY_VARIABLE: self.api_key}
        else:
            self._port = self._port or _free_port()
            command = vllm_server.command(
                launch.model,
                served_name=launch.model,
                port=self._port,
                context_tokens=config.served_context_tokens,
                gpu_memory_utilization=config.gpu_memory_utilization,
            )
            variables = vllm_server.environment() | {vllm_server.KEY_VARIABLE: self.api_key}
        self._child = Child(command, variables, self._folder / f"{launch.choice}-{os.getpid()}.log", launch.name)
        self.base_url = f"http://127.0.0.1:{self._port}"
        if launch.choice == "llama":
            self._await_announcement(deadline, saved)

    def _await_announcement(self, deadline: float, saved: Path) -> None:
        """Learn the address of llama.cpp, which chooses its port itself."""
        child = self._child
        if child is None:
            raise AssertionError("the child was started")
        while (line := child.announcement()) is None:
            self._check_time(deadline)
        self.base_url = line["address"]
        self._port = int(self.base_url.rsplit(":", 1)[1])
        self.prompts = PromptCache(
            self.base_url,
            self._launch.model,
            self.api_key,
            slots=_SLOTS,
            folder=saved,
            identity=f"{self._launch.identity} {self._launch.version} {self._config.served_context_tokens}",
        )

    def _await_health(self, deadline: float) -> None:
        ready = is_healthy if self._child is not None else require_reachable
        while not ready(self.base_url, self.api_key):
            if self._child is not None:
                self._child.require_running()
            self._check_time(deadline)
            time.sleep(_POLL_S)

    def _check_time(self, deadline: float) -> None:
        if time.monotonic() > deadline:
            tail = self._child.log_tail() if self._child else ""
            raise RunError(f"{self._launch.name} was not ready after {self._config.startup_timeout_s:.0f} s{tail}")

    def _check_generation(self) -> None:
        self.schema_applied = True  # to be refuted
        generator = self.generator()
        try:
            self.schema_applied = applies_schema(generator, self.base_url)
        finally:
            generator.close()
        if not self.schema_applied:
            sys.stderr.write(f"warning: {self._launch.name} does not apply JSON schemas; answers may fail to parse\n")


def start(config: AssistantConfig, cache: Path, *, port: int = 0, weights: Path | None = None) -> ServerHandle:
    """Start or attach to the model server, and wait until it is ready.

    Args:
        config: which server and model; see `AssistantConfig`.
        cache: folder for weights, logs and saved prompts.
        port: of a server that we start; 0 takes a free one.
        weights: a file in place of the model of the configuration, for llama.cpp.

    Raises:
        UsageError: the address, port, model or engine of the configuration cannot be used.
        RunError: the server does not start, does not answer, or is not ready in time; with the end of its log.

    """
    cache = cache.expanduser()
    if port and not _is_free(port):
        raise UsageError(f"port {port} is in use; choose another one, or 0 for any free one")
    return launched(config, cache, prepare(config, cache, weights), port)


def launched(config: AssistantConfig, cache: Path, launch: Launch, port: int = 0) -> ServerHandle:
    """Start a server that is prepared; see `start`."""
    handle = ServerHandle(config, cache, launch, port)
    handle._bring_up()
    return handle


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except (OSError, OverflowError):
            return False
    return True


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
