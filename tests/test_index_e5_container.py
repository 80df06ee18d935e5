import json
import re
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from gguf import GGMLQuantizationType
from gguf.quants import dequantize, quantize
from safetensors.numpy import load_file

from index import e5_container
from index.e5_container import convert, read_container
from index.errors import RunError

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
    return bytes(header + directory + blocks)


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
    ],
)
def test_tokenizer_normalises_as_in_training(toy: Path, text: str, tokens: list[str]) -> None:
    tokenizer = e5_container._tokenizer(read_container(toy))
    assert tokenizer.encode(text).tokens == ["<s>", *tokens, "</s>"]


def test_unknown_character_has_the_id_of_unk(toy: Path) -> None:
    assert e5_container._tokenizer(read_container(toy)).encode("日z").ids == [0, 4, PIECES.index("日"), 3, 2]


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


def test_converted_folder_is_written_once(toy: Path) -> None:
    folder = convert(toy, toy.with_name("folder"))
    assert sorted(path.name for path in toy.parent.iterdir()) == ["folder", "toy-e5.bin"]
    toy.unlink()  # a second conversion would need it
    assert convert(toy, folder) == folder


def test_converted_folder_keeps_weights_and_both_prefixes(toy: Path) -> None:
    folder = convert(toy, toy.with_name("folder"))
    saved, read = load_file(folder / "model.safetensors"), read_container(toy).tensors
    for name, values in read.items():
        np.testing.assert_array_equal(saved[name], values)
    prompts = json.loads((folder / "config_sentence_transformers.json").read_text(encoding="utf-8"))["prompts"]
    assert prompts == {"query": "query: ", "passage": "passage: ", "document": "passage: "}


def test_folder_that_cannot_be_written(toy: Path) -> None:
    with pytest.raises(RunError, match=r"cannot write the converted model to .*toy-e5\.bin"):
        convert(toy, toy / "folder")  # its parent is a file
