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
from eval.tables import markdown_table
from index.config import IndexConfig
from index.embedder import Embedder

_LANGUAGES = ("fr", "en", "ja")
_DEPTH = 5


@dataclass(frozen=True, slots=True)
class PairBench:
    """One pair: language of the question, of the documents, how many questions, recall@5 and reciprocal rank@10."""

    pair: str
    questions: int
    recall: float
    reciprocal_rank: float


def bench_pairs(
    questions: Sequence[EvalQuestion], embedder: Embedder, config: IndexConfig
) -> dict[str, list[PairBench]]:
    """Measure every pair with dense search alone, the first stage, and all of it: system → pairs."""
    from index.build import build, default_documents

    found: dict[str, list[PairBench]] = {"dense alone": [], "first stage": [], "Shoko": []}
    for language in _LANGUAGES:
        with tempfile.TemporaryDirectory(prefix="bench-pairs-") as name:
            folder = Path(name)
            build([default_documents() / language], folder, embedder, config)
            answers = _answering_passages(folder, language, questions)
            for asked in _LANGUAGES:
                chosen = [question for question in questions if question.lang == asked and answers[question.id]]
                ranks = _ranks(folder, chosen, answers, embedder, config)
                for system, places in ranks.items():
                    found[system].append(_measured(f"{asked}→{language}", places))
    return found


def pair_section(found: Mapping[str, Sequence[PairBench]]) -> list[str]:
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
        "## Across languages",
        "Questions of one language on the shipped documents of one, recall@5 (mean reciprocal rank@10) of a passage "
        "that holds the answer. Few questions: differences below .1 are noise.",
        markdown_table(["question → documents", "n", *systems], rows),
    ]


def _answering_passages(folder: Path, language: str, questions: Sequence[EvalQuestion]) -> dict[str, set[str]]:
    from index.database import connect
    from index.lookup import passages_of, summaries

    with closing(connect(folder)) as connection:
        passages = [passage for one in summaries(connection) for passage in passages_of(connection, one.document_id)]
    return {
        question.id: {
            passage.passage_id
            for passage in passages
            if f"{language}/{passage.document_id}" in question.relevant_document_ids
            and any(
                contains(passage.text, wording) for wording in (question.answer, *question.answer_aliases) if wording
            )
        }
        if question.answerable and not question.history
        else set()
        for question in questions
    }


def _ranks(
    folder: Path,
    questions: Sequence[EvalQuestion],
    answers: Mapping[str, set[str]],
    embedder: Embedder,
    config: IndexConfig,
) -> dict[str, list[int]]:
    """The place of the first answering passage, 0 the best: system → a place for each question."""
    from index.retriever import Retriever

    ranks: dict[str, list[int]] = {"dense alone": [], "first stage": [], "Shoko": []}
    for system, late in (("first stage", False), ("Shoko", True)):
        with Retriever.open(folder, embedder, replace(config, late_interaction=late)) as retriever:
            for question in questions:
                hits = retriever.search(question.question, 50, language=question.lang)
                ranks[system].append(_place([hit.passage.passage_id for hit in hits], answers[question.id]))
                if not late:
                    near = sorted(hits, key=lambda hit: -(hit.dense_score or 0.0))
                    ranks["dense alone"].append(_place([hit.passage.passage_id for hit in near], answers[question.id]))
    return ranks


def _place(found: Sequence[str], wanted: set[str]) -> int:
    return next((place for place, one in enumerate(found) if one in wanted), len(found))


def _measured(pair: str, places: Sequence[int]) -> PairBench:
    recall = statistics.fmean(place < _DEPTH for place in places) if places else 0.0
    reciprocal = statistics.fmean(1 / (place + 1) if place < 10 else 0.0 for place in places) if places else 0.0
    return PairBench(pair, len(places), recall, reciprocal)
