"""Encodings of text files, and binary files that call themselves text."""

import random

import pytest

from index.encoding import NotTextError, decode

FRENCH = "L’État prévoit 114,6 milliards de yens, « déjà » annoncés à l’été.\n"
JAPANESE = "経済産業省はソフトバンクに最大421億円を助成する。「計画」である。\n"


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (FRENCH, "utf-8"),
        (FRENCH, "utf-8-sig"),
        (FRENCH, "utf-16"),
        (FRENCH, "utf-16-le"),
        (FRENCH, "utf-32"),
        (FRENCH, "cp1252"),
        ("Où est l’usine ?", "cp1252"),
        (JAPANESE, "utf-8"),
        (JAPANESE, "utf-16"),
        (JAPANESE, "utf-16-be"),
        (JAPANESE, "utf-16-le"),
        (JAPANESE, "cp932"),
        (JAPANESE, "euc_jp"),
        (JAPANESE, "iso2022_jp"),
        ("平成三十年度予算", "cp932"),
        ("国会", "euc_jp"),
        ("Plain ASCII.", "ascii"),
        ("Plain ASCII.", "utf-16-be"),
        ("", "utf-8"),
    ],
)
def test_text_comes_back(text: str, encoding: str) -> None:
    assert decode(text.encode(encoding)) == text


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"%PDF-1.7\n1 0 obj", "a PDF file"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "a PNG image"),
        (b"PK\x03\x04rest", "ZIP"),
        (b"\x00\x01\x02\x03" * 100, "binary"),
        (bytes(range(256)) * 4, "binary"),
        (b"abc\x01\x02\x03\x04", "control"),
        (b"\xff\xfea", "byte-order mark"),
    ],
)
def test_what_is_not_text_is_refused_with_a_reason(content: bytes, reason: str) -> None:
    with pytest.raises(NotTextError, match=reason):
        decode(content)


def test_random_bytes_are_never_text() -> None:
    generator = random.Random(7)
    for _ in range(100):
        with pytest.raises(NotTextError):
            decode(generator.randbytes(generator.randrange(64, 3000)))
