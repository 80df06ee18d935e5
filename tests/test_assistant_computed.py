"""Sums and differences: both operands cited, the arithmetic shown, and nothing where an operand is not certain."""

from dataclasses import replace

import numpy as np
import pytest

from assistant.asked import operation_asked
from assistant.computed import computed_claim
from assistant.quoting import ScoredSentence, Sentence
from index.records import RetrievedPassage

Hits = dict[str, RetrievedPassage]


def ranked(hits: Hits, *texts: str, language: str = "en") -> list[ScoredSentence]:
    """Sentences of one passage, best first."""
    hit = hits["en/tram.md"]
    text = " ".join(texts)
    passage = replace(hit.passage, text=text, start=0, end=len(text), language=language)
    found = []
    for number, one in enumerate(texts):
        start = text.index(one)
        sentence = Sentence(one, start, start + len(one), language, np.zeros(4, np.float32))
        found.append(ScoredSentence(replace(hit, passage=passage), sentence, 1.0 - number / 10))
    return found


KDDI = "KDDI received up to ¥10.24 billion on 19 April 2024."
RUTILEA = "RUTILEA received up to ¥2.56 billion on 19 April 2024."


@pytest.mark.parametrize(
    ("language", "question", "expected"),
    [
        ("en", "What do the grants to KDDI and RUTILEA add up to?", "¥12.8 billion"),
        ("en", "What is the difference between the grants to KDDI and RUTILEA?", "¥7.68 billion"),
        ("fr", "Quel écart entre l’aide à KDDI et celle à RUTILEA ?", "7,68\u00a0milliards"),
        ("ja", "KDDIとRUTILEAへの助成を足すといくらですか。", "128億円"),
    ],
)
def test_figures_of_two_companies(island_hits: Hits, language: str, question: str, expected: str) -> None:
    claim = computed_claim(question, language, ranked(island_hits, KDDI, RUTILEA))
    assert claim is not None
    assert expected in claim.text
    assert [figure.verdict for figure in claim.figures].count("derived") == 1
    assert [citation.quote for citation in claim.citations] == [KDDI, RUTILEA]
    assert [citation.number for citation in claim.citations] == [1, 2]


def test_both_figures_of_one_sentence(island_hits: Hits) -> None:
    text = "The foundation gave 600 million kroner and the state fund 100 million kroner."
    question = "If you add the foundation's money and the fund's, how much is it?"
    claim = computed_claim(question, "en", ranked(island_hits, text))
    assert claim is not None
    assert "DKK 700 million" in claim.text
    assert len(claim.citations) == 1


@pytest.mark.parametrize(
    "texts",
    [
        (KDDI,),
        (KDDI, "RUTILEA and Highreso received ¥10.26 billion."),
        (KDDI, "RUTILEA received ¥2.56 billion of ¥72.5 billion."),
        (KDDI, "RUTILEA has 512 GPUs."),
        (KDDI, "RUTILEA received ¥1 billion on 3 May 2023."),
    ],
    ids=["one operand", "two names", "two figures", "another unit", "another date"],
)
def test_nothing_is_computed_from_an_uncertain_operand(island_hits: Hits, texts: tuple[str, ...]) -> None:
    question = "What do the grants of 19 April 2024 to KDDI and RUTILEA add up to?"
    assert computed_claim(question, "en", ranked(island_hits, *texts)) is None


@pytest.mark.parametrize(
    ("language", "question", "operation"),
    [
        ("en", "What do the two add up to?", "sum"),
        ("en", "What is the gap between A and B?", "difference"),
        ("en", "How much did KDDI get?", ""),
        ("fr", "Combien KDDI et RUTILEA ont-ils reçu au total ?", "sum"),
        ("fr", "Combien a reçu KDDI ?", ""),
        ("ja", "二つの上限額を足すといくらですか。", "sum"),
        ("ja", "専門モデル8個を組み合わせた構成ですか。", ""),
    ],
)
def test_what_is_to_be_computed(language: str, question: str, operation: str) -> None:
    assert operation_asked(question, language) == operation


