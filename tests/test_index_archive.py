"""Archives that would hurt are refused before they are unpacked."""

import io
import struct
import zipfile

import pytest

from index import archive as module
from index.archive import member, open_archive
from index.extract import RefusedError
from tests.sample_files import archive


def test_an_ordinary_archive_opens() -> None:
    assert member(open_archive(archive({"a.xml": "<a/>"})), "a.xml") == b"<a/>"


def _bomb(size: int) -> bytes:
    return archive({"word/document.xml": bytes(size)})


def _lying(content: bytes, declared: int) -> bytes:
    """Change the unpacked size that the directory declares for its first member."""
    at = content.rindex(b"PK\x01\x02")
    return content[: at + 24] + struct.pack("<I", declared) + content[at + 28 :]


def _locked(content: bytes) -> bytes:
    """Mark the first member as encrypted."""
    at = content.rindex(b"PK\x01\x02")
    return content[: at + 8] + b"\x01" + content[at + 9 :]


def _overlapping(copies: int) -> bytes:
    """Let many directory entries share one packed member, as the densest bombs do."""
    content = archive({"a.bin": bytes(1_000_000)})
    start = content.rindex(b"PK\x01\x02")
    end = content.rindex(b"PK\x05\x06")
    entry = content[start:end]
    names = [entry[:46] + f"{number:05d}".encode() for number in range(copies)]
    directory = b"".join(names)
    tail = struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, copies, copies, len(directory), start, 0)
    return content[:start] + directory + tail


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (_bomb(50_000_000), "times its size, as a ZIP bomb does"),
        (_lying(_bomb(50_000_000), 1_000), "damaged"),
        (_lying(archive({"a.xml": "<a/>"}), 2_000_000_000), r"unpacks to 2\.0 GB"),
        (_overlapping(2_000), r"unpacks to 2\.0 GB"),
        (_locked(archive({"a.xml": "<a/>"})), "encrypted"),
        (archive({f"{number}.txt": "" for number in range(30)}), "30 files inside"),
        (archive({"a.xml": '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'}), "defines XML entities"),
        (archive({"a.xml": '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'.encode("utf-16")}), "defines XML entities"),
        (archive({"a.rels": "<!DOCTYPE a><a/>"}), "document type"),
        (archive({"a.xml": "<a/>"})[:40], "damaged"),
        (b"PK\x05\x06" + bytes(18), None),
        (b"", "damaged"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "old binary format"),
    ],
    ids=["bomb", "lying small", "lying large", "overlapping", "encrypted", "many files", "entities",
         "entities in UTF-16", "document type", "cut off", "empty archive", "no bytes", "old Office"],
)  # fmt: skip
def test_what_would_hurt_is_refused(monkeypatch: pytest.MonkeyPatch, content: bytes, reason: str | None) -> None:
    monkeypatch.setattr(module, "MOST_ENTRIES", 29 if reason == "30 files inside" else 20_000)
    if reason is None:
        assert open_archive(content).namelist() == []
        return
    with pytest.raises(RefusedError, match=reason):
        open_archive(content)


def test_a_large_part_of_xml_is_refused_before_it_is_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LARGEST_XML_BYTES", 1_000)
    monkeypatch.setattr(zipfile.ZipFile, "read", lambda *_: pytest.fail("unpacked"))
    with pytest.raises(RefusedError, match=r"a\.xml unpacks to"):
        open_archive(archive({"a.xml": "<a>" + "x" * 2_000}))


def test_books_may_name_a_document_type() -> None:
    assert open_archive(archive({"a.xhtml": "<!DOCTYPE html><html/>"}), allow_doctype=True)


def test_damaged_members_are_refused_when_they_are_read() -> None:
    content = bytearray(archive({"a.bin": bytes(range(256)) * 20}))
    content[60] ^= 0xFF
    with pytest.raises(RefusedError, match="damaged"):
        member(open_archive(bytes(content)), "a.bin")
    with pytest.raises(RefusedError, match=r"it has no b\.bin"):
        member(zipfile.ZipFile(io.BytesIO(archive({"a.bin": ""}))), "b.bin")
