import base64
import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from index import e5_container
from index.config import IndexConfig, read_table
from index.embedder import SentenceTransformerEmbedder, Vectors, load_embedder
from index.errors import RunError, UsageError
from index.model_folder import content_digest, published_prefixes

REFERENCE = json.loads((Path(__file__).parent / "data" / "e5_reference.json").read_text(encoding="utf-8"))["texts"]
HIDDEN, POSITIONS = 32, 16  # of the toy model
LONG_TEXT = "Le programme soutient les centres de calcul. " * 200


@pytest.fixture(scope="session")
def embedder() -> SentenceTransformerEmbedder:
    return load_embedder(read_table(IndexConfig, "index"))


def reference_vectors(kind: str) -> Vectors:
    vectors = [np.frombuffer(base64.b64decode(item[kind]), dtype="<f2").astype(np.float32) for item in REFERENCE]
    return np.stack([vector / np.linalg.norm(vector) for vector in vectors])


def cosines(left: Vectors, right: Vectors) -> Vectors:
    return np.asarray(np.sum(left * right, axis=1), dtype=np.float32)


@pytest.mark.parametrize("kind", ["query", "passage"])
@pytest.mark.parametrize("language", ["fr", "en", "ja"])
def test_vectors_equal_those_of_the_reference_engine(
    embedder: SentenceTransformerEmbedder, language: str, kind: str
) -> None:
    embed = embedder.embed_queries if kind == "query" else embedder.embed_passages
    found = cosines(embed([item["text"] for item in REFERENCE]), reference_vectors(kind))
    of_language = [value for value, item in zip(found, REFERENCE, strict=True) if item["language"] == language]
    assert len(of_language) == 4
    assert min(of_language) >= 0.999


def test_tokens_equal_those_of_the_reference_engine(embedder: SentenceTransformerEmbedder) -> None:
    counts = embedder.count_tokens([embedder.query_prefix + item["text"] for item in REFERENCE])
    assert [count + 2 for count in counts] == [item["tokens"][0] for item in REFERENCE]  # 2: begin and end


def test_identity_and_limits(embedder: SentenceTransformerEmbedder) -> None:
    assert embedder.name == "multilingual-e5-small@sha256:1571fc982750"
    assert (embedder.dimension, embedder.max_tokens) == (384, 512)
    assert (embedder.query_prefix, embedder.passage_prefix) == ("query: ", "passage: ")


def test_prefixes_are_applied(embedder: SentenceTransformerEmbedder) -> None:
    text = ["Combien d'entreprises ont été retenues ?"]
    bare = SentenceTransformerEmbedder(embedder._model, embedder.name, "", "")
    query, passage = embedder.embed_queries(text), embedder.embed_passages(text)
    assert cosines(query, passage)[0] < 0.99
    assert cosines(query, bare.embed_passages(["query: " + text[0]]))[0] == pytest.approx(1, abs=1e-5)
    assert cosines(passage, bare.embed_passages(["passage: " + text[0]]))[0] == pytest.approx(1, abs=1e-5)
    assert cosines(query, bare.embed_passages(text))[0] < 0.99


def test_vectors_are_unit_float32_in_the_order_of_the_texts(embedder: SentenceTransformerEmbedder) -> None:
    texts = [f"passage {number} " + "mot " * (number * 7 % 23) for number in range(20)]
    together = embedder.embed_passages(texts)
    assert together.shape == (20, 384)
    assert together.dtype == np.float32
    assert np.linalg.norm(together, axis=1) == pytest.approx(np.ones(20), abs=1e-5)
    alone = np.concatenate([embedder.embed_passages([text]) for text in texts])
    assert cosines(together, alone).min() > 0.999
    assert (together @ alone.T).argmax(axis=1).tolist() == list(range(20))


def test_no_texts(embedder: SentenceTransformerEmbedder) -> None:
    assert embedder.embed_passages([]).shape == (0, 384)
    assert embedder.count_tokens([]) == []
    vectors, kept = embedder.embed_with_tokens([], "query: ", len)
    assert (vectors.shape, kept) == ((0, 384), [])


@pytest.mark.parametrize("text", ["", " ", "\x00\x01\x02", "\u200b", "𓀀𓀁", "<s></s>"])
def test_odd_texts_have_finite_vectors(embedder: SentenceTransformerEmbedder, text: str) -> None:
    assert np.isfinite(embedder.embed_queries([text])).all()


def test_long_text_is_counted_whole_and_embedded_cut(embedder: SentenceTransformerEmbedder) -> None:
    before = embedder.count_tokens([LONG_TEXT])
    assert before[0] > 1500
    vectors = embedder.embed_passages([LONG_TEXT, LONG_TEXT + "Une autre fin."])
    assert cosines(vectors[:1], vectors[1:])[0] == pytest.approx(1, abs=1e-4)
    assert embedder.count_tokens([LONG_TEXT]) == before  # embedding leaves no truncation behind


def test_threads_do_not_disturb_each_other(embedder: SentenceTransformerEmbedder) -> None:
    texts = [f"question {number} " + "mot " * (number % 5) for number in range(40)]
    expected = embedder.embed_queries(texts)

    def ask(number: int) -> tuple[Vectors, list[int]]:
        return embedder.embed_queries([texts[number]]), embedder.count_tokens([LONG_TEXT])

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(ask, range(40)))
    assert cosines(np.concatenate([vector for vector, _ in answers]), expected).min() > 0.999
    assert {count for _, counts in answers for count in counts} == set(embedder.count_tokens([LONG_TEXT]))


