"""A true sentence about something else than was asked is no answer; and the office and capitals that this rests on."""

from dataclasses import replace

import pytest

from assistant.as_written import as_written
from assistant.asked import what_is_asked
from assistant.figures import find_figures
from assistant.relevance import Aim
from assistant.roles import names_office, office_asked
from index.records import RetrievedPassage

Hits = dict[str, RetrievedPassage]


@pytest.mark.parametrize(
    ("language", "question", "office"),
    [
        ("fr", "Quel Premier ministre japonais a-t-il rencontré ?", "prime minister"),
        ("fr", "Qui était le ministre de l’Économie en 2024 ?", "minister"),
        ("fr", "Quel est le nom du président de KDDI ?", "head of an organisation"),
        ("fr", "Qui le premier ministre a-t-il rencontré ?", ""),
        ("fr", "Qui dirige SAKURA internet ?", ""),
        ("fr", "Qui est à la tête du port ?", ""),
        ("en", "who leads the harbour board?", ""),
        ("en", "Which prime minister did Huang meet in 2023?", "prime minister"),
        ("en", "Who was METI minister at the time?", "minister"),
        ("en", "Who is the president of KDDI?", "head of an organisation"),
        ("en", "When did the prime minister meet Huang?", ""),
        ("ja", "フアン氏が会談した首相は誰ですか。", "prime minister"),
        ("ja", "KDDIの社長の名前は？", "head of an organisation"),
        ("ja", "首相はいつ訪問しましたか。", ""),
    ],
)
def test_office_asked(language: str, question: str, office: str) -> None:
    assert office_asked(question, language) == office


@pytest.mark.parametrize(
    ("text", "office", "expected"),
    [
        ("Yasutoshi Nishimura, alors ministre de l’Économie", "prime minister", False),
        ("le Premier ministre Fumio Kishida", "prime minister", True),
        ("le Premier ministre Fumio Kishida", "minister", False),
        ("岸田文雄首相と会談した", "prime minister", True),
        ("西村康稔経済産業大臣", "minister", True),
        ("KDDIの松田浩路社長", "head of an organisation", True),
        ("la direction générale est exercée par Jean Marot", "head of an organisation", True),
        ("Ada Lind en a été la première directrice", "head of an organisation", True),
        ("Ada Lind, who has run the programme since 2020", "head of an organisation", True),
        ("技術責任者の山田花子さん", "head of an organisation", True),
        ("Ada Lind wrote the report", "head of an organisation", False),
    ],
)
def test_office_named(text: str, office: str, expected: bool) -> None:
    assert names_office(text, office) is expected


