"""The trailer of `dense.faiss`: the index and the generation that the vectors in it were made from, and their checksum.

FAISS itself ignores what stands behind its own part. Reading the trailer needs none of the numeric libraries: a build
that changes nothing learns without them that there is nothing to make.
"""

import os
import struct
import zlib
from pathlib import Path

DENSE_FILE = "dense.faiss"
_TRAILER = struct.Struct("<8s32sQI")
_MAGIC = b"SHOKODN2"
_BLOCK_BYTES = 1 << 20

Generation = tuple[str, int]
"""Identity of an index, and the number of changes it had seen."""


def write_dense_file(folder: Path, content: bytes | memoryview, made_from: Generation) -> None:
    """Write the file: to a temporary name, then renamed, so that a crash leaves the old one.

    Raises:
        OSError: the folder is not writable or the disk is full.
    """
    identity, number = made_from
    temporary = folder / f"{DENSE_FILE}.{os.getpid()}.tmp"
    try:
        with temporary.open("wb") as file:
            file.write(content)
            file.write(_TRAILER.pack(_MAGIC, identity.encode("ascii"), number, zlib.crc32(content)))
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(folder / DENSE_FILE)
    finally:
        temporary.unlink(missing_ok=True)


def dense_generation(folder: Path) -> Generation | None:
    """Tell what the file was made from; None where it is missing or cut off."""
    trailer = _trailer(folder)
    return trailer[:2] if trailer else None


def is_current(folder: Path, made_from: Generation) -> bool:
    """Tell whether the file was made from this generation and is undamaged; reads all of it."""
    trailer = _trailer(folder)
    if trailer is None or trailer[:2] != made_from:
        return False
    checksum = 0
    with (folder / DENSE_FILE).open("rb") as file:
        left = os.fstat(file.fileno()).st_size - _TRAILER.size
        while block := file.read(min(_BLOCK_BYTES, left)):
            checksum = zlib.crc32(block, checksum)
            left -= len(block)
    return checksum == trailer[2]


def _trailer(folder: Path) -> tuple[str, int, int] | None:
    try:
        with (folder / DENSE_FILE).open("rb") as file:
            file.seek(-_TRAILER.size, os.SEEK_END)
            magic, identity, number, checksum = _TRAILER.unpack(file.read())
        return (identity.decode("ascii"), number, checksum) if magic == _MAGIC else None
    except (OSError, struct.error, UnicodeDecodeError):
        return None
