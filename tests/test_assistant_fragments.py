"""A bare figure or name is no sentence."""

import pytest

from assistant.fragments import is_bare_name, is_fragment


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("en", "About 92 metres", True),
        ("en", "The dam is 92 metres tall.", False),
        ("fr", "Le barrage mesure 92 mètres.", False),
        ("ja", "92メートル", True),
        ("ja", "ダムの高さは92メートルです。", False),
    ],
)
def test_fragments(language: str, text: str, expected: bool) -> None:
    assert is_fragment(text, language) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [("Étienne Roussillon", True), ("SAKURA internet", False), ("The state pays for it", False), ("NVIDIA", True)],
)
def test_bare_names(text: str, expected: bool) -> None:
    assert is_bare_name(text) is expected
