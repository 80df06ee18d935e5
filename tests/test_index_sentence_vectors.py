"""Stored sentences: what counts as one, that they equal computed ones, and that they go with their passages."""

from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from index.build import build, remove
from index.config import IndexConfig
from index.database import connect, writing
from index.errors import RunError
from index.retriever import Retriever
from index.sentence_vectors import embed_sentences, missing_count, prepare_sentences, spans_with_words

CONFIG = IndexConfig()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("One. Two.", ["One.", "Two."]),
        ("一つ目の文。二つ目の文。", ["一つ目の文。", "二つ目の文。"]),
        (
            "Trois villes :\n\n- Osaka ;\n- Kobe ;\n- Nara.\n\nLa suite.",
            ["Trois villes :\n\n- Osaka ;\n- Kobe ;\n- Nara.", "La suite."],
        ),
        ("The list.\n\n- Osaka\n- Kobe", ["The list.", "- Osaka", "- Kobe"]),
        ("---\n\nText.", ["Text."]),
        ("Long:\n\n- " + "a" * 690 + "\n- b", ["Long:\n\n- " + "a" * 690, "- b"]),
    ],
    ids=["latin", "japanese", "list under a colon", "list under a full stop", "rule", "list too long"],
)
def test_what_counts_as_a_sentence(text: str, expected: list[str]) -> None:
    assert [text[start:end] for start, end in spans_with_words(text)] == expected


def test_stored_sentences_equal_computed_ones(index_folder: Path, toy_embedder) -> None:
    passages = missing_count(index_folder)
    assert passages > 0
    assert prepare_sentences(index_folder, toy_embedder) == passages
    assert missing_count(index_folder) == 0
    with Retriever.open(index_folder, toy_embedder, CONFIG) as retriever:
        hit = retriever.search("SoftBank", 1)[0].passage
        stored = retriever.sentences([hit.passage_id])[hit.passage_id]
        computed = embed_sentences([hit.text], toy_embedder)[0]
        assert stored.spans.tolist() == computed.spans.tolist()
        np.testing.assert_allclose(stored.vectors, computed.vectors, atol=1e-3)  # kept as 16-bit floats


def test_only_new_passages_are_embedded(collection: Path, index_folder: Path, toy_embedder) -> None:
    prepare_sentences(index_folder, toy_embedder)
    (collection / "new.txt").write_text("A new note. With two sentences.")
    build([collection], index_folder, toy_embedder, CONFIG)
    toy_embedder.embedded.clear()
    assert prepare_sentences(index_folder, toy_embedder) == 1
    assert len(toy_embedder.embedded) == 2


def test_sentences_go_with_their_document(index_folder: Path, toy_embedder) -> None:
    prepare_sentences(index_folder, toy_embedder)
    remove(["notes.txt"], index_folder)
    with closing(connect(index_folder)) as connection:
        keys = "SELECT count(*) FROM sentences_2 WHERE passage_key NOT IN (SELECT passage_key FROM passages)"
        assert connection.execute(keys).fetchone() == (0,)
    assert missing_count(index_folder) == 0


def test_a_rebuild_starts_without_sentences(collection: Path, index_folder: Path, make_embedder) -> None:
    prepare_sentences(index_folder, make_embedder())
    other = make_embedder(name="other", dimension=128)
    build([collection], index_folder, other, CONFIG, rebuild=True)
    assert missing_count(index_folder) > 0
    prepare_sentences(index_folder, other)
    with Retriever.open(index_folder, other, CONFIG) as retriever:
        hit = retriever.search("SoftBank", 1)[0].passage
        assert retriever.sentences([hit.passage_id])[hit.passage_id].vectors.shape[1] == 128


def test_a_second_writer_is_told(index_folder: Path, toy_embedder) -> None:
    with writing(index_folder), pytest.raises(RunError, match="another"):
        prepare_sentences(index_folder, toy_embedder)
