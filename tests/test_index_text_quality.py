"""Damaged text is told from good text, in three languages and in tables."""
# ruff: noqa: E501  (samples are easier to read on one line)

import pytest

from index.build import default_documents
from index.text_quality import glued_numbers, glued_words, is_glued, mojibake, page_fault

ENGLISH = (
    "The ministry announced billions for computing infrastructure and supports many companies of the country. " * 2
)
FRENCH = "Le ministère a annoncé une enveloppe de 42,1 milliards de yens, élevée à côté de celle de l'été passé. "
JAPANESE = "経済産業省は、国内の計算基盤の整備を支援するため、最大421億円を措置した。ソフトバンクは北海道に建設する。"


@pytest.mark.parametrize(
    "path", sorted(default_documents().rglob("*.md")), ids=lambda path: f"{path.parent.name}/{path.name}"
)
def test_the_packaged_documents_are_fit(path) -> None:
    assert page_fault(path.read_text(encoding="utf-8")) == ""


GOOD = {
    "english": ENGLISH,
    "french": FRENCH * 3,
    "japanese": JAPANESE * 3,
    "numbers": "Year 2022 2023 2024 2025\nAid 1,234,567 12,345.67 42.1 50.1% 3.5%\nDate 2024.5.10 10.05.2024 20240510\nTel 03-3501-1511",
    "references": "See https://www.example.org/averyveryverylongpathwithoutanyspaces/2024202320222021/index.html and a@b.org. "
    * 3,
    "german": "Das Bundeswirtschaftsministerium unterstützt die Betreibergesellschaft mit Geld. " * 4,
    "acronyms": "METI NEDO MEXT MIC JETRO GPU CPU TSMC HPC NTT KDDI " * 6,
    "dashes": "A plan – such as this – is “good” – said X’s head… " * 8,
    "versions": "Versions 1.2.3, 10.0.1 and 192.168.100.1; chapters 3.2.1, 3.2.2 and 3.2.3.",
    "latin in japanese": JAPANESE + "ExtraordinaryPopularDelusionsandtheMadnessofCrowds",
    "half-width kana": "ｿﾌﾄﾊﾞﾝｸｶﾌﾞｼｷｶﾞｲｼｬﾊﾎｯｶｲﾄﾞｳﾆｹﾝｾﾂｽﾙ",
    "short": "Ã©",
}


@pytest.mark.parametrize("text", GOOD.values(), ids=GOOD.keys())
def test_good_text_has_no_fault(text: str) -> None:
    assert page_fault(text) == ""


def _shifted(text: str) -> str:
    return "".join(chr(ord(letter) - 29) if letter.islower() else letter for letter in text)


BAD = {
    "utf-8 as windows-1252": (FRENCH.encode().decode("cp1252", "replace"), "wrong encoding"),
    "utf-8 as latin-1": (JAPANESE.encode().decode("latin-1"), "mojibake"),
    "shift-jis as windows-1252": (JAPANESE.encode("cp932").decode("cp1252", "replace"), "mojibake"),
    "euc-jp as shift-jis": (JAPANESE.encode("euc_jp").decode("cp932", "replace"), "mojibake"),
    "private characters": ("\ue001\ue002\ue003 word " * 10, "no meaning"),
    "shifted letters": (_shifted(ENGLISH.lower()), "form no words"),
    "no spaces": ("".join(ENGLISH.split()), "without spaces"),
    "some spaces": (ENGLISH + "".join(ENGLISH.split())[:60], "without spaces"),
    "spaces everywhere": (" ".join("".join(ENGLISH.split())), "between the letters"),
    "digits in words": ("Softbank421sakura " * 8, "words and numbers run together"),
    "numbers": ("SoftBank 1,5002,300 Sakura 42.1108.5 KDDI 20232024 and 12", "numbers run together"),
}


@pytest.mark.parametrize(("text", "reason"), BAD.values(), ids=BAD.keys())
def test_damaged_text_is_named(text: str, reason: str) -> None:
    assert reason in page_fault(text)


@pytest.mark.parametrize(
    "number",
    [
        "42.1108.5",
        "1,5002,300",
        "20232024",
        "202220232024",
        "12.5%13.2%",
        "500¥600",
        "3.121.5",
        "1,234.51,567.8",
        "1" * 18,
    ],
)
def test_numbers_that_must_be_several(number: str) -> None:
    assert is_glued(number)


@pytest.mark.parametrize(
    "number",
    ["20240510", "1,234,567", "1.234.567", "192.168.100.1", "3.2.1", "10.05.2024", "2024.5.10", "03.3501.1511", "1,2,3",
     "2022,2023,2024", "42,1", "1,2345", "6010001030403", "12,345.67", "50%", "2024.", "978-4"],
)  # fmt: skip
def test_numbers_that_are_one_or_a_list(number: str) -> None:
    assert not is_glued(number)


def test_one_glued_number_does_not_condemn_a_page() -> None:
    assert glued_numbers(f"1,5002,300 {JAPANESE}") == ""


@pytest.mark.parametrize("check", [mojibake, glued_words, glued_numbers])
def test_long_text_without_spaces_takes_linear_time(check) -> None:
    for character in "あa1/.,%Ã｡ ":
        check(character * 300_000)
