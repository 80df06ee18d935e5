"""Every sentence of the shipped documents can be written for readers of the other languages."""

import pytest

from assistant.context import for_reader
from assistant.figure_rendering import rewrite_figure
from assistant.figures import parse_figure
from index.build import default_documents

DOCUMENTS = sorted(default_documents().glob("*/*.md"))


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_no_figure_of_the_documents_stops_an_answer(document) -> None:
    text = document.read_text(encoding="utf-8").split("\n---\n", 1)[1]
    for language in {"fr", "en", "ja"} - {document.parent.name}:
        assert for_reader(text, document.parent.name, language) != text


@pytest.mark.parametrize(
    ("text", "written_in", "language", "expected"),
    [("2 years", "en", "ja", "2年間"), ("2年間", "ja", "en", "2 years"), ("3 years", "en", "fr", "3\u00a0ans")],
)
def test_a_length_in_years_is_no_date(text: str, written_in: str, language: str, expected: str) -> None:
    assert rewrite_figure(parse_figure(text, written_in), language) == expected
