"""The right figure beside the wrong name, year or kind of sum; and figures that the quote gives to nobody else."""

from itertools import permutations

import pytest

from assistant.figure_subject import subject_conflict
from index.build import default_documents
from index.sentences import sentence_spans

GRANTS = "¥50.1 billion for SAKURA internet, ¥42.1 billion for SoftBank."
RESPECTIVELY = "KDDI and SAKURA internet receive ¥10.24 billion and ¥50.1 billion respectively."
IN_JAPANESE = "さくらインターネットに501億円、KDDIに102億円を助成する。"
PAIRED_IN_JAPANESE = "さくらインターネットとKDDIは、それぞれ501億円と102億円を受け取る。"
TABLE = "| ハイレゾ | 77億円 |\n| GMO | 19.3億円 |"
CEILINGS = "Le plafond est de 10,24 milliards de yens pour KDDI et de 7,7 milliards de yens pour Highreso."
YEARS = "It had 2,000 GPUs in 2024 and 4,000 GPUs in 2025."
STATES = "Users pay ₹7.40 per kWh in Maharashtra, ₹8.15 in Tamil Nadu and ₹7.65 in Telangana."
UNKNOWN = "The Brenmoor Library got £86 million; the Skerrivore Tram got £3.1 million."

CONFLICTS = [
    ("en", "KDDI has ¥50.1 billion.", "en", "Two grants: ¥50.1 billion (SAKURA), ¥10.24 billion (KDDI)."),
    ("en", "SAKURA receives ¥42.1 billion.", "en", GRANTS),
    (
        "en",
        "SAKURA internet receives ¥42.1 billion.",
        "en",
        "SAKURA internet receives ¥50.1 billion and SoftBank ¥42.1 billion.",
    ),
    (
        "en",
        "SAKURA internet receives ¥42.1 billion.",
        "en",
        "METI announced support of up to ¥42.1 billion for SoftBank.",
    ),
    ("en", "KDDI receives ¥50.1 billion.", "en", RESPECTIVELY),
    (
        "fr",
        "KDDI reçoit 50,1 milliards de yens.",
        "fr",
        "KDDI et SAKURA internet reçoivent respectivement 10,24 et 50,1 milliards de yens.",
    ),
    ("fr", "L'aide à Highreso est de 10,24 milliards de yens.", "fr", CEILINGS),
    ("ja", "KDDIは501億円を受け取る。", "ja", IN_JAPANESE),
    ("en", "KDDI receives ¥50.1 billion.", "ja", PAIRED_IN_JAPANESE),
    ("en", "GMO gets ¥7.7 billion.", "ja", TABLE),
    ("en", "KDDI receives ¥50.1 billion and SAKURA internet ¥10.24 billion.", "en", RESPECTIVELY),
    ("en", "The Brenmoor Library got £3.1 million.", "en", UNKNOWN),
    ("en", "It had 2,000 GPUs in 2025.", "en", YEARS),
    ("fr", "Au Tamil Nadu, le kWh coûte 7,40 roupies.", "en", STATES),
    ("ja", "2025年には2000基のGPUがあった。", "ja", "2024年に2000基、2025年に4000基のGPUがあった。"),
    (
        "en",
        "SoftBank's investment is ¥42.1 billion.",
        "en",
        "SoftBank invests ¥150 billion. METI's subsidy is ¥42.1 billion.",
    ),
    ("en", "The profit was ¥3 billion.", "fr", "Le chiffre d'affaires était de 3 milliards de yens."),
    ("ja", "税引き後の額は421億円である。", "ja", "税引き前で421億円となる。"),
]
FINE = [
    ("fr", "Au Tamil Nadu, le kWh coûte 8,15 roupies.", "en", STATES),
    ("en", "It is ¥12.8 billion (KDDI ¥10.24 billion + RUTILEA ¥2.56 billion).", "en", "KDDI: ¥10.24 billion."),
    ("en", "SAKURA has ¥50.1 billion.", "en", "Two grants: ¥50.1 billion (SAKURA), ¥10.24 billion (KDDI)."),
    ("en", "SAKURA receives ¥50.1 billion.", "en", GRANTS),
    (
        "en",
        "SoftBank receives ¥42.1 billion from METI.",
        "en",
        "METI announced support of up to ¥42.1 billion for SoftBank.",
    ),
    ("en", "METI granted ¥42.1 billion to SoftBank.", "ja", "経済産業省はソフトバンクに421億円を助成する。"),
    ("en", "SAKURA internet receives ¥50.1 billion.", "en", RESPECTIVELY),
    ("en", "KDDI and SAKURA internet receive ¥10.24 billion and ¥50.1 billion.", "en", RESPECTIVELY),
    ("fr", "L'aide à Highreso est de 7,7 milliards de yens.", "fr", CEILINGS),
    ("ja", "さくらインターネットは501億円を受け取る。", "ja", IN_JAPANESE),
    ("en", "SAKURA internet receives ¥50.1 billion.", "ja", PAIRED_IN_JAPANESE),
    ("en", "Highreso gets ¥7.7 billion.", "ja", TABLE),
    ("en", "The company received ¥50.1 billion.", "en", "SoftBank has ¥42.1 billion, the company ¥50.1 billion."),
    ("en", "SAKURA internet received ¥50.1 billion.", "en", "Unlike KDDI, the company received ¥50.1 billion."),
    ("en", "The Skerrivore Tram got £3.1 million.", "en", UNKNOWN),
    ("en", "It had 2,000 GPUs in 2024.", "en", YEARS),
    ("en", "SoftBank's subsidy is ¥42.1 billion.", "en", "METI announced support of up to ¥42.1 billion for SoftBank."),
    (
        "en",
        "Three companies invest ¥100 billion.",
        "en",
        "SoftBank, KDDI and SAKURA internet, three companies, each invest ¥100 billion.",
    ),
    (
        "fr",
        "La Fondation Novo Nordisk donne 600 millions de couronnes.",
        "fr",
        "Gefion : 600 millions de couronnes de la Fondation Novo Nordisk, 100 millions de couronnes d'un fonds.",
    ),
    ("en", "It is an island.", "en", GRANTS),
    ("en", "SAKURA receives ¥42.1 billion.", "en", "It is an island."),
]


