"""The README's example of our index in LlamaIndex runs as it stands."""

import re
from pathlib import Path

import pytest

from index.build import build
from index.config import IndexConfig
from index.embedder import Embedder

README = Path(__file__).parent.parent / "README.md"
DOCUMENT = """---
title: The six providers
language: en
---
# The six providers

METI certified six providers of computing in 2023 and 2024.
"""


def test_the_example_prints_the_passages_with_their_titles(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], real_embedder: Embedder
) -> None:
    [example] = re.findall(
        r"```python\n((?:(?!```).)*ShokoRetriever.*?)```", README.read_text(encoding="utf-8"), re.DOTALL
    )
    documents = tmp_path / "documents"
    documents.mkdir()
    (documents / "providers.md").write_text(DOCUMENT, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    build([documents], Path(".shoko/index"), real_embedder, IndexConfig())
    capsys.readouterr()
    exec(compile(example, str(README), "exec"), {})
    printed = capsys.readouterr().out
    assert re.search(r"^providers\.md#1 [0-9.]+ The six providers$", printed, re.MULTILINE)