@pytest.mark.parametrize(
    ("question", "sentence", "section", "reason"),
    [
        ("Which prime minister met Huang?", "Huang met Ken Saito, the minister.", "Visits", "names no prime minister"),
        ("Which prime minister met Huang?", "Huang met Fumio Kishida, the prime minister.", "Visits", ""),
        ("Which prime minister met Huang?", "Huang met Fumio Kishida.", "The prime minister's guests", ""),
        ("When did the second one open?", "The first one opened in 2020.", "", "about another one of several"),
        ("How much did it cost in 2024?", "It cost ¥2 billion in 2023.", "", "about another year"),
        ("How much did it cost in 2024?", "It cost ¥2 billion.", "", ""),
        ("How much will it cost over 2022-2027?", "An amendment of July 2024 put it at ¥2 billion.", "", ""),
        ("How much will it cost over 2022-2027?", "It was ¥2 billion in 2021.", "", "about another year"),
        ("How much did it cost in 2024?", "It cost ¥2 billion from 2022 to 2026.", "", ""),
        ("How many came in 2021?", "100,000 came in 2021, 128,000 in 2022.", "", ""),
        ("How many came?", "128,000 came in 2022.", "", ""),
        ("When was the plan of 2021 carried out?", "It opened on 3 May 2022.", "", ""),
        ("When did KDDI get it?", "| 7 July 2023 | SoftBank | ¥5.3 billion |", "", "about another company"),
        ("When did KDDI get it?", "| 7 July 2023 | KDDI | ¥5.3 billion |", "", ""),
        ("Which six companies were certified?", "KDDI is one of the six AI companies of METI.", "", "names too few"),
        ("Which six companies were certified?", "They are KDDI, Zephyra and Brenmoor.", "", ""),
        ("Which six companies were certified?", "They are KDDI, SoftBank, RUTILEA and GMO.", "", ""),
        ("Which company was certified?", "KDDI was certified.", "", ""),
        ("How many GPUs of NVIDIA has KDDI?", "KDDI runs 2,000 H100s.", "", ""),
        ("How much did KDDI get?", "The grant is ¥5.3 billion.", "SoftBank's grant", "about another company"),
        ("How much did KDDI get?", "KDDI got ¥10.24 billion.", "SoftBank's rivals", ""),
        ("How much did NVIDIA put into KDDI?", "KDDI raised ¥2 billion.", "", "about another company"),
        ("How much did NVIDIA put into KDDI?", "NVIDIA put ¥2 billion into KDDI.", "", ""),
        ("When did the site open?", "The opening is planned for May 2027.", "", "planned, not done"),
        ("When did the site open?", "The site opened in May 2025.", "", ""),
        ("When will the site open?", "The opening is planned for May 2027.", "", ""),
        ("How much did KDDI get for Genkai?", "KDDI got ¥2 billion in Kagawa.", "", "about another place"),
        ("How much did KDDI get for Genkai?", "KDDI got ¥2 billion in Kagawa.", "Genkai", ""),
        ("How much did KDDI get for Genkai?", "KDDI got ¥2 billion.", "", ""),
        ("What is the total of the two wings?", "The east wing cost £2 million.", "", "one of the figures to add"),
        ("What is the total of the two wings?", "The wings cost £5 million in total.", "", ""),
        ("What is the total of the two wings?", "The wings cost £2 million and £3 million.", "", ""),
    ],
)  # fmt: skip
def test_what_a_sentence_misses(island_hits: Hits, question: str, sentence: str, section: str, reason: str) -> None:
    passage = replace(island_hits["en/tram.md"].passage, title="Notes", section=section, text=sentence)
    assert Aim(question, "en").missed_by(sentence, passage) == reason


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("How did it go from 70 to 120 billion parameters?", "says nothing of the figures asked about"),
        ("How did it go from 3 to 4 layers?", ""),
        ("How did it go from 70 to 130 million gates?", ""),
        ("How did it grow?", ""),
    ],
    ids=["stands elsewhere", "small numbers", "not in the passage", "no figures"],
)
def test_an_answer_stands_near_the_figures_of_its_question(island_hits: Hits, question: str, expected: str) -> None:
    first, then = "The model did well in a blind test of its own makers.", "Layers made 120 billion parameters of it."
    passage = replace(island_hits["en/tram.md"].passage, title="", section="", text=f"{first} {then}")
    assert Aim(question, "en").missed_by(first, passage) == expected
    assert Aim(question, "en").missed_by(then, passage) == ""


def test_a_value_that_the_next_sentence_replaces_is_not_the_answer(island_hits: Hits) -> None:
    passage = island_hits["en/tram.md"].passage
    first, then = "The pier was originally due in March 2026.", "It is now expected in October 2026."
    assert Aim("When will the pier open?", "en").missed_by(first, passage, then) == "a value since replaced"
    assert Aim("When was the pier originally due?", "en").missed_by(first, passage, then) == ""
    assert Aim("When will the pier open?", "en").missed_by(then, passage, "It has two decks.") == ""


def test_a_title_may_name_the_one_that_is_meant(island_hits: Hits) -> None:
    aim, sentence = Aim("Who chairs the panel of the second call?", "en"), "Ada Lind chairs it; the first had no chair."
    passage = replace(island_hits["en/tram.md"].passage, title="The second call", section="", text=sentence)
    assert aim.missed_by(sentence, passage) == ""
    assert aim.missed_by(sentence, replace(passage, title="Calls")) == "about another one of several"
    assert aim.missed_by("Ada Lind chairs it.", replace(passage, title="The first call")) == ""


