"""Lets a server process end with the program that started it, however that one dies."""

import os
import threading
from collections.abc import Callable

_CHECK_S = 1.0


def when_parent_ends(action: Callable[[], object], take: Callable[[bytes], object] = lambda _: None) -> None:
    """Call `action` once, in a thread, when the parent closes our standard input, dies, or hands us to another process.

    Every line that comes from there until then is given to `take`, in another thread.

    PR_SET_PDEATHSIG is no alternative: it fires when the *thread* that started us ends. Standard input alone is none
    either: another child of the parent may have inherited the other end of the pipe.
    """
    parent, ended = os.getppid(), threading.Event()

    def read_to_the_end() -> None:
        with open(0, "rb", closefd=False) as lines:
            for line in lines:
                take(line)
        ended.set()

    def watch() -> None:
        while not ended.wait(_CHECK_S) and os.getppid() == parent:
            pass
        action()

    threading.Thread(target=read_to_the_end, daemon=True).start()
    threading.Thread(target=watch, daemon=True).start()
