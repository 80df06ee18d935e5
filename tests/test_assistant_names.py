"""Names across languages: known ones in any script, unknown ones letter by letter."""

import pytest

from assistant.names import groups_in, in_language, missing_names, name_groups, named_spans, other_forms


def test_the_table_has_each_name_in_three_languages_once() -> None:
    groups = name_groups()
    assert groups
    assert all(group.fr and group.en and group.ja for group in groups)
    assert len({group.en for group in groups}) == len(groups)
    assert {group.kind for group in groups} <= {"company", "person", "body", "place", "law", "term"}


@pytest.mark.parametrize("text", ["SoftBank invests.", "ソフトバンクは投資する。", "SOFTBANK Corp. investit."])
def test_a_known_name_is_recognised_in_any_script(text: str) -> None:
    assert "SoftBank" in {group.en for group in groups_in(text)}


def test_a_name_inside_a_word_is_no_name() -> None:
    assert "METI" not in {group.en for group in groups_in("A metier of sometimes")}


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("経済産業省はソフトバンクを認定した。", "en", "METIはSoftBankを認定した。"),
        ("METI certified SoftBank.", "ja", "経済産業省 certified ソフトバンク."),
        ("Nothing known here.", "fr", "Nothing known here."),
    ],
)
def test_names_in_the_form_of_the_reader(text: str, language: str, expected: str) -> None:
    assert in_language(text, language) == expected


@pytest.mark.parametrize("language", ["fr", "en", "ja"])
def test_names_in_the_form_of_the_reader_stay_when_done_twice(language: str) -> None:
    text = " / ".join(form for group in name_groups() for form in group.forms)
    once = in_language(text, language)
    assert in_language(once, language) == once


def test_other_forms_widen_a_search() -> None:
    forms = other_forms("Combien SoftBank va-t-il investir ?")
    assert "ソフトバンク" in forms
    assert "SoftBank" not in forms
    assert other_forms("Combien coûte le tram ?") == []


@pytest.mark.parametrize(
    ("claim", "evidence"),
    [
        ("The room was restored by Larkspur Joinery.", "La salle a été restaurée par Larkspur Joinery."),
        ("SoftBank will invest.", "ソフトバンクは投資する。"),
        ("経済産業省が認定した。", "The ministry (METI) certified six companies."),
        ("Le musée du Sel est une saline.", "Le musée du Sel a accueilli des visiteurs."),
        ("Restoration took two years.", "The works took two years."),
        ("According to the council, it opened.", "It opened."),
        ("データセンターのシステムを整備する。", "The centre and its system are built."),
        ("青浜フェリーは運航を始めた。", "青浜フェリーは2022年4月に運航を始めた。"),
        ("It cost £3.1 million in all.", "The restoration cost £3.1 million."),
        ("It opened in April 2022.", "2022年4月に開業した。"),
        ("It was opened on 4 June 2019.", "Elle a été mise en service le 4 juin 2019."),
        ("The budget for FY2024 is US$740 million.", "2024年度の予算は7億4,000万ドルである。"),
        ("The Japanese government paid for 15 MW.", "政府は15メガワットの費用を払った。"),
        ("ソフトバンクグループのクラウドサービスである。", "It is a cloud service of SoftBank Group."),
        ("パラメーターは130億で、フランス語のトークンを使う。", "It has 13 billion parameters and French tokens."),
        ("GMOインターネットグループのGPUを使う。", "It uses GPUs of GMO Internet Group."),
        ("La Corée du Sud et l'État japonais investissent.", "South Korea and the Japanese state invest."),
        ("The plan is at https://example.org/plan.", "See https://example.org/plan for the plan."),
        ("It was the 2011 Libyan civil war.", "The war in Libya began in 2011."),
        ("La frontière Rwandaise est proche.", "Le Rwanda est proche."),
        ("Au Japon, l'aide est versée.", "The Japanese government pays."),
        ("In Denmark it is paid.", "Une fondation danoise paie."),
        ("France pays.", "Le gouvernement français paie."),
        ("The United States pays.", "American firms pay."),
        ("スケートボーダーが跳ぶ。", "スケートボードで跳ぶ人がいる。"),
        ("Tanaka said so.", "田中邦裕社長が述べた。"),
        ("孫氏が語った。", "Masayoshi Son said so."),
        ("Hitachi et Fujitsu participent.", "日立製作所と富士通が加わる。"),
        ("The prime minister Sanae Takaichi decided.", "高市早苗首相が決めた。"),
        ("Jiji Press l'a écrit.", "時事通信が伝えた。"),
        ("It stands in Ayagawa and Takamatsu.", "綾川町と高松市にある。"),
    ],
)
def test_names_that_the_evidence_has(claim: str, evidence: str) -> None:
    assert missing_names(claim, [evidence]) == []