def test_the_beginning_of_a_year_is_no_first_plan(island_hits: Hits) -> None:
    passage = replace(island_hits["fr/barrage.md"].passage, title="", section="")
    then = "Le nombre a été porté à 210 en mai."
    aim = Aim("Combien de postes sont occupés ?", "fr")
    assert aim.missed_by("Sur 240 postes, 186 étaient pourvus au début de l'année.", passage, then) == ""
    assert aim.missed_by("Au début, 186 postes étaient pourvus.", passage, then) == "a value since replaced"


@pytest.mark.parametrize(
    ("question", "claim", "expected"),
    [
        ("How many gates has the Corvanne dam?", "The weir of Dunmore has 4 gates.", True),
        ("How many gates has the Corvanne dam?", "The Corvanne dam has 4 gates, and Dunmore 3.", True),
        ("How many gates has the Corvanne dam?", "It has 4 gates.", False),
        ("Why has the Corvanne dam gates?", "The weir of Dunmore has 4 gates.", False),
        ("Which has more gates, Corvanne or Dunmore?", "The weir of Eastwick has 4 gates.", False),
    ],
)
def test_figures_of_another_name(island_hits: Hits, question: str, claim: str, expected: bool) -> None:
    assert Aim(question, "en").of_another_name(claim, [island_hits["en/tram.md"].passage]) is expected
    assert not Aim(question, "en").of_another_name(claim, [island_hits["ja/ferry.md"].passage])


@pytest.mark.parametrize(
    ("question", "quote", "expected"),
    [
        ("Quand l’usine a-t-elle ouvert ?", "2022年4月に着工し、2024年2月24日に開所した。", True),
        ("Quand l’usine a-t-elle ouvert ?", "2022年4月に着工した。", False),
        ("Où est l’usine depuis avril 2022 ?", "2022年4月に着工し、2024年2月24日に開所した。", False),
        ("Quand l’usine lancée en avril 2022 a-t-elle ouvert ?", "2022年4月に着工し、2024年2月24日に開所した。", False),
    ],
)
def test_one_of_several_dates(question: str, quote: str, expected: bool) -> None:
    claim = "L’usine a ouvert le 24 février 2024."
    assert Aim(question, "fr").chosen_date(claim, find_figures(quote, "ja")) is expected


@pytest.mark.parametrize(
    ("language", "question", "kind"),
    [
        ("en", "Who was minister when the plans were approved?", "name"),
        ("en", "When did who resign?", "date"),
        ("ja", "KDDIの社長の名前は？", "name"),
        ("ja", "経済産業省からの助成額は？", "figure"),
    ],
)
def test_the_first_thing_asked_counts(language: str, question: str, kind: str) -> None:
    assert what_is_asked(question, language).kind == kind


TEXTS = ("The plant of RUTILEA in Okuma opened.", "Visitors come to Genkai. Doors are closed: doors of steel.")


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("when did the second rutilea plant in okuma open?", "when did the second RUTILEA plant in Okuma open?"),
        ("genkai, visitors?", "Genkai, visitors?"),
        ("when did the doors open?", "when did the doors open?"),
        ("What of okuma and KDDI?", "What of okuma and KDDI?"),
        ("", ""),
    ],
    ids=["names", "first word of a sentence", "also written small", "has capitals itself", "nothing"],
)
def test_names_get_their_capitals(question: str, expected: str) -> None:
    assert as_written(question, "en", TEXTS) == expected


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("cout de la premiere etape a tomakomai", "coût de la première étape a Tomakomai"),
        ("quelle est la cote du marche ?", "quelle est la cote du marche ?"),
        ("coût de la premiere etape", "coût de la premiere etape"),
        ("puissance en petaflops", "puissance en pétaflops"),
        ("qui accorde et entre, mais quelle capacite", "qui accorde et entre, mais quelle capacité"),
    ],
    ids=[
        "accents and names",
        "several words",
        "has accents itself",
        "small in French, large in a heading",
        "other words",
    ],
)
def test_french_words_get_their_accents(question: str, expected: str) -> None:
    texts = (
        "La première étape, à Tomakomai, a un coût élevé. On marche : le marché et le côté, la cote.",
        "442 pétaflops, accordé ; entré, le maïs ; la capacité",
        "Peak Petaflops",
    )
    assert as_written(question, "fr", texts) == expected
