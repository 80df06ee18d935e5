"""Reads the one-file container of multilingual-e5-small and rewrites it as a sentence-transformers folder.

The container holds a BERT encoder in 4-bit blocks together with its unigram tokenizer. All numbers are little-endian:

    magic "E5S1", u32 version
    i32 hidden, layers, heads, feed-forward, vocabulary, positions, token types; f32 layer-norm epsilon; i32 block size
    i32 pieces, ids of bos, eos, pad, unk; u64 blob bytes; u32 offset[pieces + 1]; f32 score[pieces]; the UTF-8 blob
    i32 entries, u32 bytes and a table of character normalisation (not read: see `_tokenizer`)
    i32 tensors; each: u16 name length, name, u8 type, u32 count, u64 offset from the start of the file, u64 bytes

Type 0 is float32, type 1 is the Q4_0 block of GGUF. The converted folder loads on any device and in any precision.
"""

import json
import math
import os
import shutil
import struct
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.errors import RunError

QUERY_PREFIX = "query: "
PASSAGE_PREFIX = "passage: "

_MAGIC = b"E5S1"
_SHAPE_FIELDS = ("hidden", "layers", "heads", "feed_forward", "vocabulary", "positions", "token_types")
_ITEM_BYTES = {0: (1, 4), 1: (32, 18)}  # type → weights in a block, bytes of a block
_PARTS = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "aln": "attention.output.LayerNorm",
    "fi": "intermediate.dense",
    "fo": "output.dense",
    "oln": "output.LayerNorm",
}


@dataclass(frozen=True, slots=True)
class Container:
    """What the container holds.

    Attributes:
        shape: hidden, layers, heads, feed_forward, vocabulary, positions, token_types.
        epsilon: of the layer norms.
        pieces: (text, log probability) of every piece of the tokenizer; the position is the token id.
        special_ids: ids of bos, eos, pad and unk.
        tensors: name in a BertModel → float32 array of the shape that BertModel expects.
    """

    shape: dict[str, int]
    epsilon: float
    pieces: list[tuple[str, float]]
    special_ids: dict[str, int]
    tensors: dict[str, NDArray[np.float32]]


class _Cursor:
    """Reads packed values one after the other and refuses to read past the end."""

    def __init__(self, data: memoryview, name: str) -> None:
        self._data = data
        self._name = name
        self._position = 0

    def take(self, size: int) -> memoryview:
        if size < 0 or self._position + size > len(self._data):
            raise RunError(f"{self._name} is truncated or damaged; delete it and fetch it again")
        self._position += size
        return self._data[self._position - size : self._position]

    def unpack(self, layout: str) -> tuple[Any, ...]:
        return struct.unpack("<" + layout, self.take(struct.calcsize("<" + layout)))

    def array(self, dtype: str, count: int) -> NDArray[Any]:
        return np.frombuffer(self.take(count * np.dtype(dtype).itemsize), dtype=dtype)


def read_container(file: Path) -> Container:
    """Read and dequantise a container.

    Raises:
        RunError: the file is not such a container, is of an unknown version, is truncated or inconsistent.
    """
    data = memoryview(file.read_bytes())
    cursor = _Cursor(data, file.name)
    magic, version = cursor.unpack("4sI")
    if magic != _MAGIC or version != 1:
        raise RunError(f"{file.name} is not an embedding container of a version this program reads")
    shape = dict(zip(_SHAPE_FIELDS, cursor.unpack("7i"), strict=True))
    epsilon, block = cursor.unpack("fi")
    if min(shape.values()) < 1 or block != 32 or shape["hidden"] % 32 or shape["hidden"] % shape["heads"]:
        raise RunError(f"{file.name} is truncated or damaged; delete it and fetch it again")
    piece_count, bos, eos, pad, unk, blob_bytes = cursor.unpack("5iQ")
    offsets = cursor.array("<u4", piece_count + 1).tolist()
    scores = cursor.array("<f4", piece_count).tolist()
    blob = bytes(cursor.take(blob_bytes))
    try:
        texts = [blob[start:end].decode() for start, end in pairwise(offsets)]
    except UnicodeDecodeError as error:
        raise RunError(f"{file.name} is truncated or damaged; delete it and fetch it again") from error
    _, table_bytes = cursor.unpack("iI")
    cursor.take(table_bytes)
    return Container(
        shape=shape,
        epsilon=epsilon,
        pieces=list(zip(texts, scores, strict=True)),
        special_ids={"bos": bos, "eos": eos, "pad": pad, "unk": unk},
        tensors=_read_tensors(cursor, data, shape, file.name),
    )


