"""detect_language on short questions, keywords and the traps between the three languages."""

import pytest

from index.language import detect_language

CASES = [
    ("Quel est le montant de la subvention accordée à SoftBank ?", "fr"),
    ("SoftBank combien de GPU", "fr"),
    ("subvention KDDI montant", "fr"),
    ("Qui est le Premier ministre ?", "fr"),
    ("qu'est-ce qu'une usine d'IA", "fr"),
    ("Qu’est-ce que l’IA souveraine ?", "fr"),
    ("montant total yens", "fr"),
    ("rang mondial gmo green500 juin 2025", "fr"),
    ("kddi rank worldwide june 2025", "en"),
    ("Pourquoi le Japon investit-il ?", "fr"),
    ("combien", "fr"),
    ("loi sécurité économique", "fr"),
    ("les six entreprises certifiées", "fr"),
    ("aide METI pour Highreso", "fr"),
    ("Où se trouve le centre de Sakai ?", "fr"),
    ("Date de la visite de Jensen Huang au Japon", "fr"),
    ("et KDDI ?", "fr"),
    ("Oui, et en 2024 ?", "fr"),
    ("Que signifie 内閣府 ?", "fr"),
    ("Que veut dire ソブリンAI dans le texte ?", "fr"),
    ("Donne la liste des fournisseurs", "fr"),
    ("résumé du programme cloud", "fr"),
    ("RUTILEA, c'est quoi ?", "fr"),
    ("prix du GPU H200 à Kagawa", "fr"),
    ("Quelle part pour SAKURA internet ?", "fr"),
    ("who is the prime minister", "en"),
    ("How much does SoftBank receive?", "en"),
    ("SoftBank GPU count how many", "en"),
    ("what is an AI factory", "en"),
    ("KDDI subsidy amount", "en"),
    ("certified providers", "en"),
    ("Which companies were certified by METI?", "en"),
    ("Why is Japan investing in sovereign AI?", "en"),
    ("METI grants total", "en"),
    ("And in 2024?", "en"),
    ("Where's the Sakai site?", "en"),
    ("SAKURA internet's plan", "en"),
    ("NVIDIA billion yen", "en"),
    ("Tell me about GENIAC", "en"),
    ("What does 経済産業省 mean?", "en"),
    ("data centre in Tomakomai", "en"),
    ("law on economic security", "en"),
    ("six firms named", "en"),
    ("Yes please", "en"),
    ("price per H200 hour", "en"),
    ("first funding round of SoftBank", "en"),
    ("total budget 2025", "en"),
    ("SoftBank announced investment", "en"),
    ("ソフトバンクの補助金はいくらですか", "ja"),
    ("首相は誰", "ja"),
    ("補助金額", "ja"),
    ("日本政府生成AI支援", "ja"),
    ("GMO GPU H200 とは", "ja"),
    ("SoftBank NVIDIA Blackwell とは", "ja"),
    ("KDDI 助成", "ja"),
    ("ソブリンAI", "ja"),
    ("The Economic Security Promotion Act について教えて", "ja"),
    ("はい", "ja"),
    ("2024年", "ja"),
    ("「AIファクトリー」の意味を教えてください。", "ja"),
    ("METI", "und"),
    ("SoftBank", "und"),
    ("H200", "und"),
    ("114.6", "und"),
    ("", "und"),
    ("???", "und"),
    ("NVIDIA KDDI GMO", "und"),
    ("这些公司得到了多少补贴", "und"),
    ("소프트뱅크 보조금", "und"),
    ("Сколько получает SoftBank", "und"),
]


@pytest.mark.parametrize(("text", "language"), CASES, ids=[case[0][:30] or "empty" for case in CASES])
def test_language_of_a_short_text(text: str, language: str) -> None:
    assert detect_language(text) == language


def test_a_french_document_that_quotes_japanese_stays_french() -> None:
    text = "Le METI (経済産業省) a retenu six entreprises, dont さくらインターネット. " * 20
    assert detect_language(text) == "fr"


def test_only_the_head_of_a_long_text_counts() -> None:
    assert detect_language("The ministry said that it will pay. " * 1000 + "助成金。" * 100_000) == "en"
