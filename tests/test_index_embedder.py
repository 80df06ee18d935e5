import base64
import json
import os
import re
import struct
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from gguf import GGMLQuantizationType
from gguf.quants import dequantize, quantize

from index import e5_container
from index.config import IndexConfig, read_table
from index.e5_container import convert, read_container
from index.embedder import SentenceTransformerEmbedder, Vectors, load_embedder
from index.errors import RunError, UsageError
from index.model_folder import content_digest, published_prefixes

REFERENCE = json.loads((Path(__file__).parent / "data" / "e5_reference.json").read_text(encoding="utf-8"))["texts"]
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
    assert embedder.token_vectors([], "query: ") == []


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


def test_token_vectors(embedder: SentenceTransformerEmbedder) -> None:
    texts = ["court", "une phrase nettement plus longue que la première"]
    vectors = embedder.token_vectors(texts, embedder.passage_prefix)
    counts = embedder.count_tokens([embedder.passage_prefix + text for text in texts])
    assert [vector.shape for vector in vectors] == [(count + 2, 384) for count in counts]
    for vector in vectors:
        assert np.linalg.norm(vector, axis=1) == pytest.approx(np.ones(len(vector)), abs=1e-5)


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


HIDDEN, FEED_FORWARD, POSITIONS = 32, 64, 16
PIECES = ["<s>", "<pad>", "</s>", "<unk>", "▁", "a", "b", "▁ab", "é", "日", "～"]


def toy_container(**changes: Any) -> bytes:
    """A container with one layer; `changes` replaces magic, version, or drops or shortens a tensor."""
    random = np.random.default_rng(0)
    shapes = e5_container._expected_shapes(toy_shape())
    header = changes.get("magic", b"E5S1") + struct.pack("<I", changes.get("version", 1))
    header += struct.pack("<7ifi", HIDDEN, 1, 2, FEED_FORWARD, len(PIECES) + 3, POSITIONS, 2, 1e-12, 32)
    encoded = [piece.encode() for piece in PIECES]
    offsets = np.cumsum([0, *map(len, encoded)]).astype("<u4").tobytes()
    scores = np.array([0, 0, 0, 0, *range(-1, -len(PIECES) + 3, -1)], dtype="<f4").tobytes()
    tokenizer = struct.pack("<5iQ", len(PIECES), 0, 2, 1, 3, sum(map(len, encoded)))
    table = struct.pack("<iI", 1, 5) + b"12345"
    header += tokenizer + offsets + scores + b"".join(encoded) + table
    names = [name for name in shapes if name != changes.get("without")]
    directory_bytes = 4 + sum(2 + len(name) + 21 for name in names)
    offset, directory, blocks = len(header) + directory_bytes, struct.pack("<i", len(names)), b""
    for name in names:
        values = random.normal(size=shapes[name][1]).astype(np.float32)
        quantised = values.ndim == 2 and name.startswith(("l", "emb.word"))
        data = quantize(values, GGMLQuantizationType.Q4_0).tobytes() if quantised else values.tobytes()
        count = values.size - (name == changes.get("short"))
        directory += struct.pack("<H", len(name)) + name.encode()
        directory += struct.pack("<BIQQ", int(quantised), count, offset + len(blocks), len(data))
        blocks += data
    return header + directory + blocks


def toy_shape() -> dict[str, int]:
    sizes = (HIDDEN, 1, 2, FEED_FORWARD, len(PIECES) + 3, POSITIONS, 2)
    return dict(zip(e5_container._SHAPE_FIELDS, sizes, strict=True))


@pytest.fixture
def toy(tmp_path: Path) -> Path:
    file = tmp_path / "toy-e5.bin"
    file.write_bytes(toy_container())
    return file


def test_container_is_read_as_it_was_written(toy: Path) -> None:
    container = read_container(toy)
    assert container.shape == toy_shape()
    assert [text for text, _ in container.pieces] == PIECES
    assert container.special_ids == {"bos": 0, "eos": 2, "pad": 1, "unk": 3}
    values = np.random.default_rng(0).normal(size=(len(PIECES) + 3, HIDDEN)).astype(np.float32)  # the first tensor
    blocks = quantize(values, GGMLQuantizationType.Q4_0)
    expected = dequantize(blocks, GGMLQuantizationType.Q4_0)
    np.testing.assert_array_equal(container.tensors["embeddings.word_embeddings.weight"], expected)
    assert np.abs(expected - values).max() < 0.5


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        pytest.param("ab", ["▁ab"], id="longest piece wins"),
        pytest.param("ab\n\t ab\u200bab", ["▁ab", "▁ab", "▁ab"], id="white space is one space"),
        pytest.param("a\x07b", ["▁ab"], id="control characters vanish"),
        pytest.param("ａｂ", ["▁ab"], id="full width is folded"),
        pytest.param("～", ["▁", "～"], id="full-width tilde is kept"),
        pytest.param("e\u0301", ["▁", "é"], id="accents are composed"),
        pytest.param("日z", ["▁", "日", "<unk>"], id="unknown"),
    ],
)
def test_tokenizer_normalises_as_in_training(toy: Path, text: str, tokens: list[str]) -> None:
    tokenizer = e5_container._tokenizer(read_container(toy))
    assert tokenizer.encode(text).tokens == ["<s>", *tokens, "</s>"]


