"""From a query to the passages that answer it: dense and lexical search, fused; a second look; translations collapsed.

A `Retriever` may be shared by threads. Each search sees one snapshot of the index, also while a build changes it, and
follows the changes at the next search.
"""

import sqlite3
import threading
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Self

import numpy as np
from numpy.typing import NDArray

from index.collapse import Candidates, collapse
from index.config import IndexConfig
from index.database import connect, translated
from index.dense import DenseIndex, load_dense
from index.errors import UsageError
from index.filters import PassageFilter
from index.fusion import FusedHit, first_look, fuse, rerank
from index.language import detect_language
from index.language_offsets import Returned, offsets_for
from index.late_interaction import TokenEmbedder, max_similarities
from index.lookup import Version, lexical_hits, passages_by_key, read_document, versions_of
from index.manifest import generation, manifest_for, require
from index.names import other_forms
from index.records import Document, Passage, RetrievedPassage
from index.sentence_vectors import SentenceVectors, stored_sentences
from index.sounds import indexed_terms, katakana_words, latin_words, words_by_sound
from index.token_vectors import codes_of, read_centre

if TYPE_CHECKING:
    from index.embedder import Embedder


_LANGUAGES = "SELECT DISTINCT language FROM documents"
_WINDOW = 6  # hits looked at per passage asked for: translations and near-duplicates thin them out
_WINDOW_LEAST = 60
_DEPTH = 3  # times as many nearest are looked at where other languages get back what their bias cost
_LEXICAL_DEPTH = 10  # BM25 of passages that only the dense arm found; deeper lists cost little
_LOOKED_AT = 20  # hits that late interaction sees, about 2 ms; more find hardly more
_LOOKED_AT_PER_LANGUAGE = 8
_MOST_VERSIONS = 50_000  # remembered, about 100 bytes each

Tokens = NDArray[np.float32] | None  # of the query


