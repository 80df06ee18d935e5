"""What a question asks for is read from its words, and an answer must contain it."""

import pytest

from assistant.asked import (
    Asked,
    asks_to_explain,
    asks_yes_or_no,
    contains,
    names_asked,
    new_names,
    states_absence,
    what_is_asked,
)


@pytest.mark.parametrize(
    ("language", "question", "expected"),
    [
        ("fr", "Combien SoftBank prévoit-il d’investir ?", Asked("figure", "money")),
        ("fr", "Combien de GPU compte ABCI 3.0 ?", Asked("figure", "GPU")),
        ("fr", "subvention kddi montant", Asked("figure", "money")),
        ("fr", "Quel jour Huang a-t-il vu Ishiba ?", Asked("date", day=True)),
        ("fr", "FugakuNEXT, c’est pour quand ?", Asked("date")),
        ("fr", "Quelle est la puissance en MW du site de Sakai ?", Asked("figure", "W")),
        ("fr", "Pourquoi le METI aide-t-il ces entreprises ?", Asked("")),
        ("en", "How much support in dollars does METI plan?", Asked("figure", "USD")),
        ("en", "How many companies were certified when the law was passed?", Asked("figure", "company")),
        ("en", "When did ABCI 3.0 start?", Asked("date")),
        ("en", "annual electricity consumption of abci 3.0 in MWh?", Asked("figure", "Wh")),
        ("en", "Who is the prime minister?", Asked("name")),
        ("en", "How much coal did the engine use?", Asked("figure")),
        ("en", "How much did the engine cost?", Asked("figure", "money")),
        ("fr", "Combien de charbon coûte une heure ?", Asked("figure", of_things=True)),
        ("fr", "Combien de logements sont raccordés ?", Asked("figure", of_things=True)),
        ("fr", "Combien de millions ont été versés ?", Asked("figure", "money")),
        ("en", "number of homes to be connected", Asked("figure", of_things=True)),
        ("ja", "登録した世帯の数は？", Asked("figure", of_things=True)),
        ("fr", "combien coute la premiere phase", Asked("figure", "money")),
        ("fr", "chiffre d'affaires 2024", Asked("figure", "money")),
        ("fr", "cout total des deux batiments", Asked("figure", "money")),
        ("fr", "coût de la vie : pourquoi ?", Asked("")),
        ("en", "total revenue of the port", Asked("figure", "money")),
        ("ja", "助成額はいくらですか", Asked("figure", "money")),
        ("ja", "認定されたのは何社ですか", Asked("figure", "company")),
        ("ja", "決まったのは何月何日ですか", Asked("date", day=True)),
        ("ja", "AIファクトリーとは何ですか", Asked("")),
        ("ja", "議会が追加予算を可決した日", Asked("date")),
        ("ja", "追加予算はいくらですか", Asked("figure", "money")),
        ("en", "how much GPU capacity will there be in 2028", Asked("figure")),
        ("en", "How much does a megawatt cost to build?", Asked("figure", "money")),
        ("fr", "Combien coûte le kWh ?", Asked("figure", "money")),
        ("ja", "1メガワット当たりの建設費はいくら", Asked("figure", "money")),
        ("en", "For how many days was the bridge closed?", Asked("figure", "time")),
        ("en", "How many kroner went into the harbour?", Asked("figure", "money")),
        ("fr", "Le port touche combien de l’État ?", Asked("figure")),
        ("en", "What share of the funding comes from the county?", Asked("figure", "percent")),
        ("fr", "part des femmes parmi les apprentis", Asked("figure", "percent")),
        ("ja", "受電容量は合計いくらですか", Asked("figure")),
        ("ja", "従業員15人の会社には費用のどれだけが補助されますか", Asked("figure", "money")),
        ("ja", "工場に電力を供給する発電所の名前を教えてください", Asked("name")),
        ("ja", "増額した予算は、何年何月何日のものですか。", Asked("date", day=True)),
        ("ja", "容量が小さくて済むのはなぜですか", Asked("")),
        ("en", "Did the port get a subsidy when it was enlarged?", Asked("")),
        ("en", "We want a connection of 15 MW. Must we store power? Would a battery do?", Asked("")),
        ("fr", "Le prix du courant a-t-il joué un rôle ?", Asked("")),
        ("en", "Is it known when the port opened?", Asked("date")),
        ("fr", "clôture des candidatures 2025 pour le port", Asked("date")),
        ("en", "deadline for applications", Asked("date")),
        ("fr", "patron du port de Tarbet", Asked("name")),
        ("en", "CEO of the harbour", Asked("name")),
    ],
)
def test_what_is_asked(language: str, question: str, expected: Asked) -> None:
    assert what_is_asked(question, language) == expected


