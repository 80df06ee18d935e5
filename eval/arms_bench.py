"""The parts of our retrieval, and the plain ways to search, each on its own over the same passages of one index."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

from eval.lexical_bench import WordTable, plain_words
from eval.retrieval import Query
from index.database import connect
from index.dense import load_dense
from index.embedder import Embedder
from index.late_interaction import TokenEmbedder, Vectors
from index.lookup import lexical_hits, passages_by_key, passages_of, summaries

Search = Callable[[Query], list[str]]

_RRF_K = 60  # Cormack, Clarke, Büttcher 2009


class Forgetful:
    """An embedder as it is the first time: ours remembers the latest questions, and times would not count them."""

    def __init__(self, real: Embedder) -> None:
        self.name, self.dimension, self.max_tokens = real.name, real.dimension, real.max_tokens
        self.query_prefix, self.passage_prefix = real.query_prefix, real.passage_prefix
        self._real = real

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """Embed passages; shape (texts, dimension), unit length."""
        return self._real.embed_passages(texts)

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Count tokens as the real one does."""
        return self._real.count_tokens(texts)

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        """Embed queries; shape (texts, dimension), unit length."""
        if isinstance(self._real, TokenEmbedder):  # what hands out tokens, too, is not taken from memory
            return self._real.embed_with_tokens(texts, self.query_prefix, lambda _: None)[0]
        return self._real.embed_queries(texts)


@contextmanager
def arms(folder: Path, embedder: Embedder, count: int) -> Iterator[Mapping[str, Search]]:
    """Open an index for searching in plain ways.

    Args:
        folder: the index.
        embedder: the one that it was made with; a `Forgetful` one where times are taken.
        count: passages looked at.

    Yields:
        Name of the way → a function from a query to the ids of the documents found, best first, each once.
    """
    with (
        closing(connect(folder)) as connection,
        closing(WordTable(passage_texts(folder), plain_words, tokenizer="unicode61")) as words,
    ):
        dense = load_dense(folder, connection)

        def documents(keys: Sequence[int]) -> list[str]:
            found = passages_by_key(connection, keys)
            return list(dict.fromkeys(found[key].document_id for key in keys))

        def nearest(query: Query) -> list[int]:
            return [key for key, _ in dense.search(embedder.embed_queries([query.text])[0], count)]

        def lexical(query: Query) -> list[int]:
            return [key for key, _ in lexical_hits(connection, query.text, count)]

        def both(query: Query) -> list[str]:
            return documents(reciprocal_ranks([nearest(query), lexical(query)]))

        yield {
            "BM25, SQLite as it comes": lambda query: words.search(query.text, count),
            "BM25 with our terms": lambda query: documents(lexical(query)),
            "dense alone": lambda query: documents(nearest(query)),
            f"both, equal weights (reciprocal ranks, k {_RRF_K})": both,
        }


def passage_texts(folder: Path) -> list[tuple[str, str, str]]:
    """Document id, heading and text of every passage of an index."""
    with closing(connect(folder)) as connection:
        return [
            (passage.document_id, f"{passage.title} {passage.section}", passage.text)
            for one in summaries(connection)
            for passage in passages_of(connection, one.document_id)
        ]


def reciprocal_ranks(rankings: Sequence[Sequence[int]]) -> list[int]:
    """Fuse rankings by the sum of 1 / (k + rank), best first; ties in the order of the keys."""
    scores: dict[int, float] = {}
    for ranking in rankings:
        for rank, key in enumerate(ranking, start=1):
            scores[key] = scores.get(key, 0.0) + 1 / (_RRF_K + rank)
    return sorted(scores, key=lambda key: (-scores[key], key))
