"""A name in katakana or Latin letters that a passage has in another place than the quoted sentence."""

import pytest

from assistant.spellings import elsewhere_only

PASSAGE = "Bosch and Infineon hold 10% each. The state pays 5 billion of the total."
JAPANESE = "ボッシュとインフィニオンが10%ずつを持つ。総額のうち国が50億を払う。"


@pytest.mark.parametrize(
    ("claim", "near", "passage", "expected"),
    [
        ("ボッシュは50億を払う。", "The state pays 5 billion of the total.", PASSAGE, "ボッシュ"),
        ("ボッシュは10%を持つ。", "Bosch and Infineon hold 10% each.", PASSAGE, ""),
        ("ウルフスピードは50億を払う。", "The state pays 5 billion of the total.", PASSAGE, ""),
        ("国は50億を払う。", "The state pays 5 billion of the total.", PASSAGE, ""),
        ("Infineon pays 5 billion.", "総額のうち国が50億を払う。", JAPANESE, "Infineon"),
        ("Infineon holds 10%.", "ボッシュとインフィニオンが10%ずつを持つ。", JAPANESE, ""),
    ],
)
def test_names_that_only_stand_elsewhere(claim: str, near: str, passage: str, expected: str) -> None:
    assert elsewhere_only(claim, near, passage) == expected