class Retriever:
    """Finds passages in one index folder. Make it with `Retriever.open`, close it when done (or use `with`)."""

    def __init__(self, folder: Path, embedder: "Embedder", config: IndexConfig) -> None:
        self._folder = folder
        self._embedder = embedder
        self._config = config
        self._idle: list[sqlite3.Connection] = []
        self._lock = threading.Lock()
        self._dense: DenseIndex | None = None
        self._languages: frozenset[str] = frozenset()  # of its documents
        self._words_by_sound: dict[str, tuple[str, ...]] | None = None  # made when a query first needs them
        self._versions: tuple[tuple[str, int], dict[int, Version]] = (
            ("", -1),
            {},
        )  # of which generation, and what is known
        self._closed = False

    @classmethod
    def open(cls, folder: Path, embedder: "Embedder", config: IndexConfig) -> Self:
        """Open an index for searching.

        Raises:
            UsageError: there is no index, or it was made with another embedder.
            RunError: the index is damaged.
        """
        retriever = cls(folder, embedder, config)
        connection = connect(folder)
        try:
            with translated(folder):
                require(connection, folder, manifest_for(embedder, config), for_building=False)
                retriever._load(connection)
        except BaseException:
            connection.close()
            raise
        retriever._idle.append(connection)
        return retriever

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the idle connections; those in use close when their search ends."""
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()

    def search(
        self, query: str, k: int, *, language: str | None = None, only: PassageFilter | None = None
    ) -> list[RetrievedPassage]:
        """Find the k best passages for a query.

        Args:
            query: any text; an empty one finds nothing.
            k: most passages to return, at least 1.
            language: language of the query, "fr", "en", "ja" or "und"; detected when None.
            only: which passages may be found; None for all.

        Returns:
            The passages, best first, with the scores of both arms and the fused score.

        Raises:
            UsageError: k is below 1.
            RunError: the index cannot be read.
        """
        return self.search_many([query], k, language=language, only=only)[0]

    def search_many(
        self, queries: Sequence[str], k: int, *, language: str | None = None, only: PassageFilter | None = None
    ) -> list[list[RetrievedPassage]]:
        """Search for several queries, embedded in one batch; arguments and errors as for `search`."""
        if k < 1:
            raise UsageError(f"k is {k}; it must be at least 1")
        queries = [query.encode("utf-8", "ignore").decode("utf-8") for query in queries]  # no lone surrogates
        asked = [query for query in queries if query.strip()]
        if not asked:
            return [[] for _ in queries]
        with self._snapshot() as (connection, dense), ThreadPoolExecutor(1) as beside:
            allowed = None if only is None else only.allowed_keys(connection)
            count = _LEXICAL_DEPTH * max(self._config.candidates, k)
            # The lexical arm waits for no vector, so it works while the encoder does.
            worded = beside.submit(
                lambda: [lexical_hits(connection, self._widened(connection, query), count, allowed) for query in asked]
            )
            embedded = self._embedded(asked)
            found = (
                self._search(connection, dense, query, *vectors, lexical, k, language, allowed)
                for query, vectors, lexical in zip(asked, embedded, worded.result(), strict=True)
            )
            return [next(found) if query.strip() else [] for query in queries]

    def sentences(self, passage_ids: Sequence[str]) -> dict[str, SentenceVectors]:
        """The stored sentences of passages, by passage id; those that were not prepared are left out."""
        with self._snapshot() as (connection, _):
            return stored_sentences(connection, passage_ids, self._embedder.dimension)

    @property
    def generation(self) -> str:
        """Changes with every change of the index: what an answer was made from."""
        with self._snapshot() as (_, dense):
            identity, count = dense.made_from
        return f"{identity}:{count}"

    def document(self, document_id: str) -> Document:
        """Read a whole document, for example to show a citation in its place.

        Raises:
            UsageError: the index has no document of that id.
        """
        with self._snapshot() as (connection, _):
            return read_document(connection, document_id)

    def passages(self, most: int) -> list[Passage]:
        """All passages of a small index; none where it has more than `most`."""
        with self._snapshot() as (connection, _):
            keys = [key for (key,) in connection.execute("SELECT passage_key FROM passages LIMIT ?", (most + 1,))]
            return list(passages_by_key(connection, keys).values()) if len(keys) <= most else []

    def _embedded(self, queries: list[str]) -> list[tuple[NDArray[np.float32], Tokens]]:
        embedder = self._embedder
        if isinstance(embedder, TokenEmbedder) and self._config.late_interaction:
            return list(zip(*embedder.embed_with_tokens(queries, embedder.query_prefix, lambda one: one), strict=True))
        return [(vector, None) for vector in embedder.embed_queries(queries)]

    def _widened(self, connection: sqlite3.Connection, query: str) -> str:
        """A query with other forms of its names."""
        return " ".join([query, *other_forms(query), *self._by_sound(connection, query)])

    def _search(
        self,
        connection: sqlite3.Connection,
        dense: DenseIndex,
        query: str,
        vector: NDArray[np.float32],
        tokens: Tokens,
        lexical: list[tuple[int, float]],
        k: int,
        language: str | None,
        allowed: NDArray[np.int64] | None,
    ) -> list[RetrievedPassage]:
        query_language = language or detect_language(query)
        count = max(self._config.candidates, k)
        mixed = not self._languages <= {query_language}
        offsets = offsets_for(self._embedder.name, query_language if mixed else "")
        nearest = dense.search(vector, _DEPTH * count if offsets else count, allowed)
        versions = self._versions_of(connection, dense.made_from, {key for key, _ in [*nearest, *lexical[:count]]})
        languages = {key: version.language for key, version in versions.items()}
        returned: dict[int, Returned] = {}
        if offsets:
            own = {version.group for version in versions.values() if version.language == query_language}
            returned = {
                key: offsets.of(version.language, translated=version.group in own) for key, version in versions.items()
            }
            nearest.sort(key=lambda hit: -hit[1] - returned[hit[0]].cosine)
        keys = sorted({key for key, _ in [*nearest[:count], *lexical[:count]]})
        row_of = {key: row for row, key in enumerate(keys)}
        vectors = dense.vectors(connection, keys)
        cosines = dict(zip(keys, np.einsum("ij,j->i", vectors, vector).tolist(), strict=True))
        shared = {key: score for key, score in lexical if key in cosines}
        found = fuse(cosines, shared, languages, query_language, returned)
        hits = self._reranked(connection, found, tokens, languages, query_language, returned)
        hits = hits[: max(_WINDOW * k, _WINDOW_LEAST)]
        candidates = Candidates(
            versions=versions,
            vectors=vectors[[row_of[hit.passage_key] for hit in hits]],
            query=vector,
            text_of=lambda key: passages_by_key(connection, [key])[key].text,
        )
        best = collapse(hits, candidates, query_language, k)
        passages = passages_by_key(connection, [hit.passage_key for hit in best])
        return [
            RetrievedPassage(
                passages[hit.passage_key], hit.dense_score, hit.lexical_score, hit.retrieval_score, hit.rerank_score
            )
            for hit in best
        ]

    def _versions_of(
        self, connection: sqlite3.Connection, made_from: tuple[str, int], keys: set[int]
    ) -> dict[int, Version]:
        """The versions of passages; what was read once is remembered until the index changes."""
        generation_of, known = self._versions
        if generation_of != made_from or len(known) > _MOST_VERSIONS:
            known = {}
            self._versions = (made_from, known)
        missing = sorted(keys - known.keys())
        if missing:
            known.update(versions_of(connection, missing))
        return {key: known[key] for key in keys}

    def _reranked(
        self,
        connection: sqlite3.Connection,
        hits: list[FusedHit],
        tokens: Tokens,
        languages: Mapping[int, str],
        query_language: str,
        returned: Mapping[int, Returned],
    ) -> list[FusedHit]:
        """Order the best hits by late interaction, where the index has token vectors of all of them."""
        centre = read_centre(connection) if tokens is not None else None
        if tokens is None or centre is None:
            return hits
        chosen = sorted(first_look(hits, languages, _LOOKED_AT, _LOOKED_AT_PER_LANGUAGE))
        codes = codes_of(connection, chosen, len(centre))
        if len(codes) < len(chosen):
            return hits
        scores = max_similarities(tokens, [codes[key] for key in chosen], centre)
        scored = dict(zip(chosen, map(float, scores), strict=True))
        return rerank(hits, scored, languages, query_language, returned)

    def _by_sound(self, connection: sqlite3.Connection, query: str) -> list[str]:
        """The Latin words that sound like the katakana of a query, where there are Latin documents."""
        katakana = katakana_words(query)
        if not katakana or self._languages <= {"ja"}:
            return []
        by_sound = self._words_by_sound
        if by_sound is None:
            by_sound = self._words_by_sound = words_by_sound(indexed_terms(connection))
        return latin_words(katakana, by_sound)

    @contextmanager
    def _snapshot(self) -> Iterator[tuple[sqlite3.Connection, DenseIndex]]:
        """Lend a connection inside a read transaction, with the dense index of the same generation."""
        with self._lock:
            connection = self._idle.pop() if self._idle else None
        if connection is None:
            connection = connect(self._folder)
        try:
            with translated(self._folder):
                connection.execute("BEGIN")
                try:
                    yield connection, self._dense_for(connection)
                finally:
                    connection.execute("COMMIT")
        except BaseException:
            connection.close()
            raise
        with self._lock:
            if not self._closed:
                self._idle.append(connection)
                return
        connection.close()

    def _dense_for(self, connection: sqlite3.Connection) -> DenseIndex:
        wanted = generation(connection)
        dense = self._dense
        if dense is None or dense.made_from != wanted:
            require(connection, self._folder, manifest_for(self._embedder, self._config), for_building=False)
            dense = self._load(connection)
        return dense

    def _load(self, connection: sqlite3.Connection) -> DenseIndex:
        self._words_by_sound = None
        self._languages = frozenset(language for (language,) in connection.execute(_LANGUAGES))
        dense = load_dense(self._folder, connection)
        self._dense = dense
        return dense
