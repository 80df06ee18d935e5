"""Follow-ups that are rewritten by rule: ellipses, corrections, pronouns, a yes after an offer, other languages."""

import pytest

from assistant.condense import condense
from assistant.exchange import Exchange
from assistant.follow_up import read_follow_up
from assistant.records import Question, Turn
from assistant.rewriting import beside, rewrite

INVEST = {
    "fr": ("Combien SoftBank va-t-il investir dans le calcul en 2024 ?", "SoftBank prévoit 150 milliards de yens. [1]"),
    "en": ("How much will SoftBank invest in computing in 2024?", "SoftBank plans to invest ¥150 billion. [1]"),
    "ja": ("ソフトバンクの計算基盤への投資額はいくらですか。", "1,500億円です。[1]"),
}
DAM = {
    "fr": ("Combien le barrage de Corvanne a-t-il coûté ?", "Il a coûté 310 millions d'euros. [1]"),
    "en": ("How tall is the Corvanne dam?", "It is 92 metres tall. [1]"),
    "ja": ("青浜フェリーの建造費はいくらですか。", "48億円です。[1]"),
}


def standalone(before: tuple[str, str], language: str, text: str, asked_in: str = "") -> str | None:
    exchange = Exchange(before[0], asked_in or language, before[1])
    return rewrite(read_follow_up(text, language, " ".join(before)), language, exchange)


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("en", "And KDDI?", "How much will KDDI invest in computing in 2024?"),
        ("en", "and the year before?", "How much will SoftBank invest in computing in 2023?"),
        ("en", "And the following year?", "How much will SoftBank invest in computing in 2025?"),
        ("en", "What about KDDI then?", "How much will KDDI invest in computing in 2024?"),
        ("en", "KDDI?", "How much will KDDI invest in computing in 2024?"),
        ("en", "how much for GMO?", "How much will GMO invest in computing in 2024?"),
        ("en", "What about in 2025?", "How much will SoftBank invest in computing in 2025?"),
        ("en", "And KDDI in 2025?", "How much will KDDI invest in computing in 2025?"),
        ("en", "And in dollars?", "How much will SoftBank invest in computing in 2024 in dollars?"),
        ("en", "And in Hokkaido?", "How much will SoftBank invest in computing in 2024 in Hokkaido?"),
        ("en", "KDDI and GMO?", "How much will KDDI and GMO invest in computing in 2024?"),
        ("en", "And the budget?", "What is the budget of SoftBank?"),
        ("en", "And Fugaku?", "How much will Fugaku invest in computing in 2024?"),
        ("en", "And H100?", "How much will SoftBank invest in computing in 2024 (H100)?"),
        ("fr", "Et KDDI ?", "Combien KDDI va-t-il investir dans le calcul en 2024 ?"),
        ("fr", "et l'année d'avant ?", "Combien SoftBank va-t-il investir dans le calcul en 2023 ?"),
        ("fr", "et pour KDDI ?", "Combien KDDI va-t-il investir dans le calcul en 2024 ?"),
        ("fr", "Et celui de KDDI ?", "Combien KDDI va-t-il investir dans le calcul en 2024 ?"),
        ("fr", "Qu'en est-il de Highreso ?", "Combien Highreso va-t-il investir dans le calcul en 2024 ?"),
        ("fr", "Et la même chose pour Highreso ?", "Combien Highreso va-t-il investir dans le calcul en 2024 ?"),
        ("fr", "Et en euros ?", "Combien SoftBank va-t-il investir dans le calcul en 2024 en euros ?"),
        ("fr", "Et en 2025 ?", "Combien SoftBank va-t-il investir dans le calcul en 2025 ?"),
        ("fr", "2025 ?", "Combien SoftBank va-t-il investir dans le calcul en 2025 ?"),
        ("fr", "Et le budget ?", "Quel est le budget de SoftBank ?"),
        ("ja", "KDDIは？", "KDDIの計算基盤への投資額はいくらですか。"),
        ("ja", "じゃあ、KDDIは？", "KDDIの計算基盤への投資額はいくらですか。"),
        ("ja", "ハイレゾの場合はどうですか。", "ハイレゾの計算基盤への投資額はいくらですか。"),
        ("ja", "RUTILEAはいくらですか。", "RUTILEAの計算基盤への投資額はいくらですか。"),
        ("ja", "ドルでは？", "ソフトバンクの計算基盤への投資額はいくらですか（ドル）"),
        ("ja", "2025年は？", "ソフトバンクの計算基盤への投資額はいくらですか（2025年）"),
        ("ja", "従業員数は？", "ソフトバンクの従業員数は？"),
    ],
)
def test_an_ellipsis_is_the_earlier_question_about_something_else(language: str, text: str, expected: str) -> None:
    assert standalone(INVEST[language], language, text) == expected


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "no, I meant KDDI"),
        ("en", "No, KDDI."),
        ("en", "Sorry, I mean KDDI"),
        ("en", "not SoftBank, KDDI"),
        ("en", "Actually, KDDI"),
        ("fr", "Non, je parlais de KDDI"),
        ("fr", "non, KDDI"),
        ("fr", "Pardon, je voulais dire KDDI."),
        ("fr", "pas SoftBank, KDDI"),
        ("fr", "Je parle de KDDI"),
        ("ja", "いえ、KDDIです"),
        ("ja", "KDDIのことです"),
        ("ja", "ソフトバンクではなくKDDIです"),
        ("ja", "いいえ、KDDIを聞いています"),
    ],
)
def test_a_correction_asks_the_same_of_what_was_meant(language: str, text: str) -> None:
    expected = {
        "fr": "Combien KDDI va-t-il investir dans le calcul en 2024 ?",
        "en": "How much will KDDI invest in computing in 2024?",
        "ja": "KDDIの計算基盤への投資額はいくらですか。",
    }
    assert standalone(INVEST[language], language, text) == expected[language]


