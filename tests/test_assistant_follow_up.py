"""Which questions lean on the conversation, and how; a question that names its subject is complete."""

import pytest

from assistant.follow_up import offered, read_follow_up
from index.language import detect_language


@pytest.mark.parametrize(
    ("language", "text", "kind", "rest"),
    [
        ("fr", "Et SoftBank ?", "ellipsis", "SoftBank"),
        ("fr", "Et pour le deuxième trimestre 2025 ?", "ellipsis", "le deuxième trimestre 2025"),
        ("fr", "Et le coût ?", "attribute", "le coût"),
        ("fr", "Pourquoi ?", "bare", "Pourquoi ?"),
        ("fr", "Oui", "agreement", ""),
        ("fr", "oui, s'il vous plaît", "agreement", ""),
        ("fr", "Combien d'employés a-t-elle ?", "no subject", "Combien d'employés a-t-elle ?"),
        ("fr", "Est-ce que ce montant est définitif ?", "pronoun", "Est-ce que ce montant est définitif ?"),
        ("fr", "Pourquoi le montant a baissé ?", "pronoun", "Pourquoi le montant a baissé ?"),
        ("fr", "Non, je parlais de celui de 2023.", "correction", "celui de 2023"),
        ("fr", "non, KDDI", "correction", "KDDI"),
        ("en", "And SoftBank?", "ellipsis", "SoftBank"),
        ("en", "What about the second phase of the project?", "ellipsis", "the second phase of the project"),
        ("en", "And the budget?", "attribute", "the budget"),
        ("en", "Why?", "bare", "Why?"),
        ("en", "and how much was really spent?", "bare", "how much was really spent?"),
        ("en", "and how much did KDDI really spend?", "complete", "and how much did KDDI really spend?"),
        ("fr", "qui la préside ?", "pronoun", "qui la préside ?"),
        ("en", "and why exactly?", "bare", "why exactly?"),
        ("en", "Yes", "agreement", ""),
        ("en", "ok, go ahead", "agreement", ""),
        ("en", "yes please, and say what it was for", "agreement", "say what it was for"),
        ("en", "How many people does it employ in the north?", "pronoun", ""),
        ("en", "When was the second phase announced?", "pronoun", ""),
        ("en", "How many people work there?", "pronoun", ""),
        ("en", "no, I meant KDDI", "correction", "KDDI"),
        ("ja", "それはいつですか。", "bare", "それはいつですか。"),
        ("ja", "いつですか。", "bare", "いつですか。"),
        ("ja", "ソフトバンクは？", "ellipsis", "ソフトバンク"),
        ("ja", "はい", "agreement", ""),
        ("ja", "はい、お願いします。", "agreement", ""),
        ("ja", "同社の本社はどこにありますか。", "pronoun", ""),
        ("ja", "では、費用はいくらですか。", "no subject", "費用はいくらですか。"),
        ("ja", "いつ認定されましたか。", "no subject", "いつ認定されましたか。"),
        ("ja", "費用は？", "attribute", "費用"),
        ("ja", "いえ、KDDIです", "correction", "KDDI"),
    ],
)
def test_a_follow_up_is_recognised(language: str, text: str, kind: str, rest: str) -> None:
    found = read_follow_up(text, language)
    assert found.kind == kind
    assert found.rest == (rest or (text if kind != "agreement" else ""))


@pytest.mark.parametrize(
    "text",
    [
        "Combien SoftBank va investir dans ses centres de calcul ?",
        "Quelle loi encadre les nuages gouvernementaux du Japon depuis 2022 ?",
        "Est-ce que SoftBank investit dans des centres de calcul ?",
        "Combien y a-t-il de fournisseurs certifiés au Japon ?",
        "Quand la loi sur la sécurité économique a-t-elle été votée ?",
        "Quand Highreso a-t-il ouvert son centre de Kagawa ?",
        "Qu'est-ce que le programme GENIAC finance ?",
        "Noetra compte-t-elle quatre membres ?",
        "Pourquoi les prix de l'électricité montent-ils ?",
        "subvention kddi montant",
        "When did METI certify the six providers?",
        "when was fugaku announced by riken?",
        "How many certified providers are there in Japan?",
        "How much will SoftBank invest in computing centres?",
        "Which six providers were certified by METI in 2024?",
        "Where does Highreso run its data centres?",
        "When did SoftBank say it would open the Sakai site?",
        "Why does japan want sovereign ai?",
        "Is it true that KDDI bought a factory?",
        "softbank meti subsidy may 2024 amount",
        "What is GENIAC?",
        "経済産業省が認定した六社を教えてください。",
        "ソフトバンクの計算基盤への投資額はいくらですか。",
        "六社それぞれの助成額を教えてください。",
        "いつ経済産業省は六社を認定しましたか。",
        "METIとは？",
        "富岳NEXTはいつ稼働しますか。",
        "KDDIの助成額はいくらですか。",
        "ソブリンAIって何ですか。",
    ],
)
def test_a_question_that_names_its_subject_is_complete(text: str) -> None:
    found = read_follow_up(text, detect_language(text))
    assert (found.kind, found.rest) == ("complete", text)


@pytest.mark.parametrize("text", ["no thanks", "Thank you!", "Merci", "Non merci", "結構です", "いいえ。"])
def test_thanks_and_refusals_ask_nothing(text: str) -> None:
    assert read_follow_up(text, detect_language(text)).kind == "complete"


def test_a_thing_that_was_spoken_of_leans_and_a_new_one_does_not() -> None:
    said = "When did the Brenmoor tram line open? On 12 March 2021."
    assert read_follow_up("How long is the line?", "en", said).kind == "pronoun"
    assert read_follow_up("How long is the river?", "en", said).kind == "complete"


@pytest.mark.parametrize(
    ("language", "answer", "offer"),
    [
        ("en", "Up to ¥42 billion. [1] Shall I also tell you when it opens?", "when it opens"),
        ("en", "It is so. Would you like to see the sources?", "the sources"),
        ("en", "It is so. What else?", "What else?"),
        ("en", "Is it so? It is so.", ""),
        ("fr", "C'est ainsi. [1] Souhaitez-vous connaître la date ?", "la date"),
        ("ja", "48億円です。［1］定員もお調べしましょうか？", "定員"),
        ("ja", "48億円です。", ""),
        ("en", "", ""),
    ],
)
def test_an_offer_is_the_last_thing_that_an_answer_asks(language: str, answer: str, offer: str) -> None:
    assert offered(answer, language) == offer
