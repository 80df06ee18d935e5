"""Step 2: which questions lean on the conversation, how they are rewritten, and what happens when that fails."""

import json

import pytest

from assistant.condense import condense, leans_on_history
from assistant.records import Question, Turn
from tests.scripted_generator import ScriptedGenerator

FIRST = {
    "fr": "Combien le barrage de Corvanne a-t-il coûté ?",
    "en": "How much did the Corvanne dam cost?",
    "ja": "青浜フェリーの建造費はいくらですか。",
}
FOLLOW_UP = {
    "fr": "Et quand a-t-il été mis en service ?",
    "en": "And when was it opened?",
    "ja": "それはいつ始まりましたか。",
}
REWRITTEN = {
    "fr": "Quand le barrage de Corvanne a-t-il été mis en service ?",
    "en": "When was the Corvanne dam opened?",
    "ja": "青浜フェリーはいつ運航を始めましたか。",
}
LANGUAGES = ("fr", "en", "ja")


def follow_up(language: str, text: str = "") -> Question:
    return Question(
        text or FOLLOW_UP[language], language, (Turn("user", FIRST[language]), Turn("assistant", "310 million [1]."))
    )


def writes(question: str) -> ScriptedGenerator:
    return ScriptedGenerator([json.dumps({"question": question}, ensure_ascii=False)])


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Et SoftBank ?", "fr"),
        ("Pourquoi ?", "fr"),
        ("Oui", "fr"),
        ("Combien d'employés a-t-elle ?", "fr"),
        ("Pourquoi le montant a baissé ?", "fr"),
        ("Est-ce que ce montant est définitif ?", "fr"),
        ("Non, je parlais de celui de 2023.", "fr"),
        ("And SoftBank?", "en"),
        ("Why?", "en"),
        ("Yes", "en"),
        ("How many people does it employ in the north?", "en"),
        ("What about the second phase of the project?", "en"),
        ("When was the second phase announced?", "en"),
        ("How many people work there?", "en"),
        ("それはいつですか。", "ja"),
        ("いつですか。", "ja"),
        ("ソフトバンクは？", "ja"),
        ("はい", "ja"),
        ("同社の本社はどこにありますか。", "ja"),
        ("では、費用はいくらですか。", "ja"),
    ],
)
def test_a_question_that_leans_on_the_conversation(text: str, language: str) -> None:
    assert leans_on_history(text, language)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Combien SoftBank va investir dans ses centres de calcul ?", "fr"),
        ("Quelle loi encadre les nuages gouvernementaux du Japon depuis 2022 ?", "fr"),
        ("Est-ce que SoftBank investit dans des centres de calcul ?", "fr"),
        ("Combien y a-t-il de fournisseurs certifiés au Japon ?", "fr"),
        ("Quand la loi sur la sécurité économique a-t-elle été votée ?", "fr"),
        ("Quand Highreso a-t-il ouvert son centre de Kagawa ?", "fr"),
        ("Qu'est-ce que le programme GENIAC finance ?", "fr"),
        ("When did METI certify the six providers?", "en"),
        ("How many certified providers are there in Japan?", "en"),
        ("How much will SoftBank invest in computing centres?", "en"),
        ("Which six providers were certified by METI in 2024?", "en"),
        ("経済産業省が認定した六社を教えてください。", "ja"),
        ("ソフトバンクの計算基盤への投資額はいくらですか。", "ja"),
        ("六社それぞれの助成額を教えてください。", "ja"),
        ("いつ経済産業省は六社を認定しましたか。", "ja"),
    ],
)
def test_a_question_that_stands_alone(text: str, language: str) -> None:
    assert not leans_on_history(text, language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_question_without_history_is_left_alone(language: str) -> None:
    generator = writes("Something else?")
    assert condense(Question(FOLLOW_UP[language], language), generator) == FOLLOW_UP[language]
    assert generator.requests == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_new_topic_is_left_alone(language: str) -> None:
    generator = writes("Something else?")
    topic = {
        "fr": "Quelle loi encadre les nuages gouvernementaux du Japon depuis 2022 ?",
        "en": "Which six providers were certified by METI in 2024?",
        "ja": "経済産業省が認定した六社を教えてください。",
    }[language]
    assert condense(follow_up(language, topic), generator) == topic
    assert generator.requests == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_follow_up_is_rewritten_by_the_model(language: str) -> None:
    generator = writes(REWRITTEN[language])
    assert condense(follow_up(language), generator) == REWRITTEN[language]
    request = generator.requests[0]
    assert request["language"] == language
    assert request["schema"]["required"] == ["question"]
    assert FOLLOW_UP[language] in generator.prompts[0]
    assert FIRST[language] in generator.prompts[0]


@pytest.mark.parametrize("language", LANGUAGES)
def test_without_a_model_the_earlier_question_stands_beside(language: str) -> None:
    standalone = condense(follow_up(language), None)
    assert standalone.startswith(FOLLOW_UP[language])
    assert FIRST[language] in standalone


@pytest.mark.parametrize(
    "output",
    [
        "",
        "not JSON",
        '{"question": "When was',
        "{}",
        '{"question": ""}',
        '{"question": "   "}',
        "[]",
        "null",
        json.dumps({"question": "x " * 400}),
        json.dumps({"question": REWRITTEN["fr"]}, ensure_ascii=False),
        json.dumps({"question": REWRITTEN["ja"]}, ensure_ascii=False),
    ],
    ids=["nothing", "prose", "cut", "no-key", "empty", "blank", "list", "null", "endless", "french", "japanese"],
)
def test_a_rewrite_that_fails_its_check_leaves_the_earlier_question_beside(output: str) -> None:
    standalone = condense(follow_up("en"), ScriptedGenerator([output]))
    assert standalone == f"{FOLLOW_UP['en']} ({FIRST['en']})"


@pytest.mark.parametrize("output", ['{"question": null}', '{"question": ["a", "b"]}', '{"question": 7}'])
def test_a_rewrite_that_is_no_text_is_not_used(output: str) -> None:
    assert condense(follow_up("en"), ScriptedGenerator([output])) == f"{FOLLOW_UP['en']} ({FIRST['en']})"


def test_a_model_server_that_dies_does_not_lose_the_question() -> None:
    generator = writes(REWRITTEN["en"])
    generator.fail_after = 1
    assert FOLLOW_UP["en"] in condense(follow_up("en"), generator)


def test_a_language_switch_keeps_the_language_of_the_follow_up() -> None:
    question = Question(
        "And when was it opened?", "en", (Turn("user", FIRST["fr"]), Turn("assistant", "310 millions."))
    )
    generator = writes(REWRITTEN["en"])
    assert condense(question, generator) == REWRITTEN["en"]
    assert generator.requests[0]["language"] == "en"


def test_a_long_conversation_does_not_lengthen_the_prompt() -> None:
    turns = [
        Turn("user" if number % 2 == 0 else "assistant", f"Turn {number}. " + "word " * 500) for number in range(20)
    ]
    generator = writes(REWRITTEN["en"])
    condense(Question(FOLLOW_UP["en"], "en", tuple(turns)), generator)
    assert len(generator.prompts[0]) < 2500
    assert "Turn 19." in generator.prompts[0]


def test_a_conversation_of_answers_only_is_no_history() -> None:
    question = Question(FOLLOW_UP["en"], "en", (Turn("assistant", "Hello, how can I help?"),))
    assert condense(question, writes("Other?")) == FOLLOW_UP["en"]