@pytest.mark.parametrize(
    ("before", "language", "text", "expected"),
    [
        (DAM, "en", "When was it opened?", "When was the Corvanne dam opened?"),
        (DAM, "en", "And who built it?", "Who built the Corvanne dam?"),
        (DAM, "en", "How many homes does it supply?", "How many homes does the Corvanne dam supply?"),
        (DAM, "en", "What is its length?", "What is the Corvanne dam’s length?"),
        (DAM, "en", "When was the dam opened?", "When was the dam opened (the Corvanne dam)?"),
        (INVEST, "en", "Who is its president?", "Who is SoftBank’s president?"),
        (INVEST, "en", "How many GPUs does the company have?", "How many GPUs does SoftBank have?"),
        (INVEST, "en", "When was it announced?", "When was it announced (SoftBank invest in computing in 2024)?"),
        (INVEST, "en", "What does that cover?", "What does that cover (SoftBank invest in computing in 2024)?"),
        (DAM, "fr", "Et quand a-t-il été mis en service ?", "Quand le barrage de Corvanne a-t-il été mis en service ?"),
        (DAM, "fr", "Quelle est sa hauteur ?", "Quelle est la hauteur du barrage de Corvanne ?"),
        (INVEST, "fr", "Combien d'employés a-t-elle ?", "Combien d'employés SoftBank a-t-elle ?"),
        (INVEST, "fr", "Qui est son président ?", "Qui est le président de SoftBank ?"),
        (INVEST, "fr", "et lui, il prête combien ?", "SoftBank prête combien ?"),
        (INVEST, "fr", "Quand est-ce que l'entreprise ouvre ?", "Quand est-ce que SoftBank ouvre ?"),
        (DAM, "ja", "それはいつ始まりましたか。", "青浜フェリーはいつ始まりましたか。"),
        (DAM, "ja", "定員は何人ですか。", "青浜フェリーの定員は何人ですか。"),
        (INVEST, "ja", "それはいつですか。", "ソフトバンクの計算基盤への投資額はいつですか。"),
        (INVEST, "ja", "いつ発表されましたか。", "ソフトバンクの計算基盤への投資額はいつ発表されましたか。"),
        (INVEST, "ja", "同社の本社はどこにありますか。", "ソフトバンクの本社はどこにありますか。"),
        (INVEST, "ja", "その社長は誰ですか。", "ソフトバンクの社長は誰ですか。"),
    ],
)
def test_a_pronoun_is_replaced_by_the_subject_of_the_earlier_question(
    before: dict[str, tuple[str, str]], language: str, text: str, expected: str
) -> None:
    assert standalone(before[language], language, text) == expected


