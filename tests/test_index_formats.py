"""A folder with every format becomes one index: pages reach the passages, bad files are named, the rest goes on."""

from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from index import reading
from index.build import build
from index.check import damages
from index.config import IndexConfig
from index.database import connect
from index.formats import FORMATS
from index.lookup import passages_of, read_document
from index.retriever import Retriever
from tests.sample_files import FRENCH, JAPANESE, SCAN, archive, docx, epub, pdf, pptx, xlsx

Write = Callable[[str, str | bytes], Path]
CONFIG = IndexConfig()


def _slides(presentation: Any) -> None:
    for text in (FRENCH, JAPANESE):
        slide = presentation.slides.add_slide(presentation.slide_layouts[1])
        slide.placeholders[1].text = text


def _sheet(workbook: Any) -> None:
    workbook.active.append(["Entreprise", "texte"])
    workbook.active.append(["SoftBank", FRENCH])
    workbook.active.append(["ソフトバンク", JAPANESE])


@pytest.fixture(scope="session")
def samples() -> dict[str, bytes]:
    """A file of each format with a French and a Japanese sentence."""
    both = f"{FRENCH}\n\n{JAPANESE}\n"
    page = f"<html><body><main><p>{FRENCH}</p><p>{JAPANESE}</p></main></body></html>"
    return {
        "a.md": both.encode(),
        "a.markdown": both.encode("utf-16"),
        "a.txt": both.encode(),
        "a.jsonl": f'{{"doc_id": "line", "text": "{FRENCH} {JAPANESE}"}}\n'.encode(),
        "a.pdf": pdf([FRENCH, [SCAN], JAPANESE]),
        "a.docx": docx(lambda document: [document.add_paragraph(FRENCH), document.add_paragraph(JAPANESE)]),
        "a.pptx": pptx(_slides),
        "a.xlsx": xlsx(_sheet),
        "a.csv": f'Entreprise,texte\nSoftBank,"{FRENCH}"\nソフトバンク,{JAPANESE}\n'.encode(),
        "a.tsv": f"Entreprise\ttexte\nSoftBank\t{FRENCH}\nソフトバンク\t{JAPANESE}\n".encode("utf-16"),
        "a.html": page.encode(),
        "a.htm": page.encode(),
        "a.xhtml": page.encode(),
        "a.epub": epub({"one": f"<p>{FRENCH}</p>", "two": f"<p>{JAPANESE}</p>"}),
    }


BAD = {
    "bad/broken.pdf": b"%PDF-1.4",
    "bad/scan.pdf": pdf([[SCAN]]),
    "bad/bomb.docx": archive({"word/document.xml": bytes(40_000_000)}),
    "bad/locked.xlsx": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512),
    "bad/entities.pptx": archive({"ppt/presentation.xml": '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'}),
    "bad/protected.epub": epub({"a": "x"}, {"META-INF/encryption.xml": "<a><EncryptedData></EncryptedData></a>"}),
    "bad/deep.html": b"<div>" * 1_000 + b"x",
    "bad/binary.csv": b"\x7fELF\x00\x01",
    "bad/old.doc": b"x",
}


def test_every_format_is_sampled(samples: dict[str, bytes]) -> None:
    assert {Path(name).suffix for name in samples} == set(FORMATS)


def test_a_folder_of_every_format(
    samples: dict[str, bytes], write: Write, tmp_path: Path, toy_embedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, content in {**samples, **BAD}.items():
        root = write(name, content)
    root = tmp_path / "documents"
    outside = tmp_path / "secret.pdf"
    outside.write_bytes(pdf(["Secret."]))
    (root / "link.pdf").symlink_to(outside)
    folder = tmp_path / "index"
    report = build([root], folder, toy_embedder, CONFIG)
    assert set(report.added) == {"line" if name == "a.jsonl" else name for name in samples}
    assert {name for name, _ in report.refused} == {*BAD, "link.pdf"}
    assert all(reason for _, reason in report.refused)
    assert [(name, what.split(":")[0]) for name, what in report.noticed] == [("a.pdf", "page 2")]
    assert damages(folder) == []
    _check_documents(folder, report.added)
    _check_pages(folder, toy_embedder)
    # Nothing is read or embedded a second time, refused files included.
    toy_embedder.embedded.clear()
    monkeypatch.setattr(reading, "ReaderProcess", lambda: pytest.fail("read again"))
    again = build([root], folder, toy_embedder, CONFIG)
    assert set(again.unchanged) == set(report.added)
    assert set(again.refused) == set(report.refused)
    assert toy_embedder.embedded == []


def _check_documents(folder: Path, names: tuple[str, ...]) -> None:
    with closing(connect(folder)) as connection:
        for name in names:
            document = read_document(connection, name)
            assert FRENCH in document.text, name
            assert JAPANESE in document.text, name
            for passage in passages_of(connection, name):
                assert document.text[passage.start : passage.end] == passage.text, name
                assert passage.page == document.page_at(passage.start), name


def _check_pages(folder: Path, embedder: Any) -> None:
    with Retriever.open(folder, embedder, CONFIG) as retriever:
        for name, page in (("a.pdf", 3), ("a.pptx", 2)):
            document = retriever.document(name)
            start = document.text.index(JAPANESE)
            assert document.page_at(start) == page
            hits = retriever.search(JAPANESE, 20)
            found = [hit.passage for hit in hits if hit.passage.document_id == name and JAPANESE in hit.passage.text]
            assert [passage.page_at(start) for passage in found] == [page] * len(found)
        assert retriever.document("a.pdf").metadata["noticed"]
        assert retriever.document("a.docx").page_at(0) is None


def test_a_changed_and_a_removed_pdf(write: Write, tmp_path: Path, toy_embedder) -> None:
    path = write("a.pdf", pdf([FRENCH]))
    folder = tmp_path / "index"
    build([path.parent], folder, toy_embedder, CONFIG)
    path.write_bytes(pdf([JAPANESE]))
    assert build([path.parent], folder, toy_embedder, CONFIG).changed == ("a.pdf",)
    path.write_bytes(pdf([[SCAN]]))
    report = build([path.parent], folder, toy_embedder, CONFIG)
    assert [name for name, _ in report.refused] == ["a.pdf"]
    with closing(connect(folder)) as connection:
        assert read_document(connection, "a.pdf").text == JAPANESE, "the last good version stays"
    path.unlink()
    assert build([path.parent], folder, toy_embedder, CONFIG).removed == ("a.pdf",)
    assert damages(folder) == []
