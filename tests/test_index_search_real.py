"""The default embedding model on the packaged collection: the right document in each language, and no language lost."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from index.build import build, default_documents
from index.check import damages
from index.config import IndexConfig
from index.embedder import Embedder, load_embedder
from index.retriever import Retriever

SLUGS = ("softbank", "kddi", "glossary")


@pytest.fixture(scope="module")
def embedder() -> Embedder:
    return load_embedder(IndexConfig())


@pytest.fixture(scope="module")
def retriever(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> Iterator[Retriever]:
    documents = tmp_path_factory.mktemp("documents")
    for language in ("en", "fr", "ja"):
        (documents / language).mkdir()
        for slug in SLUGS:
            text = (default_documents() / language / f"{slug}.md").read_text(encoding="utf-8")
            (documents / language / f"{slug}.md").write_text(text, encoding="utf-8")
    folder = tmp_path_factory.mktemp("index")
    build([documents], folder, embedder, IndexConfig())
    assert damages(folder) == []
    with Retriever.open(folder, embedder, IndexConfig()) as opened:
        yield opened


@pytest.mark.parametrize(
    ("query", "document_id"),
    [
        ("How much may METI grant SoftBank?", "en/softbank.md"),
        ("Combien SoftBank reçoit-elle du METI ?", "fr/softbank.md"),
        ("ソフトバンクへの助成は最大いくらか", "ja/softbank.md"),
        ("Where is KDDI's data centre?", "en/kddi.md"),
        ("Où se trouve le centre de données de KDDI ?", "fr/kddi.md"),
        ("KDDIのデータセンターはどこにあるか", "ja/kddi.md"),
    ],
)
def test_the_first_passage_is_of_the_right_document_and_language(
    retriever: Retriever, query: str, document_id: str
) -> None:
    assert retriever.search(query, 5)[0].passage.document_id == document_id


def test_every_embedding_text_fits_the_model(embedder: Embedder, retriever: Retriever) -> None:
    for hit in retriever.search("SoftBank", 200):
        assert embedder.count_tokens([hit.passage.text])[0] <= IndexConfig().passage_tokens


def test_a_passage_only_one_language_has_is_found_from_another(embedder: Embedder, tmp_path: Path) -> None:
    documents = tmp_path / "documents"
    documents.mkdir()
    for language in ("en", "ja"):
        text = (default_documents() / language / "softbank.md").read_text(encoding="utf-8")
        (documents / f"{language}.md").write_text(text, encoding="utf-8")
    (documents / "other.md").write_text(
        "# Bakeries\n\nThe bakery in Lyon opens at six in the morning.\n", encoding="utf-8"
    )
    build([documents], tmp_path / "index", embedder, IndexConfig())
    with Retriever.open(tmp_path / "index", embedder, IndexConfig()) as retriever:
        found = [hit.passage.document_id for hit in retriever.search("リヨンのパン屋は何時に開くか", 5)]
    assert "other.md" in found