BYTES = len(toy_container())


@pytest.mark.parametrize("size", [0, 3, 20, 60, 100, 200, 400, BYTES // 2, BYTES - 1])
def test_truncated_container_is_refused(toy: Path, size: int) -> None:
    toy.write_bytes(toy.read_bytes()[:size])
    with pytest.raises(RunError, match=r"toy-e5\.bin"):
        convert(toy, toy.with_name("folder"))
    assert [path.name for path in toy.parent.iterdir()] == ["toy-e5.bin"]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        pytest.param({"magic": b"GGUF"}, "not an embedding container", id="another format"),
        pytest.param({"version": 2}, "of a version this program reads", id="another version"),
        pytest.param({"without": "l0.ao.w"}, "tensor l0.ao.w is missing", id="missing tensor"),
        pytest.param({"short": "emb.pos"}, "tensor emb.pos does not fit", id="wrong shape"),
        pytest.param({"short": "l0.fi.w"}, "tensor l0.fi.w does not fit", id="wrong shape of blocks"),
    ],
)
def test_inconsistent_container_is_refused(toy: Path, changes: dict[str, Any], message: str) -> None:
    toy.write_bytes(toy_container(**changes))
    with pytest.raises(RunError, match=re.escape(message)):
        read_container(toy)


@pytest.fixture
def toy_config(toy: Path, tmp_path: Path) -> IndexConfig:
    folder = convert(toy, tmp_path / "toy-e5-folder")
    return IndexConfig(embedder=str(folder), cache=str(tmp_path / "cache"), embedder_dtype="float32")


def test_converted_folder_is_written_once(toy: Path, toy_config: IndexConfig) -> None:
    toy.unlink()  # a second conversion would need it
    assert convert(toy, Path(toy_config.embedder)) == Path(toy_config.embedder)


def test_local_folder_as_embedder(toy_config: IndexConfig) -> None:
    embedder = load_embedder(toy_config)
    assert embedder.name == f"toy-e5-folder@content:{content_digest(Path(toy_config.embedder))}"
    assert (embedder.dimension, embedder.max_tokens) == (HIDDEN, POSITIONS)
    assert (embedder.query_prefix, embedder.passage_prefix) == ("query: ", "passage: ")
    assert embedder.embed_passages(["ab ab"]).shape == (1, HIDDEN)
    own = load_embedder(toy_config, query_prefix="", passage_prefix="a ")
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
    with pytest.raises(RunError, match="cannot load the embedding model in .*toy-e5-folder"):
        load_embedder(toy_config)


@pytest.mark.parametrize("name", ["multilingual-e5-smal", "", "a/b/c", "no such folder"])
def test_unknown_embedder_lists_what_can_be_given(tmp_path: Path, name: str) -> None:
    config = IndexConfig(embedder=name, cache=str(tmp_path))
    with pytest.raises(UsageError, match=r"no embedding model .* \(multilingual-e5-small\)"):
        load_embedder(config)


def test_unknown_dtype_lists_the_known_ones() -> None:
    with pytest.raises(UsageError, match="embedder_dtype must be one of auto, bfloat16, float32, not 'int4'"):
        load_embedder(IndexConfig(embedder_dtype="int4"))


def test_hub_model_that_cannot_be_reached_is_one_line(tmp_path: Path) -> None:
    program = (
        "from index.config import IndexConfig; from index.embedder import load_embedder; from index.errors import exit_with\n"
        f"exit_with(lambda: load_embedder(IndexConfig(embedder='owner/model@v1', cache={str(tmp_path)!r})) and 0)"
    )
    found = subprocess.run(
        [sys.executable, "-c", program],
        cwd=Path(__file__).parents[1],
        env=os.environ | {"HF_ENDPOINT": "http://127.0.0.1:9"},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert found.returncode == 1
    assert found.stderr == (
        "error: cannot fetch owner/model: the model hub is not reachable; give a folder that holds the model, "
        "or a name of the catalogue\n"
    )
