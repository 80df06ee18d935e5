"""How long one question takes in a large index: the real retriever over passages that are made up.

Each passage is made of sentences of real ones of its language, so that words are as common as they really are; its
vector is drawn from clusters around real vectors (`eval.vector_bench`), its token vectors are those of a real passage.
Vector, tokens and words of a passage therefore do not belong together: the times are real, the ranking is not.
"""

import json
import re
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from eval.arms_bench import Forgetful
from eval.bench import ratio
from eval.tables import markdown_table
from eval.vector_bench import Vectors, clustered
from index.config import IndexConfig
from index.embedder import Embedder
from index.language import detect_language
from index.late_interaction import TokenEmbedder
from index.sentences import sentence_spans

if TYPE_CHECKING:
    from index.retriever import Retriever

Kept = TypeVar("Kept")

GOAL_MS = 40.0
_SENTENCES = 4  # of a made-up passage
_TOKEN_SAMPLE = 64  # real passages whose token vectors are used
_FETCHED = 12  # passages, as the assistant asks
_SPREAD = 0.8  # the nearest of 10,000 then has a median cosine of .946; of the shipped passages' it is .944
_STOCK_QUERIES = 20
_OURS = "Shoko"
_TITLE = re.compile(r"No\. (\d+)\.")


@dataclass(frozen=True, slots=True)
class Times:
    """Milliseconds of one question: median, 99th percentile, and median of the processor's, all cores together."""

    median_ms: float
    p99_ms: float
    cpu_ms: float


@dataclass(frozen=True, slots=True)
class LatencyBench:
    """What was measured: how many passages and questions, and what → its times."""

    passages: int
    queries: int
    build_s: float
    times: dict[str, Times]


class MadeUpEmbedder(Forgetful):
    """An embedder with vectors for made-up passages, by the number in their title."""

    def __init__(self, real: Embedder, vectors: Vectors) -> None:
        super().__init__(real)
        self._vectors = vectors

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """Their vectors, shape (texts, dimension)."""
        return self._vectors[[_number(text) for text in texts]]


class MadeUpTokenEmbedder(MadeUpEmbedder):
    """The same for an embedder that also hands out token vectors."""

    def __init__(self, real: Embedder, vectors: Vectors, sample: Sequence[str]) -> None:
        super().__init__(real, vectors)
        if not isinstance(real, TokenEmbedder):
            raise TypeError("the embedder hands out no token vectors")
        self._tokens_of = real
        _, self._tokens = real.embed_with_tokens(sample, real.passage_prefix, lambda tokens: tokens)

    def embed_with_tokens(
        self, texts: Sequence[str], prefix: str, keep: Callable[[Vectors], Kept]
    ) -> tuple[Vectors, list[Kept]]:
        """Their vectors, and what is kept of the token vectors of a real passage each."""
        if not all(_TITLE.search(text) for text in texts):
            return self._tokens_of.embed_with_tokens(texts, prefix, keep)
        tokens = [keep(self._tokens[_number(text) % len(self._tokens)]) for text in texts]
        return self.embed_passages(texts), tokens


