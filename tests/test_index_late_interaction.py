"""Late interaction: the codes, the scores against exact arithmetic, and its place in an index."""

import re
import zlib
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import TypeVar

import numpy as np
import pytest
from numpy.typing import NDArray

from index.build import build, remove
from index.config import IndexConfig
from index.database import connect
from index.late_interaction import TokenEmbedder, centred, max_similarities, packed
from index.retriever import Retriever
from index.token_vectors import codes_of, read_centre

Kept = TypeVar("Kept")
Vectors = NDArray[np.float32]
CONFIG = IndexConfig()


def unit(vectors: NDArray[np.floating]) -> Vectors:
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), np.float32)


def random_tokens(seed: int, count: int, dimension: int = 384) -> Vectors:
    return unit(np.random.default_rng(seed).normal(size=(count, dimension)))


@pytest.mark.parametrize(
    ("dimension", "width"), [(384, 96), (8, 2), (4, 1), (7, 2), (1, 1)], ids=["e5", "pair", "byte", "padded", "one"]
)
def test_two_bits_a_number(dimension: int, width: int) -> None:
    tokens = random_tokens(1, 5, dimension)
    codes = packed(tokens, np.zeros(dimension, np.float32))
    assert codes.shape == (5, width)
    assert codes.dtype == np.uint8
    score = max_similarities(tokens[:1], [codes], np.zeros(dimension, np.float32))
    assert score[0] > 0.5  # its own token is among them


def test_four_levels_from_low_to_high() -> None:
    # Unit vectors of length 4 have a standard deviation of one half: the threshold lies at .49.
    tokens = unit(np.array([[-0.9, -0.2, 0.2, 0.9]]))
    assert packed(tokens, np.zeros(4, np.float32))[0, 0] == 0 | 1 << 2 | 2 << 4 | 3 << 6


def test_scores_are_close_to_exact_arithmetic() -> None:
    centre = random_tokens(2, 1)[0] * np.float32(0.5)
    query, passages = random_tokens(3, 12), [random_tokens(seed, 60) for seed in range(10, 16)]
    passages[2][5] = query[0]
    scores = max_similarities(query, [packed(tokens, centre) for tokens in passages], centre)
    exact = [float((centred(query, centre) @ centred(one, centre).T).max(axis=1).mean()) for one in passages]
    assert scores == pytest.approx(exact, abs=0.05)
    assert int(scores.argmax()) == 2


def test_the_centre_is_taken_out() -> None:
    lean = np.zeros(384, np.float32)
    lean[0] = 3.0
    query, other = unit(random_tokens(4, 4) + lean), unit(random_tokens(5, 20) + lean)
    centre = np.asarray(np.concatenate([query, other]).mean(axis=0))
    assert max_similarities(query, [packed(other, centre)], centre)[0] < 0.3
    assert float((query @ other.T).max(axis=1).mean()) > 0.8


class ToyTokenEmbedder:
    """Words are tokens, each with a fixed random vector; a text is the mean of its words."""

    def __init__(self) -> None:
        self.name = "toy tokens"
        self.dimension = 64
        self.max_tokens = 512
        self.query_prefix = self.passage_prefix = ""

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        return unit(np.stack([self._tokens(text).mean(axis=0) for text in texts]))

    embed_passages = embed_queries

    def embed_with_tokens(
        self, texts: Sequence[str], prefix: str, keep: Callable[[Vectors], Kept]
    ) -> tuple[Vectors, list[Kept]]:
        return self.embed_passages([prefix + text for text in texts]), [keep(self._tokens(text)) for text in texts]

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        return [len(re.findall(r"\w+", text)) for text in texts]

    def _tokens(self, text: str) -> Vectors:
        words = re.findall(r"\w+", text.lower()) or [""]
        return unit(np.stack([random_tokens(zlib.crc32(word.encode()), 1, 64)[0] for word in words]))


@pytest.fixture
def documents(tmp_path: Path) -> Path:
    folder = tmp_path / "documents"
    folder.mkdir()
    for number in range(12):
        words = " ".join(f"filler{number}x{at}" for at in range(30))
        (folder / f"{number}.txt").write_text(f"About {words} and the lighthouse.\n", encoding="utf-8")
    return folder


def test_hits_are_ranked_by_tokens_and_say_so(documents: Path, tmp_path: Path) -> None:
    embedder = ToyTokenEmbedder()
    assert isinstance(embedder, TokenEmbedder)
    build([documents], tmp_path / "index", embedder, CONFIG)
    with Retriever.open(tmp_path / "index", embedder, CONFIG) as retriever:
        hits = retriever.search("filler7x3 filler7x9", 12, language="en")
        batch = retriever.search_many(["", "filler7x3 filler7x9"], 12, language="en")
    assert hits[0].passage.document_id == "7.txt"
    assert all(hit.rerank_score is not None for hit in hits)
    assert max(hits, key=lambda hit: hit.rerank_score or -1) == hits[0]
    assert [hit.retrieval_score for hit in hits] == sorted((hit.retrieval_score for hit in hits), reverse=True)
    assert batch == [[], hits]


def test_codes_go_with_their_document_and_the_centre_stays(documents: Path, tmp_path: Path) -> None:
    embedder, index = ToyTokenEmbedder(), tmp_path / "index"
    build([documents], index, embedder, CONFIG)
    with closing(connect(index)) as connection:
        centre = read_centre(connection)
        keys = [row[0] for row in connection.execute("SELECT passage_key FROM passages")]
        assert sorted(codes_of(connection, keys, 64)) == keys
    remove(["3.txt"], index)
    (documents / "3.txt").unlink()
    (documents / "new.txt").write_text("Something new by the lighthouse.\n", encoding="utf-8")
    build([documents], index, embedder, CONFIG)
    with closing(connect(index)) as connection:
        [[codes]] = connection.execute("SELECT COUNT(*) FROM token_vectors")
        [[passages]] = connection.execute("SELECT COUNT(*) FROM passages")
        assert codes == passages == len(keys)
        assert np.array_equal(read_centre(connection), centre)  # type: ignore[arg-type]


def test_without_late_interaction_nothing_is_stored_and_search_works(documents: Path, tmp_path: Path) -> None:
    embedder, off = ToyTokenEmbedder(), IndexConfig(late_interaction=False)
    build([documents], tmp_path / "index", embedder, off)
    with closing(connect(tmp_path / "index")) as connection:
        assert read_centre(connection) is None
    for config in (off, CONFIG):
        with Retriever.open(tmp_path / "index", embedder, config) as retriever:
            hits = retriever.search("filler7x3 filler7x9", 5, language="en")
        assert hits[0].passage.document_id == "7.txt"
        assert hits[0].rerank_score is None


def test_passages_without_codes_are_ranked_without_them(documents: Path, tmp_path: Path) -> None:
    embedder = ToyTokenEmbedder()
    build([documents], tmp_path / "index", embedder, CONFIG)
    (documents / "new.txt").write_text("A later note on filler7x3 by the lighthouse.\n", encoding="utf-8")
    build([documents], tmp_path / "index", embedder, IndexConfig(late_interaction=False))
    with Retriever.open(tmp_path / "index", embedder, CONFIG) as retriever:
        hits = retriever.search("filler7x3 filler7x9", 12, language="en")
    assert {hit.passage.document_id for hit in hits} >= {"7.txt", "new.txt"}
    assert all(hit.rerank_score is None for hit in hits)
