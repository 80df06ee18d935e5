import pytest

from eval.canonical import contains, tokens, trigram_recall, trigrams


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("2,000 / 2 000 / 2000", ("2000", "2000", "2000"), id="thousands in three notations"),
        pytest.param("1\u202f528\u00a0GPU", ("1528", "gpu"), id="narrow and no-break spaces"),
        pytest.param("1,93 milliard", ("1.93", "milliard"), id="decimal comma"),
        pytest.param("ＡＢＣＩ３．０", ("abci", "3.0"), id="full-width letters and digits"),
        pytest.param("Déjà l’État", ("deja", "l", "etat"), id="accents and elision"),
        pytest.param("東大・京大", ("東", "大", "京", "大"), id="Japanese, one token a character"),
        pytest.param("サーバー3台", ("サ", "ー", "バ", "ー", "3", "台"), id="long vowels stay"),
        pytest.param("in 2024 500 firms", ("in", "2024", "500", "firm"), id="a year is not a thousands group"),
        pytest.param("...", (), id="punctuation only"),
    ],
)
def test_tokens(text: str, expected: tuple[str, ...]) -> None:
    assert tokens(text) == expected


@pytest.mark.parametrize(
    ("text", "wanted", "found"),
    [
        ("It opened in 2016.", "2016", True),
        ("It has 120163 parts.", "2016", False),
        ("About 130 %", "30 %", False),
        ("It rose by 30 points", "30 %", False),
        ("US$5 billion", "¥5 billion", False),
        ("一つで13割", "3割", False),
        ("約3割です", "3割", True),
        ("The H100 GPUs run", "h100 gpu", True),
        ("models of 37B parameters", "7B", False),
        ("Sharps and flats", "sharp", True),
        ("anything", "", False),
        ("東京大学の量子クラウド", "東京大学", True),
        ("Hiromichi Matsuda", "Matsuda Hiromichi", False),
    ],
)
def test_contains_respects_the_bounds_of_words_and_numbers(text: str, wanted: str, *, found: bool) -> None:
    assert contains(text, wanted) is found


def test_trigram_recall_is_the_share_of_the_reference() -> None:
    # "abcd" has abc, bcd; "xabcy" has xab, abc, bcy: one of two is there
    assert trigrams("abcd") == {"abc", "bcd"}
    assert trigram_recall("xabcy", "abcd") == 1 / 2
    assert trigram_recall("xabcy", "") == 0.0
    assert trigram_recall("ja 東", "東") == 0.0  # shorter than three: only itself counts
    assert trigram_recall("東", "東") == 1.0
