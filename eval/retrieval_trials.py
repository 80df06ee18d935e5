"""What was tried in the ranking of passages: every arm, sum and precision on the same index, scored by nDCG@10.

All scores of all passages are computed once for every query; a trial is then a few lines of arithmetic.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eval.ranking_measures import measure_run
from eval.retrieval import Query
from index.database import connect
from index.embedder import SentenceTransformerEmbedder
from index.fusion import lexical_weight
from index.late_interaction import centred, packed, token_centre
from index.lookup import lexical_hits
from index.store import FULL_VECTOR

Scores = NDArray[np.float64]  # (queries, passages)
_CANDIDATES = 100
_LOOKED_AT = 30
_RRF_K = 60  # Cormack, Clarke, Büttcher 2009
_FIRST_STAGE = 1.6
_IN_USE = "z: late interaction 2 bits + "  # the trials that differ in nothing but the weight of the lexical score
_PARTS = 5


@dataclass(frozen=True, slots=True)
class Pool:
    """The passages of one index and the queries put to it, with everything that trials are made of.

    Attributes:
        documents: document id of each passage.
        dense, lexical: scores of both arms; 0 where no word is shared.
        passage_tokens, query_tokens: unit token vectors of each text.
        centre: what is subtracted from them.
    """

    queries: Sequence[Query]
    documents: Sequence[str]
    dense: Scores
    lexical: Scores
    passage_tokens: Sequence[NDArray[np.float16]]
    query_tokens: Sequence[NDArray[np.float32]]
    centre: NDArray[np.float32]


def make_pool(folder: Path, embedding_texts: Sequence[str], queries: Sequence[Query], embedder: Any) -> Pool:  # noqa: ANN401
    """Collect the scores of all passages of an index for all queries.

    Args:
        folder: the index.
        embedding_texts: what was embedded for each passage, in the order of the keys.
        queries: what is asked; all have relevant documents.
        embedder: a `SentenceTransformerEmbedder`.
    """
    assert isinstance(embedder, SentenceTransformerEmbedder)
    vectors, query_tokens = embedder.embed_with_tokens(
        [query.text for query in queries], embedder.query_prefix, lambda tokens: tokens
    )
    _, passage_tokens = embedder.embed_with_tokens(
        embedding_texts, embedder.passage_prefix, lambda tokens: tokens.astype(np.float16)
    )
    with closing(connect(folder)) as connection:
        rows = connection.execute(
            "SELECT v.passage_key, d.document_id, v.vector FROM vectors AS v JOIN passages USING (passage_key) "
            "JOIN documents AS d USING (document_key) ORDER BY v.passage_key"
        ).fetchall()
        place = {row[0]: number for number, row in enumerate(rows)}
        lexical = np.zeros((len(queries), len(rows)))
        for number, query in enumerate(queries):
            for key, score in lexical_hits(connection, query.text, len(rows)):
                lexical[number, place[key]] = score
    stored = np.stack([np.frombuffer(row[2], FULL_VECTOR) for row in rows])
    centre = token_centre(embedder, embedder.passage_prefix)
    dense = (vectors @ stored.T).astype(np.float64)
    return Pool(queries, [row[1] for row in rows], dense, lexical, passage_tokens, query_tokens, centre)


def trials(pool: Pool) -> dict[str, NDArray[np.float64]]:
    """Score every trial: its name → nDCG@10 of each query."""
    dense, lexical = pool.dense, pool.lexical
    found = np.where(lexical > 0, lexical, -np.inf)
    chosen = _best(dense, _CANDIDATES) | _best(found, _CANDIDATES)
    z_words = _standardised(lexical, chosen)
    tried: dict[str, Scores] = {
        "dense": dense,
        "lexical": found,
        f"reciprocal ranks, equal weights, k {_RRF_K}": _reciprocal(dense) + _reciprocal(found),
    }
    for weight in (0.25, 0.5, 0.75, 1.0):
        summed = _minmax(dense, chosen) + weight * _minmax(lexical, chosen)
        tried[f"min-max: dense + {weight} lexical"] = _in(chosen, summed)
    for weight in (0.25, 0.5, 0.75, 1.0, 1.5):
        tried[f"z: dense + {weight} lexical"] = _in(chosen, _standardised(dense, chosen) + weight * z_words)
    first = _in(chosen, _standardised(dense, chosen) + _FIRST_STAGE * 0.5 * z_words)
    looked = _best(first, _LOOKED_AT)
    for name, (query_form, passage_form) in _forms(pool).items():
        similar = _max_similarities(pool, looked, query_form, passage_form)
        tried[f"z: late interaction {name}, first {_LOOKED_AT}"] = _in(looked, similar)
        weights = (0.25, 0.4, 0.5, 0.6, 0.75, 1.0) if name == "2 bits" else (0.5,)
        for weight in weights:
            summed = _standardised(similar, looked) + weight * _standardised(lexical, looked)
            tried[f"z: late interaction {name} + {weight} lexical"] = _in(looked, summed)
    return {name: _score(pool, scores) for name, scores in tried.items()}


def held_out(scores: Mapping[str, NDArray[np.float64]], language: str) -> dict[str, float]:
    """How much of the gain is fitting: the weight of the lexical score, chosen with and without the queries it is for.

    Args:
        scores: trial → nDCG@10 of each query, all in one language.
        language: that language.

    Returns:
        How the weight was chosen → nDCG@10.
    """
    weights = {name: values for name, values in scores.items() if name.startswith(_IN_USE)}
    count = len(next(iter(weights.values())))
    part = np.random.default_rng(0).permutation(count) % _PARTS
    unseen = np.empty(count)
    for one in range(_PARTS):
        best = max(weights.values(), key=lambda values: values[part != one].mean() if (part != one).any() else 0.0)
        unseen[part == one] = best[part == one]
    found = {"no weight for words": scores[f"z: late interaction 2 bits, first {_LOOKED_AT}"].mean()}
    in_use = f"{_IN_USE}{lexical_weight(language, language)} lexical"
    if in_use in weights:
        found["the weight in use"] = weights[in_use].mean()
    found["the weight that is best on all queries"] = max(values.mean() for values in weights.values())
    found[f"chosen on {_PARTS - 1} of {_PARTS} parts, scored on the other"] = unseen.mean()
    return {name: float(value) for name, value in found.items()}


Form = Callable[[NDArray[np.float32]], NDArray[np.float32]]


def _forms(pool: Pool) -> Mapping[str, tuple[Form, Form]]:
    """Ways to write a token vector: of the query, of the passage."""
    centre = pool.centre
    sample = np.concatenate([tokens[::8] for tokens in pool.passage_tokens]).astype(np.float32)
    _, directions = np.linalg.eigh(np.cov(centred(sample, centre).T))
    main = directions[:, ::-1][:, :128].astype(np.float32)

    def taken(tokens: NDArray[np.float32]) -> NDArray[np.float32]:
        return centred(tokens, centre)

    def projected(tokens: NDArray[np.float32]) -> NDArray[np.float32]:
        return centred(taken(tokens) @ main, np.zeros(main.shape[1], np.float32))

    def two_bits(tokens: NDArray[np.float32]) -> NDArray[np.float32]:
        codes = packed(tokens, centre)
        levels = np.array([-1.510, -0.4528, 0.4528, 1.510], np.float32) / np.float32(np.sqrt(tokens.shape[1]))
        places = (codes[:, :, None] >> np.arange(0, 8, 2, dtype=np.uint8)) & 3
        return np.asarray(levels[places].reshape(tokens.shape), np.float32)

    def one_bit(tokens: NDArray[np.float32]) -> NDArray[np.float32]:
        return np.asarray(np.sign(taken(tokens)) / np.sqrt(tokens.shape[1]), np.float32)

    return {
        "whole, mean kept": (lambda tokens: tokens, lambda tokens: tokens),
        "whole": (taken, taken),
        "128 main directions": (projected, projected),
        "2 bits": (taken, two_bits),
        "1 bit": (taken, one_bit),
    }


def _max_similarities(pool: Pool, looked: NDArray[np.bool_], query_form: Form, passage_form: Form) -> Scores:
    scores = np.full(pool.dense.shape, -np.inf)
    queries = [query_form(tokens) for tokens in pool.query_tokens]
    for passage in np.flatnonzero(looked.any(axis=0)).tolist():
        tokens = passage_form(pool.passage_tokens[passage].astype(np.float32))
        for query in np.flatnonzero(looked[:, passage]).tolist():
            scores[query, passage] = (queries[query] @ tokens.T).max(axis=1).mean()
    return scores


def _best(scores: Scores, count: int) -> NDArray[np.bool_]:
    chosen = np.zeros(scores.shape, dtype=bool)
    places = np.argsort(-scores, axis=1, kind="stable")[:, :count]
    np.put_along_axis(chosen, places, values=True, axis=1)
    return chosen & np.isfinite(scores)


def _in(chosen: NDArray[np.bool_], scores: Scores) -> Scores:
    return np.where(chosen, scores, -np.inf)


def _standardised(scores: Scores, chosen: NDArray[np.bool_]) -> Scores:
    known = np.where(chosen, scores, np.nan)
    spread = np.maximum(np.nanstd(known, axis=1, keepdims=True), 1e-9)
    return np.asarray(np.nan_to_num((known - np.nanmean(known, axis=1, keepdims=True)) / spread))


def _minmax(scores: Scores, chosen: NDArray[np.bool_]) -> Scores:
    known = np.where(chosen, scores, np.nan)
    low, high = np.nanmin(known, axis=1, keepdims=True), np.nanmax(known, axis=1, keepdims=True)
    return np.asarray(np.nan_to_num((known - low) / np.maximum(high - low, 1e-9)))


def _reciprocal(scores: Scores) -> Scores:
    ranks = np.argsort(np.argsort(-scores, axis=1, kind="stable"), axis=1)
    return np.where(np.isfinite(scores) & (ranks < _CANDIDATES), 1 / (_RRF_K + 1 + ranks), 0.0)


def _score(pool: Pool, scores: Scores) -> NDArray[np.float64]:
    run = {}
    for query, row in zip(pool.queries, scores, strict=True):
        order = [place for place in np.argsort(-row, kind="stable")[:80] if np.isfinite(row[place])]
        run[query.id] = list(dict.fromkeys(pool.documents[place] for place in order))[:10]
    measured = measure_run(run, {query.id: query.relevant for query in pool.queries})
    return np.array([measured[query.id]["nDCG@10"] for query in pool.queries])
