import sys
from types import ModuleType, SimpleNamespace

import pytest

from eval.lexical_bench import WordTable, japanese_cuts, plain_words
from index.lexical import terms

TEXTS = [
    ("d1", "灯台", "島の灯台は1901年に建てられた。"),
    ("d2", "Tram", "The tram line opened in 2021. The tram is blue."),
    ("d3", "Bus", "The bus line opened in 2020."),
]


@pytest.mark.parametrize(
    ("name", "pieces"),
    [
        ("pairs of characters (in use)", ["東京", "京都", "とう", "gpu", "2024"]),
        ("characters", ["東", "京", "都", "と", "う", "gpu", "2024"]),
        ("characters and pairs", ["東", "京", "都", "と", "う", "東京", "京都", "都と", "とう", "gpu", "2024"]),
        ("triples of characters", ["東京都", "京都と", "都とう", "gpu", "2024"]),
        ("runs of one script", ["東京都", "とう", "gpu", "2024"]),
    ],
)
def test_japanese_is_cut_and_the_rest_is_not(name: str, pieces: list[str]) -> None:
    cut = japanese_cuts()[name]
    assert set(pieces) <= set(cut("東京都とう GPU 2024"))
    assert cut("GPU 2024") == terms("GPU 2024")


def test_a_segmenter_counts_where_it_is_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    module = ModuleType("janome.tokenizer")
    module.Tokenizer = lambda: SimpleNamespace(tokenize=lambda run, wakati: [run[:2], run[2:]])  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "janome.tokenizer", module)
    monkeypatch.setitem(sys.modules, "janome", ModuleType("janome"))
    assert japanese_cuts()["words of a segmenter (janome)"]("東京都庁 GPU") == ["東京", "都庁", "gpu"]
    monkeypatch.setitem(sys.modules, "janome.tokenizer", None)
    assert "words of a segmenter (janome)" not in japanese_cuts()


def test_a_table_ranks_documents_by_bm25() -> None:
    table = WordTable(TEXTS, plain_words, tokenizer="unicode61")
    assert table.search("when did the TRAM line open?", 10) == ["d2", "d3"]
    assert table.search("灯台", 10) == ["d1"]  # the heading
    assert table.search("建てられた", 10) == []  # one word with the rest of its sentence
    assert table.search("?", 10) == []
    assert table.search('" OR NOT', 10) == []  # no syntax
    table.close()
    pairs = WordTable(TEXTS, terms, weight=2.0)
    assert pairs.search("いつ建てられたか", 10) == ["d1"]
    pairs.close()