def _read_tensors(
    cursor: _Cursor, data: memoryview, shape: dict[str, int], file: str
) -> dict[str, NDArray[np.float32]]:
    expected = _expected_shapes(shape)
    tensors = {}
    (count,) = cursor.unpack("i")
    for _ in range(count):
        (name_bytes,) = cursor.unpack("H")
        name = bytes(cursor.take(name_bytes)).decode("ascii", errors="replace")
        kind, items, offset, size = cursor.unpack("BIQQ")
        target, dimensions = expected.pop(name, ("", ()))
        if not target:
            continue  # a tensor this model does not use
        weights, block_bytes = _ITEM_BYTES.get(kind, (1, -1))
        if items != math.prod(dimensions) or size != items // weights * block_bytes or offset + size > len(data):
            raise RunError(f"{file}: tensor {name} does not fit the model; delete the file and fetch it again")
        tensors[target] = _dequantised(data[offset : offset + size], kind).reshape(dimensions)
    if expected:
        raise RunError(f"{file}: tensor {sorted(expected)[0]} is missing; delete the file and fetch it again")
    return tensors


def _dequantised(data: memoryview, kind: int) -> NDArray[np.float32]:
    if kind == 0:
        return np.frombuffer(data, dtype="<f4").astype(np.float32)
    from gguf import GGMLQuantizationType
    from gguf.quants import dequantize

    # Long rows: the package works through 16 rows at a time in Python, and a row may hold any number of blocks.
    blocks = np.frombuffer(data, dtype=np.uint8)
    step = 32768 * _ITEM_BYTES[1][1]
    rows = [blocks[start : start + step].reshape(1, -1) for start in range(0, len(blocks), step)]
    return np.concatenate([dequantize(row, GGMLQuantizationType.Q4_0).ravel() for row in rows], dtype=np.float32)


def _expected_shapes(shape: dict[str, int]) -> dict[str, tuple[str, tuple[int, ...]]]:
    """Name in the container → name in a BertModel and shape of the array."""
    hidden, feed_forward = shape["hidden"], shape["feed_forward"]
    expected: dict[str, tuple[str, tuple[int, ...]]] = {
        "emb.word": ("embeddings.word_embeddings.weight", (shape["vocabulary"], hidden)),
        "emb.pos": ("embeddings.position_embeddings.weight", (shape["positions"], hidden)),
        "emb.type": ("embeddings.token_type_embeddings.weight", (shape["token_types"], hidden)),
        "emb.ln.w": ("embeddings.LayerNorm.weight", (hidden,)),
        "emb.ln.b": ("embeddings.LayerNorm.bias", (hidden,)),
    }
    sizes = {"fi": (feed_forward, hidden), "fo": (hidden, feed_forward), "aln": (hidden,), "oln": (hidden,)}
    for layer in range(shape["layers"]):
        for part, module in _PARTS.items():
            weight = sizes.get(part, (hidden, hidden))
            expected[f"l{layer}.{part}.w"] = (f"encoder.layer.{layer}.{module}.weight", weight)
            expected[f"l{layer}.{part}.b"] = (f"encoder.layer.{layer}.{module}.bias", weight[:1])
    return expected


def convert(file: Path, folder: Path) -> Path:
    """Rewrite a container as a sentence-transformers folder, once.

    Args:
        file: the container.
        folder: where to write; when it exists it is complete and nothing is done.

    Returns:
        The folder.

    Raises:
        RunError: the container is damaged, or the folder cannot be written.
    """
    if folder.is_dir():
        return folder
    container = read_container(file)
    temporary = folder.with_name(f".{folder.name}.{os.getpid()}")
    try:
        _write(container, temporary)
        temporary.rename(folder)
    except OSError as error:
        if folder.is_dir():  # another process finished first
            return folder
        raise RunError(f"cannot write the converted model to {folder}: {error.strerror or error}") from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    return folder


