"""What passages in another language than the question get back: the arithmetic, and the bias of the default model."""

import json
from importlib.resources import files
from itertools import islice

import numpy as np
import pytest

from index.embedder import Embedder
from index.fusion import fuse, rerank
from index.language_offsets import Returned, offsets_for

LANGUAGES = ("fr", "en", "ja")
_TEXTS = 36  # of each language
_NEAR = 0.012  # the means of so few texts differ by this much


def test_a_foreign_passage_gets_back_what_the_bias_cost() -> None:
    languages = {1: "ja", 2: "en", 3: "ja"}
    cosines = {1: 0.84, 2: 0.82, 3: 0.80}
    assert [hit.passage_key for hit in fuse(cosines, {}, languages, "ja")] == [1, 2, 3]
    returned = {2: Returned(0.03, 0.1)}
    hits = fuse(cosines, {}, languages, "ja", returned)
    assert [hit.passage_key for hit in hits] == [2, 1, 3]
    assert hits[0].dense_score == 0.82  # what is reported stays as it was measured
    reranked = rerank(hits, {1: 0.50, 2: 0.45, 3: 0.30}, languages, "ja", {2: Returned(0.0, 0.1)})
    assert [(hit.passage_key, hit.rerank_score) for hit in reranked] == [(2, 0.45), (1, 0.50), (3, 0.30)]
    assert [hit.passage_key for hit in rerank(hits, {1: 0.50, 2: 0.45, 3: 0.30}, languages, "ja")] == [1, 2, 3]


@pytest.mark.parametrize(
    ("embedder", "language"),
    [("some-other-model@main", "ja"), ("multilingual-e5-small@sha256:1571fc982750", "und")],
    ids=["a model that was not measured", "a language that was not measured"],
)
def test_what_was_not_measured_changes_nothing(embedder: str, language: str) -> None:
    assert not offsets_for(embedder, language)
    assert offsets_for(embedder, language).of("en", translated=False) == Returned()


def test_a_document_that_is_there_in_the_language_of_the_question_gets_back_less() -> None:
    offsets = offsets_for("multilingual-e5-small@sha256:1571fc982750", "ja")
    alone, translated = (offsets.of("en", translated=value) for value in (False, True))
    assert 0 < translated.cosine < alone.cosine < 0.0296
    assert 0 < translated.rerank < alone.rerank < 0.0770
    assert offsets.of("ja", translated=False) == Returned()


def test_the_name_of_the_model_decides_however_it_was_got() -> None:
    assert offsets_for("multilingual-e5-small@sha256:1571fc982750", "ja") == offsets_for(
        "intfloat/multilingual-e5-small@fd1525a9fd15", "ja"
    )


def test_the_bias_of_the_default_model_is_what_the_table_says(real_embedder: Embedder) -> None:
    passages = {language: real_embedder.embed_passages(_paragraphs(language)) for language in LANGUAGES}
    questions = {language: real_embedder.embed_queries(_questions(language)) for language in LANGUAGES}
    mean = {
        (asked, told): float(np.mean(questions[asked] @ passages[told].T)) for asked in LANGUAGES for told in LANGUAGES
    }
    for asked in LANGUAGES:
        table = offsets_for(real_embedder.name, asked).bias
        assert set(table) == set(LANGUAGES) - {asked}
        for told, bias in table.items():
            assert mean[asked, asked] - mean[asked, told] == pytest.approx(bias.cosine, abs=_NEAR)


def _paragraphs(language: str) -> list[str]:
    """Paragraphs of the shipped documents that exist in all three languages, one from each in turn."""
    folder = files("index") / "documents"
    names = set.intersection(*({one.name for one in (folder / each).iterdir()} for each in LANGUAGES))
    found = []
    for name in sorted(names):
        text = (folder / language / name).read_text(encoding="utf-8").split("---\n", 2)[-1]
        found += [part for part in text.split("\n\n") if len(part) > 150 and not part.startswith(("#", "|"))][:3]
    return found[:_TEXTS]


def _questions(language: str) -> list[str]:
    lines = (files("eval") / "data" / "initiative.jsonl").read_text(encoding="utf-8").splitlines()
    asked = (json.loads(line) for line in lines)
    own = (
        one["question"] for one in asked if one["split"] == "dev" and one["lang"] == language and not one.get("history")
    )
    return list(islice(own, _TEXTS))