def test_who_was_asked_for_is_who_is_meant_next() -> None:
    before = ("Which company built Fugaku?", "Fujitsu built it. [1]")
    assert standalone(before, "en", "Where is it based?") == "Where is Fujitsu based?"
    before = ("Who is the president of KDDI?", "Hiromichi Matsuda. [1]")
    assert standalone(before, "en", "When did he take office?") == "When did Hiromichi Matsuda take office?"


def test_a_name_that_the_answer_brought_in_stands_beside() -> None:
    before = ("Has Highreso opened anything new?", "Yes, its Genkai centre opened in August 2025. [1]")
    assert standalone(before, "en", "Which cards does it use?") == "Which cards does Highreso use (Genkai)?"


def test_the_largest_of_something_is_what_the_answer_says_it_is() -> None:
    before = (
        "What is the largest model of the Brenmoor institute?",
        "An open model of 172 billion parameters, it says.",
    )
    expected = (
        "When did they release the largest model of the Brenmoor institute (an open model of 172 billion parameters)?"
    )
    assert standalone(before, "en", "When did they release it?") == expected


@pytest.mark.parametrize(
    ("question", "answer", "text", "expected"),
    [
        (
            "富岳の後継機は誰がつくるんですか",
            "理化学研究所が共同で「富岳NEXT」を設計します。",
            "それっていつ動く予定？",
            "富岳の後継機っていつ動く予定（富岳NEXT）",
        ),
        (
            "青葉社のモデル2.0はどんな構成？",
            "専門モデル8個を組み合わせた構成です。",
            "そのうち同時に動くのは何個？",
            "青葉社のモデル2.0のうち同時に動くのは何個？",
        ),
        (
            "KDDIの大阪堺データセンターはどこですか。",
            "堺市です。",
            "それはいつ開所しましたか。",
            "KDDIの大阪堺データセンターはいつ開所しましたか。",
        ),
        ("KDDIの大阪堺データセンターはどこですか。", "堺市です。", "その会社の社長は？", "KDDIの社長は？"),
    ],
)
def test_a_japanese_pronoun_is_the_thing_or_the_company(question: str, answer: str, text: str, expected: str) -> None:
    assert standalone((question, answer), "ja", text) == expected


@pytest.mark.parametrize(
    ("language", "question", "answer", "text", "expected"),
    [
        (
            "en",
            "What did SAKURA internet get in June 2023?",
            "About ¥6.8 billion. [1] Shall I also tell you how much METI granted the company in February 2024?",
            "yes please",
            "How much METI granted SAKURA internet in February 2024?",
        ),
        (
            "en",
            "How tall is the Corvanne dam?",
            "It is 92 metres tall. [1] Would you like to know when it was opened?",
            "Sure, and who paid",
            "When the Corvanne dam was opened, and who paid?",
        ),
        (
            "fr",
            "Qui a rejoint le premier cycle de GENIAC ?",
            "Fujitsu et ELYZA. Voulez-vous savoir combien de participants comptait le premier cycle ?",
            "oui",
            "Combien de participants comptait le premier cycle (GENIAC) ?",
        ),
        (
            "ja",
            "ソフトバンクの苫小牧のデータセンターについて教えて",
            "2024年10月に建設を始めました。経済産業省からの助成額もお調べしましょうか？",
            "はい、お願いします",
            "ソフトバンクの苫小牧のデータセンターについて、経済産業省からの助成額は？",
        ),
    ],
)
def test_a_yes_takes_up_what_was_offered(language: str, question: str, answer: str, text: str, expected: str) -> None:
    assert standalone((question, answer), language, text) == expected


@pytest.mark.parametrize(("language", "text"), [("fr", "Oui"), ("en", "Yes, please."), ("ja", "はい")])
def test_a_yes_to_nothing_repeats_the_question(language: str, text: str) -> None:
    assert standalone(INVEST[language], language, text) == INVEST[language][0]


def test_a_yes_before_a_question_of_its_own_is_only_a_word() -> None:
    text = "Oui, et combien KDDI a-t-il investi en 2023 ?"
    assert standalone(INVEST["fr"], "fr", text) == "combien KDDI a-t-il investi en 2023 ?"


