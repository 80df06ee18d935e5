"""Finding and reading sources: front matter, corpus lines, refusals by name, stable ids."""

import json
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from index import formats
from index.errors import UsageError
from index.extract import RefusedError
from index.reading import DocumentReader
from index.records import Document
from index.sources import Refusal, Source, find_sources

Write = Callable[[str, str | bytes], Path]


def _read(path: Path) -> Document:
    [source] = [found for found in find_sources([path]) if isinstance(found, Source)]
    with DocumentReader() as reader:
        return reader.read(source)


def test_front_matter_becomes_fields_and_the_text_is_the_body(write: Write) -> None:
    body = "# Heading\n\nText with  two blanks.\n"
    path = write(
        "a.md",
        "---\ntitle: Title\nlanguage: fr\ndate: 2024-05-10\nstatus: plan\ntranslation_of: en/a.md\nfacts: [A-1]\n"
        "sources:\n  - {title: S, date: 2024-05-01, url: 'https://example.org/1'}\n---\n\n" + body,
    )
    document = _read(path)
    assert document.text == body
    assert (document.title, document.language, document.date, document.status) == ("Title", "fr", "2024-05-10", "plan")
    assert (document.translation_of, document.url) == ("en/a.md", "https://example.org/1")
    assert document.metadata["facts"] == ["A-1"]
    assert json.dumps(document.metadata)


@pytest.mark.parametrize(
    ("content", "title", "text"),
    [
        ("# Heading *one*\n\nText.\n", "Heading one", "# Heading *one*\n\nText.\n"),
        ("Text only.", "a", "Text only."),
        ("---\nnot: closed\n\nText.", "a", "---\nnot: closed\n\nText."),
        ("---\nprose between rules\n---\nText.", "prose between rules", "---\nprose between rules\n---\nText."),
        ("---\n---\nText.", "a", "Text."),
        ("line\r\nline\rline", "a", "line\nline\nline"),
        ("\ufeff---\ntitle: T\n---\nText.", "T", "Text."),
    ],
)
def test_markdown_without_a_title(write: Write, content: str, title: str, text: str) -> None:
    document = _read(write("a.md", content))
    assert (document.title, document.text) == (title, text)


@pytest.mark.parametrize(
    ("written", "date"),
    [("2024", "2024"), ("2024-05", "2024-05"), ("2024/5/7", "2024-05-07"), ("2024-05-10T12:00:00+09:00", "2024-05-10"),
     ("May 2024", ""), ("2024-13", ""), ("null", "")],
)  # fmt: skip
def test_dates_are_iso_or_nothing(write: Write, written: str, date: str) -> None:
    assert _read(write("a.md", f"---\ndate: {written}\n---\nText.")).date == date


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("a.md", b"---\ntitle: [\n---\nText.", "YAML at line"),
        ("a.md", b"---\na: &x [1]\nb: [*x, *x]\n---\nText.", "aliases"),
        ("a.md", b"---\n- a\n- b\n---\nText.", "names and values"),
        ("a.txt", b"\x89PNG\r\n\x1a\n", "PNG"),
        ("a.txt", b" \n\t\n", "no text"),
        ("a.md", b"---\ntitle: T\n---\n", "no text"),
    ],
)
def test_what_is_no_document_is_refused_with_a_reason(write: Write, name: str, content: bytes, reason: str) -> None:
    with pytest.raises(RefusedError, match=reason):
        _read(write(name, content))


def test_corpus_lines_become_documents(write: Write) -> None:
    lines = [
        {
            "doc_id": "x-1",
            "title": "One",
            "text": "First.\r\nLine.",
            "lang": "fr",
            "date": "2024",
            "url": "https://e.org",
            "k": 1,
        },
        {"_id": "x-2", "title": "", "text": "経産省の計画。"},
    ]
    path = write("corpus.jsonl", "\n\n".join(json.dumps(line, ensure_ascii=False) for line in lines))
    with DocumentReader() as reader:
        one, two = (reader.read(found) for found in find_sources([path]) if isinstance(found, Source))
    assert (one.document_id, one.title, one.text, one.language) == ("x-1", "One", "First.\nLine.", "fr")
    assert (one.date, one.url, one.metadata) == ("2024", "https://e.org", {"k": 1})
    assert (two.document_id, two.language) == ("x-2", "ja")


def test_bad_corpus_lines_are_named_and_the_rest_goes_on(write: Write) -> None:
    good = '{"doc_id": "a", "text": "x"}'
    path = write("c.jsonl", f'{good}\nnot json\n{{"doc_id": "b"}}\n{good}\n{{"doc_id": "c", "text": "y"}}\n')
    found = list(find_sources([path]))
    assert [one.document_id for one in found if isinstance(one, Source)] == ["a", "c"]
    assert [one.name for one in found if isinstance(one, Refusal)] == ["c.jsonl line 2", "c.jsonl line 3", "a"]


def test_a_jsonl_that_is_no_corpus_is_passed_over_in_a_folder_and_refused_when_named(write: Write) -> None:
    path = write("facts.jsonl", '{"id": "F-1", "values": []}\n')
    assert list(find_sources([path.parent])) == []
    [refusal] = find_sources([path])
    assert isinstance(refusal, Refusal)
    assert "not a corpus" in refusal.reason


