"""Does a question find its answer in another language? All nine pairs, on the shipped documents.

The documents of one language alone are indexed, and the questions of each language are asked: those whose answer, in
some accepted wording, stands in a passage of a relevant document. It is the passage that must be found.
"""

import statistics
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

from eval.canonical import contains
from eval.questions import EvalQuestion
from eval.retrieval import Query
from eval.tables import markdown_table
from index.config import IndexConfig
from index.embedder import Embedder

_LANGUAGES = ("fr", "en", "ja")
_DEPTH = 5
_SPLITS = {
    "dev": "These questions were looked at while the weights were chosen. ",
    "test": "Nothing was chosen by these questions. ",
}


@dataclass(frozen=True, slots=True)
class PairBench:
    """One pair: language of the question, of the documents, how many questions, recall@5 and reciprocal rank@10."""

    pair: str
    questions: int
    recall: float
    reciprocal_rank: float


def bench_pairs(
    questions: Sequence[EvalQuestion], embedder: Embedder, config: IndexConfig
) -> dict[str, dict[str, list[PairBench]]]:
    """Measure every pair with dense search alone, the first stage, and all of it.

    Args:
        questions: those with an answer and without a history count, each in its split.
        embedder: the embedder.
        config: settings of the index.

    Returns:
        Split → system → pairs.
    """
    from index.build import build, default_documents

    splits = sorted({question.split for question in questions})
    found: dict[str, dict[str, list[PairBench]]] = {split: {} for split in splits}
    for language in _LANGUAGES:
        with tempfile.TemporaryDirectory(prefix="bench-pairs-") as name:
            folder = Path(name)
            build([default_documents() / language], folder, embedder, config)
            queries = answering_passages(folder, language, questions)
            for split in splits:
                for asked in _LANGUAGES:
                    chosen = [query for query, of in queries if of == split and query.language == asked]
                    for system, places in _ranks(folder, chosen, embedder, config).items():
                        found[split].setdefault(system, []).append(_measured(f"{asked}→{language}", places))
    return found


def pair_section(split: str, found: Mapping[str, Sequence[PairBench]]) -> list[str]:
    """The heading and table of a page."""
    systems = list(found)
    rows = [
        [
            first.pair,
            str(first.questions),
            *(f"{found[s][n].recall:.2f} ({found[s][n].reciprocal_rank:.2f})" for s in systems),
        ]
        for n, first in enumerate(found[systems[0]])
    ]
    return [
        f"## Across languages{', ' if split else ''}{split}",
        "Questions of one language on the shipped documents of one, recall@5 (mean reciprocal rank@10) of a passage "
        f"that holds the answer. {_SPLITS.get(split, '')}Few questions: differences below .1 are noise.",
        markdown_table(["question → documents", "n", *systems], rows),
    ]


def answering_passages(folder: Path, language: str, questions: Sequence[EvalQuestion]) -> list[tuple[Query, str]]:
    """The questions whose answer stands in a passage of a relevant document of an index, with their split.

    Args:
        folder: an index of the shipped documents of one language.
        language: that language.
        questions: of any language.

    Returns:
        Queries whose relevant ids are those of the passages.
    """
    from index.database import connect
    from index.lookup import passages_of, summaries

    with closing(connect(folder)) as connection:
        passages = [passage for one in summaries(connection) for passage in passages_of(connection, one.document_id)]
    found = []
    for question in questions:
        if question.history or not question.answerable:
            continue
        holding = tuple(
            passage.passage_id
            for passage in passages
            if f"{language}/{passage.document_id}" in question.relevant_document_ids
            and any(contains(passage.text, wording) for wording in question.accepted)
        )
        if holding:
            found.append((Query(question.id, question.question, question.lang, holding), question.split))
    return found


def _ranks(folder: Path, queries: Sequence[Query], embedder: Embedder, config: IndexConfig) -> dict[str, list[int]]:
    """The place of the first answering passage, 0 the best: system → a place for each query."""
    from index.retriever import Retriever

    ranks: dict[str, list[int]] = {"dense alone": [], "first stage": [], "Shoko": []}
    for system, late in (("first stage", False), ("Shoko", True)):
        with Retriever.open(folder, embedder, replace(config, late_interaction=late)) as retriever:
            for query in queries:
                hits = retriever.search(query.text, 50, language=query.language)
                ranks[system].append(_place([hit.passage.passage_id for hit in hits], query.relevant))
                if not late:
                    near = sorted(hits, key=lambda hit: -(hit.dense_score or 0.0))
                    ranks["dense alone"].append(_place([hit.passage.passage_id for hit in near], query.relevant))
    return ranks


def _place(found: Sequence[str], wanted: Sequence[str]) -> int:
    return next((place for place, one in enumerate(found) if one in wanted), len(found))


def _measured(pair: str, places: Sequence[int]) -> PairBench:
    recall = statistics.fmean(place < _DEPTH for place in places) if places else 0.0
    reciprocal = statistics.fmean(1 / (place + 1) if place < 10 else 0.0 for place in places) if places else 0.0
    return PairBench(pair, len(places), recall, reciprocal)
