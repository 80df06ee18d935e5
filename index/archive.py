"""Opening the ZIP archives that Office files and EPUB books are, without being hurt by them.

Everything is checked against the directory of the archive before a byte is unpacked, and the library that unpacks
never gives more than the directory declares. Nothing is written to disk, and archives inside archives stay closed.
"""

import io
import zipfile
import zlib

from index.extract import RefusedError

MOST_ENTRIES = 20_000
MOST_BYTES = 1_000_000_000
LARGEST_XML_BYTES = 200_000_000
MOST_RATIO = 150  # of sizes after and before unpacking; documents of text reach 20
_SMALL_BYTES = 20_000_000  # too small to hurt, whatever the ratio
_OLE_SIGNATURE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
# What the libraries raise for files that are damaged inside.
DAMAGE = (
    zipfile.BadZipFile, zlib.error, SyntaxError, KeyError, ValueError, TypeError, AttributeError, IndexError, OSError,
    EOFError, OverflowError,
)  # fmt: skip
_XML_SUFFIXES = (".xml", ".rels", ".opf", ".ncx", ".xhtml", ".html", ".htm", ".vml")


def open_archive(content: bytes, *, allow_doctype: bool = False) -> zipfile.ZipFile:
    """Open an archive after checking sizes, ratios, encryption and the XML inside it.

    Args:
        content: the bytes of the file.
        allow_doctype: whether its XML may name a document type, as XHTML does; entities are never allowed.

    Raises:
        RefusedError: the archive is damaged, encrypted, a bomb, or its XML defines entities.
    """
    if content.startswith(_OLE_SIGNATURE):
        raise RefusedError("encrypted, or in the old binary format; save it without a password in the current format")
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
        _check_directory(archive, len(content))
        for info in archive.infolist():
            if info.filename.lower().endswith(_XML_SUFFIXES):
                _check_xml(info.filename, archive.read(info), allow_doctype=allow_doctype)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError, OSError) as error:
        raise RefusedError(f"a damaged file ({_first_line(error)})") from None
    except RuntimeError:  # zipfile's word for a member that needs a password
        raise RefusedError("encrypted; save it without a password") from None
    return archive


def member(archive: zipfile.ZipFile, name: str) -> bytes:
    """Read one member of a checked archive.

    Raises:
        RefusedError: it is missing or damaged.
    """
    try:
        return archive.read(name)
    except KeyError:
        raise RefusedError(f"not a file of its type: it has no {name}") from None
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError) as error:
        raise RefusedError(f"a damaged file ({_first_line(error)})") from None


def _check_directory(archive: zipfile.ZipFile, size: int) -> None:
    infos = archive.infolist()
    if len(infos) > MOST_ENTRIES:
        raise RefusedError(f"{len(infos):,} files inside; at most {MOST_ENTRIES:,} are read")
    total = sum(info.file_size for info in infos)
    if total > MOST_BYTES:
        raise RefusedError(f"unpacks to {total / 1e9:.1f} GB; at most {MOST_BYTES / 1e9:.0f} GB are read")
    if total > _SMALL_BYTES and total > MOST_RATIO * size:
        raise RefusedError(f"unpacks to {total // size} times its size, as a ZIP bomb does; at most {MOST_RATIO}")
    for info in infos:
        if info.flag_bits & 1:
            raise RefusedError("encrypted; save it without a password")
        if info.filename.lower().endswith(_XML_SUFFIXES) and info.file_size > LARGEST_XML_BYTES:
            raise RefusedError(f"{info.filename} unpacks to {info.file_size / 1e6:.0f} MB; split the document")


def _check_xml(name: str, content: bytes, *, allow_doctype: bool) -> None:
    plain = content.replace(b"\x00", b"") if b"\x00" in content[:200] else content  # UTF-16 has the same letters
    if b"<!ENTITY" in plain:
        raise RefusedError(f"{name} defines XML entities, which are not read")
    if b"<!DOCTYPE" in plain and not allow_doctype:
        raise RefusedError(f"{name} has an XML document type, which files of this type never have")


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:100]
