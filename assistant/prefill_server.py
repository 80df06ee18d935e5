"""The process in which PyTorch reads prompts, so that its copy of the weights is not in the program's memory.

    python -m assistant.prefill_server --weights FILE --cache DIR

Lines of JSON, both ways. First it writes {"ready": BOOL, "probed": BOOL}: whether it can read this model, and whether a
probe judges for it. Then it takes {"keep": SYSTEM_MESSAGE}, which has no reply, and {"id": N, "read": [CONVERSATION,
...]}, whose reply is {"id": N, "found": [GENERATION, ...]}. It ends when its input closes or its parent changes.
"""

import argparse
import json
import os
import signal
import sys
import threading
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from queue import SimpleQueue
from typing import TextIO

from assistant.memory import return_memory
from assistant.parent import when_parent_ends
from assistant.prefill_model import PrefillModel
from assistant.prefill_weights import prefill_folder
from assistant.probe import probe_of
from index.errors import exit_with


def command(weights: Path, cache: Path) -> list[str]:
    """The command line that starts it as a child process."""
    return [sys.executable, "-m", "assistant.prefill_server", "--weights", str(weights), "--cache", str(cache)]


def main(arguments: Sequence[str] | None = None) -> int:
    """Read prompts until the parent goes away."""
    parser = argparse.ArgumentParser(prog="python -m assistant.prefill_server", description=__doc__)
    parser.add_argument("--weights", type=Path, required=True, help="a GGUF file")
    parser.add_argument("--cache", type=Path, required=True, help="where the converted weights are kept")
    options = parser.parse_args(arguments)
    replies = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # libraries may write to standard output; the parent expects nothing there but our lines
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a program in the background of a shell hands on "ignore"
    requests: SimpleQueue[bytes] = SimpleQueue()
    when_parent_ends(lambda: signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT), requests.put)
    with suppress(KeyboardInterrupt):  # a conversion takes what it has written away with it
        folder = prefill_folder(options.weights, options.cache)
        probe = probe_of(options.weights)
        model = PrefillModel(folder, probe) if folder else None
        return_memory()  # of the conversion
        _write(replies, {"ready": model is not None, "probed": probe is not None})
        while model is not None:
            _serve(json.loads(requests.get()), model, replies)
    return 0


def _serve(request: dict[str, object], model: PrefillModel, replies: TextIO) -> None:
    match request:
        case {"keep": str(system)}:
            model.keep(system)
        case {"id": number, "read": list(conversations)}:
            _write(replies, {"id": number, "found": [asdict(one) for one in model.read(conversations)]})
        case _:
            raise AssertionError(f"no such request: {sorted(request)}")


def _write(replies: TextIO, message: dict[str, object]) -> None:
    replies.write(json.dumps(message) + "\n")
    replies.flush()


if __name__ == "__main__":
    exit_with(main)
