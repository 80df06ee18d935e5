import pytest

from eval.matching import Accepted, split_items
from eval.questions import EvalQuestion


def _accepted(answer: str, *aliases: str, kind: str = "number", lang: str = "en") -> Accepted:
    return Accepted(EvalQuestion("q", lang, "?", True, answer, tuple(aliases), kind))


@pytest.mark.parametrize(
    ("answer", "lang", "text", "language"),
    [
        ("¥114.6 billion", "en", "L'aide atteint 114,6 milliards de yens.", "fr"),
        ("¥114.6 billion", "en", "合計は1,146億円である。", "ja"),
        ("114,6 milliards de yens", "fr", "The total is ¥114.6 billion.", "en"),
        ("約1,000億円", "ja", "About ¥100 billion is planned.", "en"),
        ("30%", "en", "国内企業のシェアは3割だ。", "ja"),
        ("27 October 2023", "en", "2023年10月27日に公開された。", "ja"),
        ("2016", "en", "The machine has run since April 2016.", "en"),
        ("7 billion parameters", "en", "モデルは70億パラメーターである。", "ja"),
        ("¥1.93 billion", "en", "It was ¥1.93 billion, the smallest amount.", "en"),
    ],
)
def test_a_figure_is_accepted_in_any_notation(answer: str, lang: str, text: str, language: str) -> None:
    assert _accepted(answer, lang=lang).found_in(text, language) == answer


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        ("¥114.6 billion", "The total is ¥114.6 million."),
        ("¥114.6 billion", "The total is US$114.6 billion."),
        ("¥42.1 billion", "The total is ¥142.1 billion."),
        ("10 May 2024", "It was announced in May 2024."),
        ("10 May 2024", "It was announced on 10 May 2025."),
        ("30%", "The share rose by 30 points."),
        ("2,000 GPUs", "There are 20,000 GPUs."),
        ("1.15", "It cost ¥1.15 billion."),
    ],
)
def test_another_figure_is_not_accepted(answer: str, text: str) -> None:
    assert _accepted(answer).found_in(text, "en") == ""


def test_an_alias_is_read_in_the_language_that_agrees_with_the_reference() -> None:
    # in French, "2,000" would be two: an answer that says 2 must not pass
    accepted = _accepted("environ 2 000 GPU", "2,000", lang="fr")
    assert accepted.found_in("Il y a 2000 GPU.", "fr")
    assert accepted.found_in("Il y a 2 GPU.", "fr") == ""


def test_all_figures_of_a_wording_are_needed() -> None:
    accepted = _accepted("1999 and 1996", kind="disagreement")
    assert accepted.found_in("Yomiuri says 1999, Toyo Keizai 1996.", "en")
    assert accepted.found_in("Yomiuri says 1999.", "en") == ""


def test_names_are_accepted_by_alias_only() -> None:
    accepted = _accepted("HPE", "Hewlett Packard Enterprise", kind="name")
    assert accepted.found_in("米HPEが受注した。", "ja") == "HPE"
    assert accepted.found_in("Built by Hewlett-Packard Enterprise.", "en") == "Hewlett Packard Enterprise"
    assert accepted.found_in("Built by HP.", "en") == ""


class TestLists:
    answer = "Customer support, tacit knowledge in factories, technology for safety (such as alarms)"

    def test_every_item_must_be_there(self) -> None:
        accepted = _accepted("Sharp, HPE, Hitachi", kind="list")
        assert accepted.found_in("Hitachi, Sharp and HPE came.", "en") == "Sharp, HPE, Hitachi"
        assert accepted.found_in("Hitachi and HPE came.", "en") == ""
        assert accepted.share_of_items("Hitachi and HPE came.", "en") == pytest.approx(2 / 3)

    def test_an_alias_of_one_item_stands_for_that_item_only(self) -> None:
        accepted = _accepted(self.answer, "tacit knowledge in manufacturing", kind="list")
        whole = "Customer support, safety technology and tacit knowledge in manufacturing."
        assert accepted.found_in(whole, "en")
        assert accepted.share_of_items("Tacit knowledge in manufacturing.", "en") == pytest.approx(1 / 3)

    def test_a_whole_list_in_another_language_counts(self) -> None:
        accepted = _accepted(self.answer, "顧客対応、製造業の暗黙知、安全技術", kind="list")
        assert accepted.found_in("製造業の暗黙知、安全技術、顧客対応の三つ。", "ja")

    @pytest.mark.parametrize(
        ("text", "items"),
        [
            ("Sharp, HPE and Hitachi", ["Sharp", "HPE", "Hitachi"]),
            ("drones, pièces (de satellites, de fusées) et capteurs", ["drones", "pièces", "capteurs"]),
            ("設備（インフラ）、データ、人材", ["設備", "データ", "人材"]),
            ("¥1,000 and ¥2,000", ["¥1,000", "¥2,000"]),
            ("", []),
        ],
    )
    def test_items(self, text: str, items: list[str]) -> None:
        assert split_items(text) == items


class TestFreeText:
    gold = "Pour éloigner les centres de données des grandes villes."

    def test_a_close_wording_is_accepted(self) -> None:
        said = "au titre de l'éloignement des centres de données hors des grandes villes"
        alias = "éloigner les centres de données des grandes villes"
        assert _accepted(self.gold, alias, kind="why", lang="fr").found_in(said, "fr") == alias

    def test_the_same_wording_is_not_enough_for_a_name(self) -> None:
        said = "au titre de l'éloignement des centres de données hors des grandes villes"
        assert _accepted(self.gold, kind="name", lang="fr").found_in(said, "fr") == ""

    def test_a_close_wording_with_another_figure_is_refused(self) -> None:
        gold = "It was trained on about 150 billion further Japanese tokens."
        accepted = _accepted(gold, kind="how")
        assert accepted.found_in("It was trained on about 150 billion further Japanese tokens, they say.", "en")
        assert accepted.found_in("It was trained on about 350 billion further Japanese tokens.", "en") == ""

    def test_content_words_in_another_order_are_accepted(self) -> None:
        accepted = _accepted("by adding layers", kind="how")
        assert accepted.found_in("Layers were added.", "en") == ""
        assert accepted.found_in("It grew in layers, adding many.", "en") == "by adding layers"