def test_a_folder_gives_stable_ids_and_passes_over_hidden_files(write: Write) -> None:
    for name in ("b/two.md", "a/one.txt", "three.MD", ".hidden.md", ".git/x.md", "image.png"):
        write(name, "Text.")
    folder = write("b/two.md", "Text.").parent.parent
    assert [one.document_id for one in find_sources([folder]) if isinstance(one, Source)] == [
        "three.MD",
        "a/one.txt",
        "b/two.md",
    ]


def test_links_out_of_the_folder_are_refused_by_name(write: Write, tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("secret")
    inside = write("a.txt", "Text.")
    (inside.parent / "out.txt").symlink_to(secret)
    (inside.parent / "gone.txt").symlink_to(tmp_path / "nothing.txt")
    (inside.parent / "folder").symlink_to(tmp_path)
    (inside.parent / "same.txt").symlink_to(inside)
    found = list(find_sources([inside.parent]))
    assert {one.name for one in found if isinstance(one, Refusal)} == {"out.txt", "gone.txt", "folder"}
    assert {one.document_id for one in found if isinstance(one, Source)} == {"a.txt", "same.txt"}


def test_two_documents_of_one_name_are_an_error_that_names_both(write: Write) -> None:
    first, second = write("x/a.md", "One."), write("y/a.md", "Two.")
    with pytest.raises(UsageError, match=r"x/a\.md and .*y/a\.md"):
        list(find_sources([first, second]))


def test_a_file_in_two_arguments_is_one_document(write: Write) -> None:
    path = write("x/a.md", "One.")
    assert [one.document_id for one in find_sources([path.parent.parent, path]) if isinstance(one, Source)] == [
        "x/a.md"
    ]


@pytest.mark.parametrize(
    ("name", "remedy"),
    [("missing", "give the path"), ("a.png", "no reader.*known: .*pdf"), ("a.doc", r"save it as \.docx")],
)
def test_wrong_paths_are_user_errors(write: Write, name: str, remedy: str) -> None:
    folder = write("a.png", "x").parent
    write("a.doc", "x")
    with pytest.raises(UsageError, match=remedy):
        list(find_sources([folder / name]))


def test_too_large_and_irregular_files_are_named(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = write("large.txt", "x" * 100).parent
    os.mkfifo(folder / "pipe.txt")
    monkeypatch.setitem(formats.FORMATS, ".txt", replace(formats.FORMATS[".txt"], largest_bytes=10))
    found = list(find_sources([folder]))
    assert {one.name: one.reason.split(";")[-1] for one in found if isinstance(one, Refusal)}.keys() == {
        "large.txt",
        "pipe.txt",
    }


def test_documents_without_a_reader_are_named_and_pictures_passed_over(write: Write) -> None:
    for name in ("old.DOC", "table.xls", "letter.eml", "all.zip", "picture.png", "film.mp4", "~$open.docx"):
        write(name, "x")
    found = list(find_sources([write("a.txt", "x").parent]))
    refused = {one.name: one.reason for one in found if isinstance(one, Refusal)}
    assert refused.keys() == {"old.DOC", "table.xls", "letter.eml", "all.zip"}
    assert refused["old.DOC"] == "no reader for .DOC; save it as .docx or .pdf"


def test_mojibake_is_refused_and_glued_numbers_are_noticed(write: Write) -> None:
    text = "Le ministère a annoncé une enveloppe élevée à côté de celle de l'été."
    with pytest.raises(RefusedError, match="mojibake"):
        _read(write("a.txt", text.encode().decode("cp1252")))
    document = _read(write("b.txt", "Aid: 1,5002,300 and 42.1108.5 and 20232024."))
    assert document.metadata["noticed"] == ["doubtful: numbers run together ('1,5002,300')"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads every file")
def test_unreadable_files_are_named(write: Write) -> None:
    path = write("a.txt", "x")
    path.chmod(0)
    [refusal] = find_sources([path])
    assert isinstance(refusal, Refusal)
    assert "cannot be read" in refusal.reason


def test_lone_surrogates_become_question_marks_everywhere(write: Write) -> None:
    line = '{"doc_id": "a\\ud800", "title": "b\\udfff", "text": "c\\ud800 😀", "kind\\ud800": ["d\\ud800"]}'
    document = _read(write("corpus.jsonl", line))
    assert (document.document_id, document.title, document.text) == ("a?", "b?", "c? 😀")
    assert document.metadata == {"kind?": ["d?"]}


def test_names_that_are_not_unicode_are_refused_and_odd_ones_are_names(write: Write) -> None:
    folder = write("line\nend.txt", "Text.").parent
    for name in (b"bad\xff.txt", b"sub\xff/a.txt"):
        path = Path(os.fsdecode(os.fsencode(folder) + b"/" + name))
        path.parent.mkdir(exist_ok=True)
        path.write_text("Text.")
    found = list(find_sources([folder]))
    assert [one.document_id for one in found if isinstance(one, Source)] == ["line\nend.txt"]
    refused = {one.name: one.reason for one in found if isinstance(one, Refusal)}
    assert refused == dict.fromkeys(("bad?.txt", "sub?"), "its name is not valid UTF-8; rename it")
    with pytest.raises(UsageError, match=r"sub\?: its name is not valid UTF-8"):
        list(find_sources([path.parent]))
