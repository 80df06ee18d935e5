"""Ctrl-C while C++ libraries load: an exception that passes through their start ends the process with an abort."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def held_interrupts() -> Iterator[None]:
    """Take Ctrl-C only after the block. Nothing changes outside the main thread, or where Ctrl-C is handled otherwise.

    Raises:
        KeyboardInterrupt: after the block, where it was pressed in it.
    """
    ours = threading.current_thread() is threading.main_thread()
    if not ours or signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        yield
        return
    pressed = threading.Event()
    signal.signal(signal.SIGINT, lambda *_: pressed.set())
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    if pressed.is_set():
        raise KeyboardInterrupt