def bench_latency(
    texts: Sequence[str],
    vectors: Vectors,
    questions: Sequence[tuple[str, str]],
    count: int,
    embedder: Embedder,
    config: IndexConfig,
) -> LatencyBench:
    """Index made-up passages and ask.

    Args:
        texts: real passages, of which the others are made.
        vectors: their unit vectors, (passages, dimension).
        questions: language and text of what is asked; each once.
        count: how many passages.
        embedder: embeds the questions.
        config: settings of the index.
    """
    from eval.llama_index_pipeline import llama_index_over_vectors
    from index.build import build
    from index.retriever import Retriever

    drawn, forgetful = clustered(vectors, count, _SPREAD), Forgetful(embedder)
    late = config.late_interaction and isinstance(embedder, TokenEmbedder)
    config = replace(config, late_interaction=late)
    made_up = MadeUpTokenEmbedder(embedder, drawn, texts[:_TOKEN_SAMPLE]) if late else MadeUpEmbedder(embedder, drawn)
    passages = _made_up_texts(texts, count)
    times: dict[str, Times] = {}
    with tempfile.TemporaryDirectory(prefix="bench-latency-") as name:
        corpus, folder = Path(name, "corpus.jsonl"), Path(name, "index")
        lines = (
            json.dumps({"doc_id": str(number), "title": f"No. {number}.", "text": text}, ensure_ascii=False)
            for number, text in enumerate(passages)
        )
        corpus.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
        began = time.perf_counter()
        indexed = build([corpus], folder, made_up, config).passages
        build_s = time.perf_counter() - began
        times["the question's vector alone"] = _times(lambda _, text: forgetful.embed_queries([text]), questions)
        for label, second in ((f"{_OURS}, first stage only", False), (_OURS, True)):
            if second > late:
                continue
            with Retriever.open(folder, embedder, replace(config, late_interaction=second)) as retriever:
                times[label] = _times(partial(_search, retriever), questions)
    stock = llama_index_over_vectors(passages, drawn, forgetful, _FETCHED)
    times["LlamaIndex VectorStoreIndex"] = _times(lambda _, text: stock(text), questions[:_STOCK_QUERIES])
    return LatencyBench(indexed, len(questions), build_s, times)


def latency_section(found: LatencyBench) -> list[str]:
    """Heading and table for a page."""
    ours = found.times.get(_OURS) or found.times[f"{_OURS}, first stage only"]
    rows = [
        [name, f"{one.median_ms:.1f}", f"{one.p99_ms:.1f}", f"{one.cpu_ms:.1f}", ratio(one.median_ms, ours.median_ms)]
        for name, one in found.times.items()
    ]
    return [
        f"## One question in {found.passages:,} passages",
        f"{found.queries} questions, one after the other, embedding included; goal: a median of {GOAL_MS:.0f} ms at "
        f"10,000 passages, here {ours.median_ms:.1f} ms. The passages are made up: sentences of real passages, vectors "
        "drawn from clusters around real vectors, token vectors of real passages. So the times are real, and what is "
        f"found is not. This index was made in {found.build_s:.0f} s without its encoder. LlamaIndex has the same "
        f"vectors, and was asked {_STOCK_QUERIES} of the questions.",
        markdown_table(["one question", "median ms", "p99 ms", "processor ms", f"times {_OURS}"], rows),
    ]


def _search(retriever: "Retriever", language: str, text: str) -> None:
    retriever.search(text, _FETCHED, language=language)


def _number(text: str) -> int:
    found = _TITLE.search(text)
    if found is None:
        raise ValueError(f"not a made-up passage: {text[:40]}")
    return int(found.group(1))


def _made_up_texts(texts: Sequence[str], count: int) -> list[str]:
    """Passages of sentences of real ones, each in one language, in the proportion of the languages."""
    sentences: dict[str, list[str]] = {}
    for text in texts:
        of_language = sentences.setdefault(detect_language(text), [])
        of_language.extend(text[start:end] for start, end in sentence_spans(text))
    random = Random(0)
    languages = [detect_language(text) for text in texts]
    return [" ".join(random.choices(sentences[random.choice(languages)], k=_SENTENCES)) for _ in range(count)]


def _times(work: Callable[[str, str], object], questions: Sequence[tuple[str, str]]) -> Times:
    work("en", "The first question is slower than the others.")
    taken, worked = [], []
    for language, text in questions:
        began, cpu = time.perf_counter(), time.process_time()
        work(language, text)
        taken.append(1000 * (time.perf_counter() - began))
        worked.append(1000 * (time.process_time() - cpu))
    return Times(statistics.median(taken), float(np.quantile(taken, 0.99)), statistics.median(worked))