def test_token_vectors_come_with_the_vectors_of_the_texts(embedder: SentenceTransformerEmbedder) -> None:
    texts = ["court", "une phrase nettement plus longue que la première"] * 9  # more than a batch
    vectors, tokens = embedder.embed_with_tokens(texts, embedder.passage_prefix, lambda one: one)
    counts = embedder.count_tokens([embedder.passage_prefix + text for text in texts])
    assert [one.shape for one in tokens] == [(count + 2, 384) for count in counts]
    for one in tokens:
        assert np.linalg.norm(one, axis=1) == pytest.approx(np.ones(len(one)), abs=1e-5)
    assert cosines(vectors, embedder.embed_passages(texts)).min() > 0.9999


@pytest.mark.parametrize(
    ("prompts", "name", "expected"),
    [
        pytest.param({"query": "q: ", "passage": "p: ", "document": ""}, "any", ("q: ", "p: "), id="saved as passage"),
        pytest.param({"query": "q: ", "document": "d: "}, "any", ("q: ", "d: "), id="saved as document"),
        pytest.param({"query": "", "document": ""}, "BAAI/bge-m3", ("", ""), id="needs none"),
        pytest.param({}, "intfloat/multilingual-e5-large", ("query: ", "passage: "), id="e5 without prompts"),
        pytest.param({}, "/models/e5", ("query: ", "passage: "), id="local e5"),
        pytest.param({}, "owner/te5t", ("", ""), id="not e5"),
    ],
)
def test_published_prefixes(prompts: dict[str, str], name: str, expected: tuple[str, str]) -> None:
    assert published_prefixes(prompts, name) == expected


def test_instruct_models_have_an_instruction_for_queries_only() -> None:
    query, passage = published_prefixes({}, "intfloat/multilingual-e5-large-instruct")
    assert query.endswith("\nQuery: ")
    assert passage == ""


@pytest.fixture
def toy_config(tmp_path: Path) -> IndexConfig:
    """A model of one layer with random weights in a local folder."""
    pieces = [("<s>", 0.0), ("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0), ("▁", -1.0), ("a", -2.0), ("b", -3.0)]
    sizes = (HIDDEN, 1, 2, 64, len(pieces), POSITIONS, 2)
    shape = dict(zip(e5_container._SHAPE_FIELDS, sizes, strict=True))
    random = np.random.default_rng(0)
    tensors = {
        name: random.normal(size=dimensions).astype(np.float32)
        for name, dimensions in e5_container._expected_shapes(shape).values()
    }
    ids = {"bos": 0, "pad": 1, "eos": 2, "unk": 3}
    e5_container._write(e5_container.Container(shape, 1e-12, pieces, ids, tensors), tmp_path / "toy-e5-folder")
    return IndexConfig(
        embedder=str(tmp_path / "toy-e5-folder"), cache=str(tmp_path / "cache"), embedder_dtype="float32"
    )


def test_local_folder_as_embedder(toy_config: IndexConfig) -> None:
    embedder = load_embedder(toy_config)
    assert embedder.name == f"toy-e5-folder@content:{content_digest(Path(toy_config.embedder))}"
    assert (embedder.dimension, embedder.max_tokens) == (HIDDEN, POSITIONS)
    assert (embedder.query_prefix, embedder.passage_prefix) == ("query: ", "passage: ")
    assert embedder.embed_passages(["ab ab"]).shape == (1, HIDDEN)
    own = load_embedder(replace(toy_config, query_prefix="", passage_prefix="a "))
    assert (own.query_prefix, own.passage_prefix) == ("", "a ")


def test_content_digest_changes_with_a_weight(toy_config: IndexConfig) -> None:
    before = content_digest(Path(toy_config.embedder))
    weights = Path(toy_config.embedder) / "model.safetensors"
    data = bytearray(weights.read_bytes())
    data[-1] ^= 1
    weights.write_bytes(data)
    assert content_digest(Path(toy_config.embedder)) != before


def test_dtype_is_measured_once_and_remembered(toy_config: IndexConfig) -> None:
    config = replace(toy_config, embedder_dtype="auto")
    first = load_embedder(config)
    file = Path(config.cache) / "dtype.json"
    (record,) = json.loads(file.read_text(encoding="utf-8")).values()
    assert record["dtype"] == first.dtype
    assert record["float32_s"] > 0
    assert record["bfloat16_s"] > 0
    other = "float32" if first.dtype == "bfloat16" else "bfloat16"
    file.write_text(file.read_text(encoding="utf-8").replace(first.dtype, other, 1), encoding="utf-8")
    assert load_embedder(config).dtype == other
    file.write_text("not JSON", encoding="utf-8")
    assert load_embedder(config).dtype in ("bfloat16", "float32")


def test_damaged_folder_names_itself(toy_config: IndexConfig) -> None:
    weights = Path(toy_config.embedder) / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:1000])
    with pytest.raises(RunError, match=r"cannot load the embedding model in .*toy-e5-folder .* damaged"):
        load_embedder(toy_config)


@pytest.mark.parametrize("name", ["multilingual-e5-smal", "", "a/b/c", "no such folder"])
def test_unknown_embedder_lists_what_can_be_given(tmp_path: Path, name: str) -> None:
    config = IndexConfig(embedder=name, cache=str(tmp_path))
    with pytest.raises(UsageError, match=r"no embedding model .* \(multilingual-e5-small\)"):
        load_embedder(config)


def test_unknown_dtype_lists_the_known_ones() -> None:
    with pytest.raises(UsageError, match="embedder_dtype must be one of auto, bfloat16, float32, not 'int4'"):
        load_embedder(IndexConfig(embedder_dtype="int4"))
