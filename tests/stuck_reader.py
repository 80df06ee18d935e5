"""A reader process whose files misbehave by their names; run by the tests in place of `index.reader_process`."""

import os
import sys
import time
from pathlib import Path

from index import formats, reader_process
from index.extract import Extract, RefusedError


def read(content: bytes) -> Extract:
    """Do what the content says."""
    word = content.decode()
    if word == "hang":
        while True:
            time.sleep(1)
    if word == "crash":
        os.abort()
    if word == "bug":
        raise TypeError("a bug in a library")
    if word == "print":
        os.write(1, b"noise between the answers\n")
        sys.stdout.write("more noise\n")
    if word == "eat":
        return Extract("x" * (reader_process.MEMORY_BYTES + 1))
    if word == "deep":
        return read(content)
    if word == "write":
        Path(os.environ["STUCK_READER_FILE"]).write_bytes(bytes(10_000_000))
    if word == "refuse":
        raise RefusedError("no reason")
    return Extract(f"Read: {word} 日本語 \ud800", "t", {"n": 1}, ((0, 3),), ("page 1: x",))


if __name__ == "__main__":
    formats.FORMATS = {".pdf": formats.Format("tests.stuck_reader:read", apart=True)}  # type: ignore[misc]
    import index.reading

    index.reading.FORMATS = formats.FORMATS
    reader_process.main()