@pytest.mark.parametrize(
    "texts",
    [
        ("KDDI gets a grant of ¥10.24 billion.", "KDDI was granted ¥6.8 billion in 2023.", RUTILEA),
        ("KDDI invests ¥100 billion.", RUTILEA),
        ("The site of KDDI costs ¥5 billion, and METI supports it.", RUTILEA),
    ],
    ids=["two grants", "an investment", "a cost"],
)
def test_a_sum_of_another_kind_or_one_of_two_is_no_operand(island_hits: Hits, texts: tuple[str, ...]) -> None:
    question = "What do the grants to KDDI and RUTILEA add up to?"
    assert computed_claim(question, "en", ranked(island_hits, *texts)) is None


@pytest.mark.parametrize(
    ("language", "question", "texts", "expected"),
    [
        ("en", "How many times larger is the grant to KDDI than that of RUTILEA?", (KDDI, RUTILEA),
         "KDDI is 4 times RUTILEA (KDDI up to ¥10.24 billion ÷ RUTILEA up to ¥2.56 billion)."),
        ("ja", "KDDIへの助成額はRUTILEAへの助成額の何倍ですか。",
         ("KDDIへの助成は102億4,000万円。", "RUTILEAへの助成は30億円。"),
         "KDDIはRUTILEAの3.4倍です（KDDI 102億4,000万円 ÷ RUTILEA 30億円）。"),
        ("en", "How many days lie between the opening of Gefion and that of Zephyra?",
         ("Zephyra opened on 5 March 2025.", "Gefion opened on 1 March 2025."),
         "4 days lie between the two (Gefion 1 March 2025 → Zephyra 5 March 2025)."),
        ("fr", "Combien de mois entre l’ouverture de Gefion et celle de Zephyra ?",
         ("Gefion a ouvert en octobre 2024.", "Zephyra a ouvert le 5 mars 2025."),
         "5 mois séparent les deux (Gefion octobre 2024 → Zephyra 5 mars 2025)."),
        ("en", "By how much does the grant to KDDI exceed that of RUTILEA?", (KDDI, RUTILEA),
         "The difference is ¥7.68 billion (KDDI up to ¥10.24 billion − RUTILEA up to ¥2.56 billion)."),
        ("fr", "Combien de GPU de plus pour ABCI 3.0 que pour Gefion ?",
         ("ABCI 3.0 compte 6 128 GPU.", "Gefion compte 1 528 GPU."),
         "L’écart est de 4 600 GPU (ABCI 3.0 6 128 GPU − Gefion 1 528 GPU)."),
    ],
    ids=["ratio", "ratio in Japanese", "days", "months", "by how much", "of things without a group"],
)  # fmt: skip
def test_other_operations(
    island_hits: Hits, language: str, question: str, texts: tuple[str, ...], expected: str
) -> None:
    claim = computed_claim(question, language, ranked(island_hits, *texts, language=language))
    assert claim is not None
    assert claim.text.replace("\u202f", " ").replace("\u00a0", " ") == expected
    assert {citation.quote for citation in claim.citations} == set(texts)


@pytest.mark.parametrize(
    ("question", "texts"),
    [
        ("How many days lie between the opening of Gefion and that of Zephyra?",
         ("Gefion opened in March 2025.", "Zephyra opened on 5 March 2025.")),
        ("How many times larger is the grant to KDDI than that of RUTILEA?",
         (KDDI, "RUTILEA, unlike SoftBank, received ¥2.56 billion.")),
        ("How many times larger is the grant to KDDI than that of RUTILEA?", (KDDI, "RUTILEA received nothing, ¥0.")),
    ],
    ids=["only the month", "another company beside", "nothing to divide by"],
)  # fmt: skip
def test_nothing_is_computed_from_what_is_not_certain(island_hits: Hits, question: str, texts: tuple[str, ...]) -> None:
    assert computed_claim(question, "en", ranked(island_hits, *texts)) is None