@pytest.mark.parametrize(("language", "claim", "quote_language", "quote"), CONFLICTS)
def test_a_figure_that_the_quote_gives_to_another(language: str, claim: str, quote_language: str, quote: str) -> None:
    assert subject_conflict(claim, language, quote, quote_language) != ""


@pytest.mark.parametrize(("language", "claim", "quote_language", "quote"), FINE)
def test_a_figure_with_its_own_subject(language: str, claim: str, quote_language: str, quote: str) -> None:
    assert subject_conflict(claim, language, quote, quote_language) == ""


def test_the_reason_names_the_figure_and_its_owner() -> None:
    assert subject_conflict("SAKURA receives ¥42.1 billion.", "en", GRANTS, "en") == "¥42.1 billion belongs to SoftBank"


COMPANIES = {"SAKURA internet": "50.1", "KDDI": "10.24", "Highreso": "7.7", "GMO": "1.93"}


@pytest.mark.parametrize(
    "pattern", ["¥{sum} billion for {name}", "{name} with ¥{sum} billion", "{name}: ¥{sum} billion"]
)
def test_every_pair_of_an_enumeration_is_told_from_every_other(pattern: str) -> None:
    quote = "The grants: " + ", ".join(pattern.format(name=name, sum=value) for name, value in COMPANIES.items()) + "."
    for one, other in permutations(COMPANIES, 2):
        assert subject_conflict(f"{one} receives ¥{COMPANIES[one]} billion.", "en", quote, "en") == ""
        assert subject_conflict(f"{one} receives ¥{COMPANIES[other]} billion.", "en", quote, "en") != ""


def test_no_sentence_of_the_documents_is_in_conflict_with_itself() -> None:
    wrong = []
    for path in sorted(default_documents().glob("*/*.md")):
        text, language = path.read_text(encoding="utf-8").split("---", 2)[2], path.parent.name
        sentences = [text[start:end] for start, end in sentence_spans(text)]
        wrong += [one for one in sentences if subject_conflict(one, language, one, language)]
    assert wrong == []
