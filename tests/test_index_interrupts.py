"""Ctrl-C is taken after a block that must not be left in the middle."""

import signal
import threading

import pytest

from index.interrupts import held_interrupts


def test_an_interrupt_in_the_block_comes_after_it() -> None:
    done = []

    def work() -> None:
        with held_interrupts():
            signal.raise_signal(signal.SIGINT)
            done.append("the rest of the block")

    with pytest.raises(KeyboardInterrupt):
        work()
    assert done
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_without_one_nothing_happens_and_an_error_passes() -> None:
    with held_interrupts():
        pass
    with pytest.raises(ValueError, match="from inside"), held_interrupts():
        raise ValueError("from inside")
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_in_another_thread_the_handler_stays() -> None:
    seen = []

    def work() -> None:
        with held_interrupts():
            seen.append(signal.getsignal(signal.SIGINT))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert seen == [signal.default_int_handler]
