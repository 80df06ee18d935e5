"""Handing memory back to the system; glibc keeps what was freed in pieces, some 400 MB after indexing."""

import ctypes
from contextlib import suppress


def return_memory() -> None:
    """Hand back what is free; nothing happens with another C library."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)