@pytest.mark.parametrize(
    ("language", "question", "text", "written_in", "expected"),
    [
        ("en", "How much did SoftBank get?", "SoftBank got up to ¥42.1 billion.", "en", True),
        ("en", "How much did SoftBank get?", "SoftBank has 4,000 GPUs.", "en", False),
        ("en", "How much did SoftBank get in May 2024?", "SoftBank was certified in May 2024.", "en", False),
        ("fr", "Combien de logements ?", "It costs £203 million for 6,840 homes.", "en", True),
        ("fr", "Combien de logements ?", "It costs £203 million, a third of all.", "en", False),
        ("fr", "Combien de logements ?", "62% of homes are connected.", "en", False),
        ("fr", "Combien KDDI a-t-il reçu ?", "KDDIには最大102億4,000万円。", "ja", True),
        ("en", "annual consumption in MWh?", "ABCI 3.0 reaches 6.22 exaflops.", "en", False),
        ("ja", "決まったのは何月何日ですか", "2023年に決まった。", "ja", False),
        ("ja", "決まったのは何月何日ですか", "2023年7月7日に決まった。", "ja", True),
        ("en", "What is an AI factory?", "A data centre.", "en", True),
    ],
)
def test_an_answer_contains_what_was_asked(
    language: str, question: str, text: str, written_in: str, expected: bool
) -> None:
    assert contains(what_is_asked(question, language), question, text, language, written_in) is expected


@pytest.mark.parametrize(
    ("language", "question", "expected"),
    [
        ("fr", "Quelles sont les six entreprises certifiées ?", "company"),
        ("fr", "Sur quelle loi repose le programme ?", "law"),
        ("fr", "Combien de GPU ?", ""),
        ("en", "Which six providers did METI certify?", "company"),
        ("en", "What law is it based on?", "law"),
        ("ja", "認定された6社はどこですか", "company"),
        ("ja", "法的根拠は何ですか", "law"),
        ("ja", "首相は誰ですか", ""),
    ],
)
def test_which_names_are_asked(language: str, question: str, expected: str) -> None:
    assert names_asked(question, language) == expected


@pytest.mark.parametrize(
    ("language", "question", "expected"),
    [
        ("fr", "Est-ce que KDDI est certifié ?", True),
        ("fr", "est ce qu’il pleut ?", True),
        ("fr", "Combien KDDI a-t-il reçu ?", False),
        ("en", "Is KDDI certified?", True),
        ("en", "What is KDDI?", False),
        ("ja", "KDDIは認定されましたか。", True),
        ("fr", "Le courant est-il plus cher à Brest ou à Nantes ?", False),
        ("en", "Is it cheaper in Chennai or in Pune?", False),
        ("fr", "Le courant est-il plus cher à Brest, oui ou non ?", True),
        ("ja", "橋は安いですか、それとも高いですか。", False),
        ("ja", "認定されたのは何社ですか。", False),
        ("ja", "代表者はどなたですか。", False),
        ("en", "I run a small port. Do I have to pay?", True),
        ("en", "Does anyone know who built it?", False),
        ("fr", "Les données qui servent à l’entraînement seront-elles publiées ?", True),
        ("fr", "L’agence se range-t-elle à tout ce que la Cour juge urgent ?", True),
        ("fr", "Avec la fibre, faut-il une pile quand le courant est coupé ?", True),
        ("fr", "La nuit, suis-je obligé d’appeler d’abord ?", True),
        ("fr", "La panne, c’était un piratage ?", True),
        ("fr", "Le robot des mairies, c’est quoi ?", False),
        ("fr", "Pourriez-vous me dire quel ingénieur a dirigé le projet ?", False),
        ("fr", "À quoi M. Schroeder attribue-t-il ces progrès ?", False),
        ("fr", "Quand les machines (d’Osaka) doivent-elles entrer en service ?", False),
        ("fr", "À partir de quand les offres devront-elles passer l’épreuve ?", False),
        ("en", "Someone copies the weights abroad: does that count as exporting?", True),
        ("en", "If the forecasts are no better, is there any point to them?", True),
        ("en", "Can you send in an application by email?", True),
        ("en", "Can you tell me the price?", False),
        ("en", "Is the port older than the bridge, or the other way round?", False),
        ("ja", "市民の質問への回答を任せることはできるか", True),
        ("ja", "電話だけ光にできる？", True),
        ("ja", "切り替え先が決まらなくても切られてしまうのでしょうか", True),
        ("ja", "届け出はどこに出すのですか", False),
    ],
)
def test_yes_or_no_questions(language: str, question: str, expected: bool) -> None:
    assert asks_yes_or_no(question, language) is expected


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("Le modèle et le nombre de GPU n’ont pas été trouvés.", True),
        ("The opening date is not known.", True),
        ("第1期の予算総額も確認できなかった。", True),
        ("The tram opened in 2021.", False),
        ("L’aide atteint 42,1 milliards de yens.", False),
        ("助成は最大421億円である。", False),
        ("Le contrat n’a pas été suspendu : aucun autre fournisseur n’est certifié.", False),
        ("Le prix n’a jamais été communiqué.", True),
        ("The quay is open to all ships.", False),
        ("The question remains open.", True),
        ("Hospitals pay nothing, nor are schools charged.", False),
        ("The price was not given, nor was a date published.", True),
    ],
)
def test_sentences_that_say_that_something_is_not_known(sentence: str, expected: bool) -> None:
    assert states_absence(sentence) is expected


