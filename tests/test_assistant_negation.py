"""What a text denies, and claims that turn their quote round. Every sentence of the documents agrees with itself."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.negation import affirmed, clauses_of, contradiction, is_negated
from index.build import default_documents
from index.sentences import sentence_spans

CONTRADICTIONS = [
    ("en", "The grant was paid.", "en", "The grant, however, was not paid."),
    ("en", "The grant was not paid.", "en", "The grant was paid in May 2024."),
    ("en", "The site is in Sakai.", "en", "The site is not in Sakai but in Tomakomai."),
    ("en", "SoftBank has not published the PUE.", "en", "SoftBank published the PUE of Tomakomai in 2025."),
    (
        "en",
        "The sums are payments already made.",
        "en",
        "All these sums are upper limits and not payments already made.",
    ),
    ("en", "It never bought the chips from NVIDIA.", "en", "In 2023 it bought the chips from NVIDIA."),
    ("fr", "L'aide a été versée en 2024.", "fr", "L'aide n'a pas été versée en 2024."),
    ("fr", "L’aide n’a pas été versée en 2024.", "fr", "L'aide a été versée en 2024."),
    ("fr", "Le modèle n'est plus vendu au Japon.", "fr", "Le modèle est vendu au Japon depuis 2024."),
    ("fr", "Aucune entreprise n'a publié le montant.", "fr", "L'entreprise a publié le montant."),
    ("ja", "助成金は支給された。", "ja", "助成金は支給されていない。"),
    ("ja", "助成金は支給されていない。", "ja", "助成金は2024年に支給された。"),
    ("ja", "拠点は堺市にある。", "ja", "拠点は堺市ではなく苫小牧市にある。"),
    ("ja", "建設費は公表しませんでした。", "ja", "建設費は2024年に公表した。"),
    ("en", "METI did not grant ¥42.1 billion to SoftBank.", "ja", "経済産業省はソフトバンクに最大421億円を助成する。"),
    ("en", "METI granted ¥42.1 billion to SoftBank.", "ja", "経済産業省はソフトバンクに421億円を助成していない。"),
    ("fr", "Le METI n'a pas accordé 42,1 milliards de yens.", "en", "METI granted ¥42.1 billion to SoftBank."),
    ("ja", "ソフトバンクは421億円を受け取っていない。", "fr", "SoftBank a reçu 42,1 milliards de yens."),
    ("en", "If a company cheats, it will get a subsidy for five years.", "ja", "不正の場合、5年間申請できなくなる。"),
]
AGREEMENTS = [
    ("en", "The grant was paid in 2024.", "en", "The grant was paid in May 2024."),
    ("en", "The site is in Tomakomai.", "en", "The site is not in Sakai but in Tomakomai."),
    ("en", "SoftBank has not published the PUE.", "en", "The PUE is unpublished by SoftBank."),
    ("en", "The grant covers Sharp and HPE.", "en", "The grant covers not only Sharp but also HPE."),
    ("en", "The plan costs ¥42.1 billion at most.", "en", "The plan costs no more than ¥42.1 billion."),
    ("en", "The site opens in April 2026.", "en", "The site does not open until April 2026."),
    ("fr", "Elle a reçu 42,1 milliards de yens.", "fr", "Elle n'a reçu que 42,1 milliards de yens."),
    ("fr", "L'aide a été versée sans condition.", "fr", "L'aide n'a pas de condition ; elle a été versée."),
    ("fr", "Le plan coûte 42,1 milliards de yens.", "fr", "Le plan ne coûte pas plus de 42,1 milliards de yens."),
    ("ja", "拠点は苫小牧市にある。", "ja", "拠点は堺市ではなく苫小牧市にある。"),
    ("ja", "助成金の支給額は公表されていない。", "ja", "助成金の支給額は未公表である。"),
    ("ja", "シャープとHPEが受注した。", "ja", "シャープだけでなくHPEも受注した。"),
    ("ja", "少なくとも421億円を助成する。", "ja", "421億円を下回らない額を助成する。"),
    ("en", "METI granted ¥42.1 billion to SoftBank.", "ja", "経済産業省はソフトバンクに最大421億円を助成する。"),
    ("ja", "研究所の成果は公開されていない。", "en", "The results of the institute are undisclosed."),
    ("en", "The results were not published.", "ja", "成果は非公開である。"),
    (
        "en",
        "If a company cheats, it will not get a subsidy for five years.",
        "ja",
        "不正の場合、5年間申請できなくなる。",
    ),
]


@pytest.mark.parametrize(("language", "claim", "quote_language", "quote"), CONTRADICTIONS)
def test_a_claim_that_turns_its_quote_round(language: str, claim: str, quote_language: str, quote: str) -> None:
    reason = contradiction(claim, language, quote, quote_language)
    assert reason.startswith("denies" if is_negated(claim, language) else "affirms")


@pytest.mark.parametrize(("language", "claim", "quote_language", "quote"), AGREEMENTS)
def test_a_claim_that_agrees_with_its_quote(language: str, claim: str, quote_language: str, quote: str) -> None:
    assert contradiction(claim, language, quote, quote_language) == ""


SENTENCES = [
    (path.parent.name, text[start:end])
    for path in sorted(default_documents().glob("*/*.md"))
    for text in [path.read_text(encoding="utf-8").split("---", 2)[2]]
    for start, end in sentence_spans(text)
    if end - start > 15
]


def test_no_sentence_of_the_documents_contradicts_itself_or_one_of_its_clauses() -> None:
    wrong = [
        (clause.text, sentence)
        for language, sentence in SENTENCES
        for clause in [*clauses_of(sentence, language), *clauses_of(sentence.rstrip(".。"), language)]
        if contradiction(clause.text, language, sentence, language)
        or contradiction(sentence, language, sentence, language)
    ]
    assert len(SENTENCES) > 2000
    assert wrong == []


@pytest.mark.parametrize(
    ("language", "plain", "negated"),
    [
        ("en", r"\b(is|was|has|had|will|were|are|have)\b", r"\1 not"),
        ("fr", r"\b(est|a|était|ont|sont|sera|avait)\b", r"n'\1 pas"),
        ("ja", r"(?<=[しれ])(?:た|ている)。", "ていない。"),
    ],
)
def test_most_sentences_of_the_documents_are_recognised_when_turned_round(
    language: str, plain: str, negated: str
) -> None:
    pairs = [
        (sentence, turned)
        for own, sentence in SENTENCES
        if own == language and not is_negated(sentence, language)
        if (turned := re.sub(plain, negated, sentence, count=1)) != sentence
    ]
    found = sum(bool(contradiction(turned, language, sentence, language)) for sentence, turned in pairs)
    reverse = sum(bool(contradiction(sentence, language, turned, language)) for sentence, turned in pairs)
    assert len(pairs) > 50
    assert found > 0.8 * len(pairs)
    assert reverse > 0.75 * len(pairs)


@given(text=st.text(max_size=60), language=st.sampled_from(["fr", "en", "ja", "und"]))
def test_no_text_contradicts_itself(text: str, language: str) -> None:
    assert contradiction(text, language, text, language) == ""
    assert "".join(clause.text for clause in clauses_of(text, language)).split() == text.split()
    assert affirmed(text, language) == text or is_negated(affirmed(text, language), language) is False