@pytest.mark.parametrize(
    ("claim", "evidence", "missing"),
    [
        ("The room was restored by Foxglove Carpentry.", "It was restored by Larkspur Joinery.", "Foxglove Carpentry"),
        ("KDDI will invest ¥150 billion.", "SoftBank will invest ¥150 billion.", "KDDI"),
        ("ソフトバンクが投資する。", "KDDIは投資する。", "SoftBank"),
        ("船はLarkspur Joineryが造り、KDDIが買った。", "船は造船所が造った。", "Larkspur Joinery"),
        ("船はLarkspur Joineryが造り、KDDIが買った。", "船は造船所が造った。", "KDDI"),
        ("フォックスグローブ社が造った。", "船は造船所が造った。", "フォックスグローブ"),
        ("レストランが開業した。", "青浜フェリーは運航を始めた。", "レストラン"),
        ("Read https://evil.example/offer for more.", "Read the offer for more.", "https://evil.example/offer"),
        ("![x](https://evil.example/p.png) It opened.", "It opened.", "https://evil.example/p.png"),
        ("It opened in April 2022 in Foxglove.", "2022年4月に開業した。", "Foxglove"),
        ("In Germany it is paid.", "It is paid in Italy.", "Germany"),
        ("It is in India.", "Elle est en Indonésie.", "India"),
        ("In Sweden it is paid.", "It is paid in Switzerland.", "Sweden"),
        ("A firm of Tanaka built it.", "It was built by Tanak.", "Kunihiro Tanaka"),
        ("It was built by Softwell.", "It was built of soft things.", "Softwell"),
        ("Hitachi l'a construit.", "富士通が造った。", "Hitachi"),
        ("La salle a été restaurée par Bellanger.", "La salle a été restaurée par un atelier.", "Bellanger"),
    ],
)
def test_a_name_that_the_evidence_lacks(claim: str, evidence: str, missing: str) -> None:
    assert missing in missing_names(claim, [evidence])


@pytest.mark.parametrize(
    ("claim", "missing"),
    [
        ("ジョブをいつどのマシンで動かすか決める。", []),
        ("フォックスグローブのジョブを動かす。", ["フォックスグローブ"]),
    ],
)
def test_a_common_katakana_word_may_be_one_of_evidence_in_another_script(claim: str, missing: list[str]) -> None:
    assert missing_names(claim, ["Kea decides when a job runs, and where."]) == missing


def test_a_name_may_stand_in_any_of_the_texts() -> None:
    assert missing_names("SoftBank and KDDI invest.", ["ソフトバンクは投資する。", "KDDI invests, too."]) == []


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        (
            "en",
            "In May 2024 METI paid SoftBank Corp. and the Brenmoor Library.",
            ["METI", "SoftBank", "brenmoor library"],
        ),
        ("fr", "L’université de Tokyo et Larkspur Joinery.", ["University of Tokyo", "larkspur joinery"]),
        ("ja", "経済産業省はKDDIとフォックスグローブのクラウドを支援する。", ["METI", "KDDI", "フォックスグローブ"]),
        ("en", "Restoration took 2,000 GPUs.", []),
    ],
)
def test_where_names_stand(language: str, text: str, expected: list[str]) -> None:
    spans = named_spans(text, language)
    assert [name if isinstance(name, str) else name.en for _, _, name in spans] == expected
    assert all(start < end <= len(text) for start, end, _ in spans)


def test_no_form_of_a_name_stands_for_two_names() -> None:
    forms: dict[str, set[str]] = {}
    for group in name_groups():
        for form in group.forms:
            forms.setdefault(form.casefold(), set()).add(group.en)
    assert {form: names for form, names in forms.items() if len(names) > 1} == {}


@pytest.mark.parametrize("text", ["Il a eu son aide.", "Elle a mis le sien.", "The oracle of the island spoke."])
def test_common_words_are_no_names(text: str) -> None:
    assert {group.en for group in groups_in(text)} <= {"Oracle"}