@pytest.mark.parametrize(
    ("language", "question", "expected"),
    [
        ("en", "Which vendor won the order to build ABCI 3.0?", True),
        ("en", "kddi new president, name?", True),
        ("en", "Who pays?", True),
        ("en", "What is an AI factory?", False),
        ("fr", "Qui dirige SAKURA internet ?", True),
        ("fr", "Comment s’appelle la filiale de RUTILEA ?", True),
        ("fr", "Quel constructeur a décroché la commande ?", True),
        ("fr", "Quelle est la différence entre un GPU et un serveur ?", False),
        ("ja", "2025年4月に会談した首相は誰ですか", True),
        ("ja", "Gefionを構築したメーカーはどこ", True),
        ("ja", "主権AIとは何ですか", False),
    ],
)
def test_questions_for_a_name(language: str, question: str, expected: bool) -> None:
    assert (what_is_asked(question, language).kind == "name") is expected


@pytest.mark.parametrize(
    ("language", "question", "text", "expected"),
    [
        ("en", "Who built ABCI 3.0?", "HPE built ABCI 3.0.", {"hpe"}),
        ("en", "Who built ABCI 3.0?", "ABCI 3.0 was built in January 2025.", set()),
        ("en", "Which GPU model did it buy?", "The company bought graphics cards.", set()),
        ("en", "Which GPU model did it buy?", "It bought 120 RTX A4000 cards.", {"rtx", "a4000"}),
        ("fr", "Qui dirige la filiale ?", "La filiale est dirigée par Anne Morel.", {"anne", "morel"}),
        ("ja", "構築したのはどこですか", "構築したのはエヴィデンである。", {"エヴィデン"}),
        ("ja", "構築したのはどこですか", "構築は去年に終わった。", set()),
    ],
)
def test_names_that_the_question_does_not_give(language: str, question: str, text: str, expected: set[str]) -> None:
    assert new_names(text, question, language) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [("It holds 240,000 books.", False), ("It had a staff of about 30 in 2020.", True), ("35人が直した。", True)],
)
def test_a_count_of_other_things_is_no_count_of_people(text: str, expected: bool) -> None:
    question, language = ("How many people work there?", "en") if text.isascii() else ("何人が直しましたか", "ja")
    assert contains(what_is_asked(question, language), question, text, language) is expected


@pytest.mark.parametrize(
    ("language", "question", "expected"),
    [
        ("ja", "火事のあと、置き方をどう変えましたか", True),
        ("ja", "橋はどの川にありますか", False),
        ("fr", "Qu'est-ce qui a déclenché l'incendie ?", True),
        ("fr", "Qu'est-ce qui est exposé ?", False),
        ("en", "What caused the fire?", True),
        ("en", "What is the fire brigade called?", False),
    ],
)
def test_questions_for_a_reason_or_a_way(language: str, question: str, expected: bool) -> None:
    assert asks_to_explain(question, language) is expected
