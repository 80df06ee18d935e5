"""What a question is about, and evidence that is about something else."""

from dataclasses import replace

import pytest

from assistant.figure_subject import of_another_kind
from assistant.subject import missing_subjects, off_subject, unknown_names
from index.records import RetrievedPassage

Hits = dict[str, RetrievedPassage]


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("Who built Gefion?", {"gefion"}),
        ("Gefionを構築したメーカーはどこ", {"gefion"}),
        ("number of H100s at the site", set()),
        ("What does the Marlow Harbour's pier cost?", {"marlow", "harbour"}),
        ("Combien de GPU ?", set()),
        ("When did KDDI open it?", set()),
    ],
)
def test_names_that_the_table_lacks(question: str, expected: set[str]) -> None:
    assert unknown_names(question) == expected


@pytest.mark.parametrize(
    ("question", "text", "expected"),
    [
        ("Who built Gefion?", "Eviden built Gefion.", ""),
        ("Who built Gefion?", "HPE built the machine.", "says nothing of gefion"),
        ("How much did KDDI get?", "SoftBank got ¥42.1 billion.", "about another company than KDDI"),
        ("When did Huang meet Ishiba?", "Jensen Huang came to Tokyo.", "says nothing of Shigeru Ishiba"),
        ("Which has more GPUs, Gefion or KDDI?", "Gefion has 1,528 GPUs.", ""),
        ("Which has more GPUs, Gefion or KDDI?", "The dam has 4 gates.", "says nothing of KDDI, gefion"),
        ("Who wrote 『潮騒』?", "Mishima wrote 『潮騒』.", ""),
        ("What keeps the halls at Ishikari cool?", "Cooling adds 15% to the bill.", "says nothing of Ishikari"),
        ("What keeps the halls at Ishikari cool?", "At Ishikari, the wind does.", ""),
        ("How fast is Fugaku?", "An exaflop is 1,000 petaflops.", "says nothing of Fugaku"),
        ("Which machine has Denmark?", "The Danish machine runs.", ""),
        ("Who wrote 『潮騒』?", "Mishima wrote 『金閣寺』.", "says nothing of 潮騒"),
    ],
)
def test_evidence_about_something_else(island_hits: Hits, question: str, text: str, expected: str) -> None:
    hit = island_hits["en/tram.md"]
    passage = replace(hit.passage, title="Notes", section="", text=text, date="")
    assert off_subject(question, "en", [passage]) == expected


def test_a_name_may_stand_elsewhere_in_the_document(island_hits: Hits) -> None:
    passage = replace(island_hits["en/tram.md"].passage, title="Notes", section="", text="HPE built the machine.")
    named = replace(passage, passage_id="other", text="Gefion stands in Copenhagen.")
    assert off_subject("Who built Gefion?", "en", [passage], [named]) == ""
    assert off_subject("Who built Gefion?", "en", [passage], [replace(named, document_id="another")]) != ""


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("マネに影響したのは誰ですか", "says nothing of マネ"),
        ("小獣林王の跡を継いだのは誰ですか", "says nothing of 小獣林王"),
        ("フェリーに影響したのは誰ですか", ""),
        ("誰が乗るのですか", ""),
    ],
)
def test_a_japanese_question_has_one_of_its_longer_words_in_the_document(
    island_hits: Hits, question: str, expected: str
) -> None:
    passage = replace(island_hits["ja/ferry.md"].passage, title="", section="", text="フェリーは毎日運航する。")
    assert off_subject(question, "ja", [passage]) == expected


@pytest.mark.parametrize(
    ("question", "language"), [("Qui exploite le ferry de Yuzawa ?", "fr"), ("Who runs Yuzawa?", "en")]
)
def test_another_script_writes_names_in_its_own_way(island_hits: Hits, question: str, language: str) -> None:
    assert off_subject(question, language, [island_hits["ja/ferry.md"].passage]) == ""
    assert off_subject(question, language, [island_hits["en/tram.md"].passage]) == "says nothing of yuzawa"


def test_the_sentence_before_may_name_the_subject(island_hits: Hits) -> None:
    passage = replace(island_hits["en/tram.md"].passage, title="Grants", section="")
    question, before = "How much did KDDI get?", "KDDI applied in 2024."
    assert not missing_subjects(question, "It got ¥10.24 billion.", passage, before)
    assert missing_subjects(question, "SoftBank got ¥42.1 billion.", passage, before)


def test_a_sentence_must_name_what_its_headings_do_not(island_hits: Hits) -> None:
    passage = replace(island_hits["en/tram.md"].passage, title="Grants", section="")
    question = "How much did KDDI get?"
    assert missing_subjects(question, "It got ¥10.24 billion.", passage)
    assert not missing_subjects(question, "KDDI got ¥10.24 billion.", passage)
    assert not missing_subjects(question, "It got ¥10.24 billion.", replace(passage, section="KDDI"))


@pytest.mark.parametrize(
    ("question", "sentence", "expected"),
    [
        ("How much did SoftBank invest?", "METI granted SoftBank ¥42.1 billion.", True),
        ("How much did SoftBank invest?", "SoftBank invests ¥150 billion, of which METI subsidises a part.", False),
        ("Combien SoftBank investit-il ?", "L’aide atteint 42,1 milliards de yens.", True),
        ("ソフトバンクはいくら投資しますか", "最大421億円を助成する。", True),
        ("How much did it cost?", "METI granted SoftBank ¥42.1 billion.", False),
        ("How much did SoftBank invest?", "It came to ¥42.1 billion.", False),
    ],
)
def test_an_investment_is_no_subsidy(question: str, sentence: str, expected: bool) -> None:
    assert of_another_kind(question, sentence) is expected


def test_a_place_decides_only_where_something_around_mentions_it(island_hits: dict[str, RetrievedPassage]) -> None:
    question = "How many stops has the tram in Canada?"
    tram, ferry = island_hits["en/tram.md"].passage, island_hits["ja/ferry.md"].passage
    assert off_subject(question, "en", [tram], known_only=True) == ""
    assert off_subject(question, "en", [tram]) == "says nothing of Canada"
    abroad = replace(ferry, text=f"{ferry.text} カナダにもある。")
    assert off_subject(question, "en", [tram], [abroad], known_only=True) == "says nothing of Canada"