@pytest.mark.parametrize(
    ("asked_in", "language", "text", "expected"),
    [
        ("fr", "ja", "KDDIは？", "KDDIはいくらですか（投資額、2024年）"),
        ("en", "ja", "じゃあRUTILEAは？", "RUTILEAはいくらですか（投資額、2024年）"),
        ("ja", "en", "And KDDI?", "How much is it for KDDI (investment)?"),
        ("ja", "fr", "Et KDDI ?", "Quel est le montant pour KDDI (investissement) ?"),
        ("en", "fr", "Qui est son président ?", "Qui est le président de SoftBank ?"),
        ("fr", "ja", "それはいつ発表されましたか。", "ソフトバンクの投資額はいつ発表されましたか。"),
        ("ja", "en", "Who is its president?", "Who is SoftBank’s president?"),
    ],
)
def test_after_a_change_of_language_the_question_is_in_the_new_one(
    asked_in: str, language: str, text: str, expected: str
) -> None:
    assert standalone(INVEST[asked_in], language, text, asked_in) == expected


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "Why?"),
        ("en", "and the second phase of the project?"),
        ("fr", "Pourquoi ?"),
        ("fr", "Et depuis ?"),
        ("fr", "et le deuxième ?"),
        ("ja", "両社の違いは？"),
    ],
)
def test_what_is_not_clear_is_left_to_the_model(language: str, text: str) -> None:
    assert standalone(INVEST[language], language, text) is None


def test_with_two_companies_it_is_neither() -> None:
    before = ("How much did KDDI and SoftBank invest?", "¥250 billion together. [1]")
    assert standalone(before, "en", "When will it open?") is None


@pytest.mark.parametrize(
    ("asked_in", "language", "expected"),
    [
        ("en", "en", "Why (SoftBank invest in computing in 2024)?"),
        ("fr", "fr", "Pourquoi (SoftBank va investir dans le calcul en 2024) ?"),
        ("fr", "en", "Why (investment, SoftBank, 2024)?"),
        ("fr", "ja", "なぜ（投資額、ソフトバンク、2024年）"),
        ("ja", "fr", "Pourquoi (investissement, SoftBank) ?"),
    ],
)
def test_what_the_conversation_was_about_can_always_stand_beside(asked_in: str, language: str, expected: str) -> None:
    text = {"fr": "Pourquoi ?", "en": "Why?", "ja": "なぜ？"}[language]
    assert beside(text, language, Exchange(INVEST[asked_in][0], asked_in)) == expected


def test_twenty_turns_keep_the_subject_that_the_first_one_named() -> None:
    follow_ups = [
        "Who built it?",
        "And when was it opened?",
        "How many homes does it supply?",
        "What is its length?",
        "Who owns it?",
        "How old is it?",
        "Where does its water come from?",
        "How many visitors does it have?",
        "Which company runs it?",
    ]
    turns = [Turn("user", DAM["en"][0]), Turn("assistant", DAM["en"][1])]
    for text in follow_ups:
        turns += [Turn("user", text), Turn("assistant", "It is so. [1]" + " It is so." * 300)]
    assert len(turns) == 20
    assert condense(Question("And its depth?", "en", tuple(turns)), None) == "The Corvanne dam’s depth?"


def test_ellipses_build_on_each_other() -> None:
    turns = (
        Turn("user", INVEST["en"][0]),
        Turn("assistant", INVEST["en"][1]),
        Turn("user", "And KDDI?"),
        Turn("assistant", "¥100 billion."),
        Turn("user", "What about in 2025?"),
        Turn("assistant", "The documents do not give this information."),
    )
    condensed = condense(Question("And in dollars?", "en", turns), None)
    assert condensed == "How much will KDDI invest in computing in 2025 in dollars?"


def test_a_new_topic_becomes_the_subject_of_what_follows() -> None:
    turns = (
        Turn("user", INVEST["en"][0]),
        Turn("assistant", INVEST["en"][1]),
        Turn("user", DAM["en"][0]),
        Turn("assistant", DAM["en"][1]),
    )
    assert condense(Question("When was it opened?", "en", turns), None) == "When was the Corvanne dam opened?"
