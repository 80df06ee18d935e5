"""Katakana and Latin spellings of one word meet; short and common sounds find nothing."""

import pytest

from index.sounds import katakana_words, latin_words, sound_of_katakana, sounds_of_latin, words_by_sound


@pytest.mark.parametrize(
    ("katakana", "latin"),
    [
        ("シングテル", "singtel"),
        ("シンガポール", "singapore"),
        ("スケールウェイ", "scaleway"),
        ("ソフトバンク", "softbank"),
        ("デンマーク", "denmark"),
        ("ルティリア", "rutilea"),
        ("エヌビディア", "nvidia"),
        ("ジェンスン", "jensen"),
        ("ノルディスク", "nordisk"),
        ("サーバーセンター", "servercenter"),
        ("バンクーバー", "vancouver"),
        ("フィラデルフィア", "philadelphia"),
    ],
)
def test_a_word_sounds_like_its_other_spelling(katakana: str, latin: str) -> None:
    assert sound_of_katakana(katakana) in sounds_of_latin(latin)


@pytest.mark.parametrize(("katakana", "latin"), [("シングテル", "singapore"), ("デンマーク", "finland")])
def test_other_words_sound_otherwise(katakana: str, latin: str) -> None:
    assert sound_of_katakana(katakana) not in sounds_of_latin(latin)


def test_the_words_of_an_index_are_found_by_sound() -> None:
    by_sound = words_by_sound(["singtel", "data", "dot", "2025", "経産", "cloud"])
    assert latin_words(katakana_words("シングテルとデータのクラウド"), by_sound) == ["singtel", "cloud"]
    assert latin_words(["データ"], by_sound) == []
    assert katakana_words("経済産業省") == []


def test_a_sound_of_many_words_finds_none() -> None:
    by_sound = words_by_sound(["tarnatat", "ternetet", "tirnitit", "tornotot", "turnutut"])
    assert latin_words(["タルナテト"], by_sound) == []
