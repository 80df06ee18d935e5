"""Small files of every format, made by the tests themselves; French and Japanese in each."""

import io
import zipfile
from collections.abc import Callable, Mapping, Sequence

FRENCH = "Le ministère accorde 42,1 milliards de yens à SoftBank pour son centre de données de Tomakomai."
JAPANESE = "経済産業省はソフトバンクに最大421億円を助成する。"

A4 = (595, 842)
Place = tuple[float, float, float, str]  # x, y, size, text
OBJECTS_OF_FONTS = (
    b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    b"<< /Type /Font /Subtype /Type0 /BaseFont /KozMinPr6N-Regular /Encoding /UniJIS-UTF16-H "
    b"/DescendantFonts [6 0 R] >>",
    b"<< /Type /Font /Subtype /CIDFontType0 /BaseFont /KozMinPr6N-Regular /DW 1000 "
    b"/CIDSystemInfo << /Registry (Adobe) /Ordering (Japan1) /Supplement 6 >> /FontDescriptor 7 0 R >>",
    b"<< /Type /FontDescriptor /FontName /KozMinPr6N-Regular /Flags 4 /FontBBox [0 -120 1000 880] /ItalicAngle 0 "
    b"/Ascent 880 /Descent -120 /CapHeight 740 /StemV 80 >>",
    b"<< /Type /XObject /Subtype /Image /Width 1 /Height 1 /ColorSpace /DeviceGray /BitsPerComponent 8 /Length 1 >>\n"
    b"stream\n\xc0\nendstream",
)


def pdf(
    pages: Sequence[str | Sequence[Place | str]], info: Mapping[str, str] | None = None, trailer: str = ""
) -> bytes:
    """Write a PDF. A page is a text (lines from the top), or places of texts and raw drawing operators; Latin texts
    are set in Helvetica, others in a Japanese font that is not embedded.
    """
    objects: dict[int, bytes] = {1: b"<< /Type /Catalog /Pages 2 0 R >>", 3: _info(info or {})}
    objects.update(enumerate(OBJECTS_OF_FONTS, start=4))
    kids = []
    for page in pages:
        number = max(objects) + 1
        kids.append(f"{number} 0 R")
        content = _content(lines(page) if isinstance(page, str) else page)
        objects[number] = (
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {A4[0]} {A4[1]}] /Contents {number + 1} 0 R "
            "/Resources << /Font << /L 4 0 R /J 5 0 R >> /XObject << /I 8 0 R >> >> >>"
        ).encode()
        objects[number + 1] = b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content)
    objects[2] = f"<< /Type /Pages /Count {len(kids)} /Kids [{' '.join(kids)}] >>".encode()
    written = bytearray(b"%PDF-1.7\n")
    places = {}
    for number in sorted(objects):
        places[number] = len(written)
        written += b"%d 0 obj\n%s\nendobj\n" % (number, objects[number])
    start = len(written)
    written += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    written += b"".join(b"%010d 00000 n \n" % places[number] for number in sorted(objects))
    written += f"trailer << /Size {len(objects) + 1} /Root 1 0 R /Info 3 0 R {trailer} >>\n".encode()
    return bytes(written + b"startxref\n%d\n%%%%EOF\n" % start)


def lines(text: str, size: float = 11, top: float = 760, left: float = 70) -> list[Place | str]:
    """Set lines of text one below the other."""
    return [(left, top - 1.5 * size * row, size, line) for row, line in enumerate(text.split("\n")) if line]


def box(left: float, bottom: float, right: float, top: float) -> str:
    """Draw a rectangle."""
    return f"{left} {bottom} {right - left} {top - bottom} re S"


SCAN = f"q {A4[0]} 0 0 {A4[1]} 0 0 cm /I Do Q"


def _content(parts: Sequence[Place | str]) -> bytes:
    written = []
    for part in parts:
        if isinstance(part, str):
            written.append(part.encode("ascii"))
            continue
        x, y, size, text = part
        try:
            escaped = text.encode("cp1252").replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)")
            shown = b"/L %g Tf 1 0 0 1 %g %g Tm (%s) Tj" % (size, x, y, escaped)
        except UnicodeEncodeError:
            shown = b"/J %g Tf 1 0 0 1 %g %g Tm <%s> Tj" % (size, x, y, text.encode("utf-16-be").hex().encode())
        written.append(b"BT " + shown + b" ET")
    return b"\n".join(written)


def _info(values: Mapping[str, str]) -> bytes:
    pairs = (f"/{name} <feff{value.encode('utf-16-be').hex()}>" for name, value in values.items())
    return f"<< {' '.join(pairs)} >>".encode()


def docx(write: Callable[[object], None]) -> bytes:
    """Write a Word document; `write` fills it."""
    from docx import Document

    document = Document()
    write(document)
    return _saved(document)


def pptx(write: Callable[[object], None]) -> bytes:
    """Write a presentation; `write` fills it."""
    from pptx import Presentation

    presentation = Presentation()
    write(presentation)
    return _saved(presentation)


def xlsx(write: Callable[[object], None]) -> bytes:
    """Write a workbook; `write` fills it."""
    from openpyxl import Workbook

    workbook = Workbook()
    write(workbook)
    return _saved(workbook)


def _saved(document: object) -> bytes:
    buffer = io.BytesIO()
    document.save(buffer)  # type: ignore[attr-defined]
    return buffer.getvalue()


def archive(files: Mapping[str, str | bytes]) -> bytes:
    """Write a ZIP archive."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as opened:
        for name, content in files.items():
            opened.writestr(name, content)
    return buffer.getvalue()


def with_member(content: bytes, name: str, change: Callable[[str], str]) -> bytes:
    """Change one member of an archive."""
    with zipfile.ZipFile(io.BytesIO(content)) as opened:
        files: dict[str, str | bytes] = {one: opened.read(one) for one in opened.namelist()}
    changed = files[name]
    assert isinstance(changed, bytes)
    return archive({**files, name: change(changed.decode("utf-8"))})


def epub(chapters: Mapping[str, str], extra: Mapping[str, str] | None = None, opf: str = "") -> bytes:
    """Write an EPUB book of XHTML bodies in reading order."""
    items = "".join(f'<item id="{name}" href="{name}" media-type="application/xhtml+xml"/>' for name in chapters)
    spine = "".join(f'<itemref idref="{name}"/>' for name in chapters)
    package = opf or (
        '<?xml version="1.0"?><package xmlns="http://www.idpf.org/2007/opf" version="3.0">'
        '<metadata xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>Le livre</dc:title><dc:creator>A. Autrice'
        "</dc:creator><dc:creator>作者</dc:creator><dc:language>fr</dc:language><dc:date>2024-05-10</dc:date></metadata>"
        f"<manifest>{items}</manifest><spine>{spine}</spine></package>"
    )
    pages = {
        f"OEBPS/{name}": '<?xml version="1.0" encoding="utf-8"?><!DOCTYPE html><html xmlns="http://www.w3.org/1999/xhtml">'
        f"<head><title>x</title></head><body>{body}</body></html>"
        for name, body in chapters.items()
    }
    container = (
        '<?xml version="1.0"?><container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
        '<rootfile full-path="OEBPS/book.opf" media-type="application/oebps-package+xml"/></rootfiles></container>'
    )
    head = {"mimetype": "application/epub+zip", "META-INF/container.xml": container, "OEBPS/book.opf": package}
    return archive({**head, **pages, **(extra or {})})