def _write(container: Container, folder: Path) -> None:
    from safetensors.numpy import save_file

    (folder / "1_Pooling").mkdir(parents=True)
    hidden = container.shape["hidden"]
    # Mean pooling never uses BERT's pooler; zeros keep loaders from reporting (and inventing) missing weights.
    pooler = {
        "pooler.dense.weight": np.zeros((hidden, hidden), np.float32),
        "pooler.dense.bias": np.zeros(hidden, np.float32),
    }
    save_file(container.tensors | pooler, folder / "model.safetensors", metadata={"format": "pt"})
    _tokenizer(container).save(str(folder / "tokenizer.json"), pretty=False)
    for name, content in _settings(container).items():
        (folder / name).write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def _settings(container: Container) -> dict[str, object]:
    shape, ids = container.shape, container.special_ids
    names = {role: container.pieces[token_id][0] for role, token_id in ids.items()}
    transformers = "sentence_transformers.models"
    return {
        "config.json": {
            "architectures": ["BertModel"],
            "model_type": "bert",
            "hidden_act": "gelu",
            "hidden_size": shape["hidden"],
            "num_hidden_layers": shape["layers"],
            "num_attention_heads": shape["heads"],
            "intermediate_size": shape["feed_forward"],
            "vocab_size": shape["vocabulary"],
            "max_position_embeddings": shape["positions"],
            "type_vocab_size": shape["token_types"],
            "layer_norm_eps": container.epsilon,
            "pad_token_id": ids["pad"],
            "dtype": "float32",
        },
        "tokenizer_config.json": {
            "tokenizer_class": "PreTrainedTokenizerFast",
            "model_max_length": shape["positions"],
            "bos_token": names["bos"],
            "cls_token": names["bos"],
            "eos_token": names["eos"],
            "sep_token": names["eos"],
            "pad_token": names["pad"],
            "unk_token": names["unk"],
            "clean_up_tokenization_spaces": False,
        },
        "modules.json": [
            {"idx": 0, "name": "0", "path": "", "type": f"{transformers}.Transformer"},
            {"idx": 1, "name": "1", "path": "1_Pooling", "type": f"{transformers}.Pooling"},
        ],
        "sentence_bert_config.json": {"max_seq_length": shape["positions"], "do_lower_case": False},
        "1_Pooling/config.json": {"word_embedding_dimension": shape["hidden"], "pooling_mode_mean_tokens": True},
        # "document" is looked up before "passage" by the library, so both must be there.
        "config_sentence_transformers.json": {
            "prompts": {"query": QUERY_PREFIX, "passage": PASSAGE_PREFIX, "document": PASSAGE_PREFIX},
            "default_prompt_name": None,
            "similarity_fn_name": "cosine",
        },
    }


def _tokenizer(container: Container) -> Any:  # noqa: ANN401  (tokenizers.Tokenizer: the library has no usable types)
    """The unigram tokenizer, with the normalisation that the model was trained with.

    That is NFKC with three exceptions: control characters vanish, all kinds of white space and zero-width characters
    become one space, and the full-width tilde (ranges in Japanese) keeps its width.
    """
    from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors

    ids = container.special_ids
    bos, eos = container.pieces[ids["bos"]][0], container.pieces[ids["eos"]][0]
    tokenizer = Tokenizer(models.Unigram(container.pieces, unk_id=ids["unk"], byte_fallback=False))
    tilde, stand_in = "\uff5e", "\ue000"
    tokenizer.normalizer = normalizers.Sequence(
        [
            normalizers.Replace(Regex("[\x01-\x08\x0b\x0e-\x1f\x7f\x8f\x9f]"), ""),
            normalizers.Replace(Regex("[\t\n\f\r\u1680\u200b-\u200f\u2028\u2029\u2581\ufeff\ufffd]"), " "),
            normalizers.Replace(tilde, stand_in),
            normalizers.NFKC(),
            normalizers.Replace(stand_in, tilde),
            normalizers.Replace(Regex(" {2,}"), " "),
        ]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(replacement="\u2581", prepend_scheme="always", split=True)
    tokenizer.decoder = decoders.Metaspace(replacement="\u2581", prepend_scheme="always", split=True)
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{bos} $A {eos}",
        pair=f"{bos} $A {eos} {eos} $B {eos}",
        special_tokens=[(bos, ids["bos"]), (eos, ids["eos"])],
    )
    tokenizer.add_special_tokens([AddedToken(container.pieces[i][0], special=True) for i in sorted(ids.values())])
    return tokenizer
