"""Lexical search alone: which pieces of Japanese to count, character n-grams or words? All by BM25, on one corpus.

Each way cuts the runs of kana and kanji; everything else (Latin words, numbers) is cut as in the index.
"""

import importlib
import re
import sqlite3
import unicodedata
from collections.abc import Callable, Mapping, Sequence

from index.lexical import TOKENIZER, terms

Cut = Callable[[str], list[str]]

_JAPANESE = re.compile(r"[\u3005-\u3007\u3041-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]+")
_SCRIPT_RUN = re.compile(r"[\u3041-\u309f]+|[\u30a0-\u30ff\u31f0-\u31ff]+|[^\u3041-\u30ff\u31f0-\u31ff]+")
_WORD = re.compile(r"\w+")
_MOST_TERMS = 300  # SQLite nests a query as deep as it has terms


class WordTable:
    """BM25 over texts, by SQLite's full-text search, in memory."""

    def __init__(
        self, texts: Sequence[tuple[str, str, str]], cut: Cut, *, tokenizer: str = TOKENIZER, weight: float = 1.0
    ) -> None:
        """Index texts.

        Args:
            texts: (document id, heading, body) of each passage.
            cut: text → terms.
            tokenizer: how SQLite reads the terms, joined by blanks.
            weight: of every column; 2 is the same as halving BM25's k1.
        """
        self._cut = cut
        self._weight = weight
        self._documents = [document_id for document_id, _, _ in texts]
        self._connection = sqlite3.connect(":memory:")
        self._connection.execute(f'CREATE VIRTUAL TABLE words USING fts5 (heading, body, tokenize = "{tokenizer}")')
        rows = ((place, " ".join(cut(heading)), " ".join(cut(body))) for place, (_, heading, body) in enumerate(texts))
        self._connection.executemany("INSERT INTO words (rowid, heading, body) VALUES (?, ?, ?)", rows)

    def search(self, query: str, count: int) -> list[str]:
        """The documents of the best passages, best first, each once."""
        distinct = list(dict.fromkeys(self._cut(query)))[:_MOST_TERMS]
        if not distinct:
            return []
        rows = self._connection.execute(
            f"SELECT rowid FROM words WHERE words MATCH ? ORDER BY bm25(words, {self._weight}, {self._weight}), rowid "
            "LIMIT ?",
            (" OR ".join(f'"{term}"' for term in distinct), count),
        )
        return list(dict.fromkeys(self._documents[place] for (place,) in rows))

    def close(self) -> None:
        """Forget everything."""
        self._connection.close()


def plain_words(text: str) -> list[str]:
    """The words of a text as regular expressions see them: for a stock full-text search."""
    return _WORD.findall(text)


def japanese_cuts() -> Mapping[str, Cut]:
    """The ways that are compared; a segmenter counts where it is installed."""
    cuts: dict[str, Cut] = {
        "pairs of characters (in use)": terms,
        "characters": _cutting(list),
        "characters and pairs": _cutting(lambda run: [*run, *_grams(run, 2)]),
        "triples of characters": _cutting(lambda run: _grams(run, 3)),
        "runs of one script": _cutting(_SCRIPT_RUN.findall),
    }
    try:
        tokenizer = importlib.import_module("janome.tokenizer").Tokenizer()
    except ImportError:
        return cuts
    cuts["words of a segmenter (janome)"] = _cutting(lambda run: list(tokenizer.tokenize(run, wakati=True)))
    return cuts


def _cutting(cut_run: Cut) -> Cut:
    """A cut that treats runs of kana and kanji in its own way, and the rest like the index."""

    def cut(text: str) -> list[str]:
        text = unicodedata.normalize("NFKC", text)
        found: list[str] = []
        at = 0
        for match in _JAPANESE.finditer(text):
            found += terms(text[at : match.start()])
            found += cut_run(match.group())
            at = match.end()
        return found + terms(text[at:])

    return cut


def _grams(run: str, size: int) -> list[str]:
    return [run[at : at + size] for at in range(len(run) - size + 1)] or [run]
