"""Filters: what may be found, and that both arms obey."""

from contextlib import closing
from pathlib import Path

import pytest

from index.build import build
from index.config import IndexConfig
from index.database import connect
from index.embedder import Embedder
from index.errors import UsageError
from index.filters import PassageFilter
from index.retriever import Retriever

DOCUMENTS = {
    "en/plan.md": ("en", "2023-06", "plan"),
    "en/outcome.md": ("en", "2024-05-10", "outcome"),
    "fr/plan.md": ("fr", "2024", "plan"),
    "ja/undated.md": ("ja", "", ""),
}


@pytest.fixture
def dated(tmp_path: Path, toy_embedder: Embedder) -> Path:
    for name, (language, date, status) in DOCUMENTS.items():
        file = tmp_path / "documents" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        fields = f"title: {name}\nlanguage: {language}\n" + f'date: "{date}"\n' * bool(date)
        fields += f"status: {status}\n" * bool(status)
        file.write_text(f"---\n{fields}---\nThe harbour of {name} was dredged.\n", encoding="utf-8")
    build([tmp_path / "documents"], tmp_path / "index", toy_embedder, IndexConfig())
    return tmp_path / "index"


@pytest.mark.parametrize(
    ("only", "expected"),
    [
        (PassageFilter(), set(DOCUMENTS)),
        (PassageFilter(languages=("en",)), {"en/plan.md", "en/outcome.md"}),
        (PassageFilter(languages=("en", "ja")), {"en/plan.md", "en/outcome.md", "ja/undated.md"}),
        (PassageFilter(document_ids=("fr/plan.md",)), {"fr/plan.md"}),
        (PassageFilter(document_ids=("en/", "ja/undated.md")), {"en/plan.md", "en/outcome.md", "ja/undated.md"}),
        (PassageFilter(document_ids=("e%",)), set()),
        (PassageFilter(statuses=("plan",)), {"en/plan.md", "fr/plan.md"}),
        (PassageFilter(statuses=("plan",), languages=("fr",)), {"fr/plan.md"}),
        (PassageFilter(since="2024"), {"en/outcome.md", "fr/plan.md"}),
        (PassageFilter(since="2024-05-11"), {"fr/plan.md"}),
        (PassageFilter(as_of="2023"), {"en/plan.md", "ja/undated.md"}),
        (PassageFilter(as_of="2023-05"), {"ja/undated.md"}),
        (PassageFilter(as_of="2024-05"), set(DOCUMENTS)),
        (PassageFilter(as_of="2024-05-09"), {"en/plan.md", "fr/plan.md", "ja/undated.md"}),
    ],
)
def test_only_what_is_allowed_is_found(
    dated: Path, toy_embedder: Embedder, only: PassageFilter, expected: set[str]
) -> None:
    with Retriever.open(dated, toy_embedder, IndexConfig()) as retriever:
        hits = retriever.search("harbour dredged", 10, language="en", only=only)
    assert {hit.passage.document_id for hit in hits} == expected


def test_everything_allowed_needs_no_list(dated: Path) -> None:
    with closing(connect(dated)) as connection:
        assert PassageFilter().allowed_keys(connection) is None


@pytest.mark.parametrize("date", ["2024-5", "yesterday", "2024-05-01T00:00", "令和6年"])
def test_a_date_must_be_one(date: str) -> None:
    with pytest.raises(UsageError, match="not a date"):
        PassageFilter(as_of=date)
