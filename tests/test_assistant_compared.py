"""Which of two is larger or earlier: decided from one sentence for each, and nothing where a value is not certain."""

from dataclasses import replace

import numpy as np
import pytest

from assistant.compared import compared_claim
from assistant.quoting import ScoredSentence, Sentence
from index.records import RetrievedPassage

Hits = dict[str, RetrievedPassage]

GEFION = "Gefion has 1,528 GPUs."
ABCI = "ABCI 3.0 has 6,128 GPUs and opened in January 2025."


def ranked(hits: Hits, *texts: str, language: str = "en", section: str = "Machines") -> list[ScoredSentence]:
    """Sentences of one passage, best first."""
    hit = hits["en/tram.md"]
    text = " ".join(texts)
    passage = replace(hit.passage, text=text, start=0, end=len(text), language=language, section=section)
    return [
        ScoredSentence(
            replace(hit, passage=passage),
            Sentence(one, text.index(one), text.index(one) + len(one), language, np.zeros(4, np.float32)),
            1.0,
        )
        for one in texts
    ]


@pytest.mark.parametrize(
    ("language", "question", "texts", "expected"),
    [
        ("en", "Which has more GPUs, Gefion or ABCI 3.0?", (GEFION, ABCI),
         "ABCI 3.0 has more: 6,128 GPUs, against 1,528 GPUs for Gefion."),
        ("en", "Which has fewer GPUs, Gefion or ABCI 3.0?", (GEFION, ABCI),
         "Gefion has less: 1,528 GPUs, against 6,128 GPUs for ABCI 3.0."),
        ("en", "Which was earlier, the opening of ABCI 3.0 or that of Gefion?",
         (ABCI, "Gefion opened on 23 October 2024."),
         "Gefion came first: 23 October 2024, against January 2025 for ABCI 3.0."),
        ("en", "Which got more money, KDDI or RUTILEA?",
         ("KDDI got ¥10.24 billion.", "RUTILEA got ¥2.56 billion."),
         "KDDI has more: ¥10.24 billion, against ¥2.56 billion for RUTILEA."),
        ("ja", "KDDIとRUTILEA、助成の金額が大きいのはどちらですか。",
         ("KDDIへの助成は102億4,000万円。", "RUTILEAへの助成は25億6,000万円。"),
         "上回るのはKDDIです（102億4,000万円。RUTILEAは25億6,000万円）。"),
        ("en", "Which has more GPUs, Gefion or ABCI 3.0?",
         ("Gefion has 191 nodes of 8 GPUs each, 1,528 GPUs in all.", ABCI),
         "ABCI 3.0 has more: 6,128 GPUs, against 1,528 GPUs for Gefion."),
        ("fr", "ABCI 3.0 vs Gefion : qui a le plus de GPU ?",
         ("Gefion a 191 nœuds de huit GPU, soit 1 528 GPU.", "ABCI 3.0 a 6 128 GPU."),
         "ABCI 3.0 l’emporte : 6\u202f128\xa0GPU, contre 1\u202f528\xa0GPU pour Gefion."),
    ],
    ids=["larger", "smaller", "earlier", "money", "Japanese", "in all", "soit"],
)  # fmt: skip
def test_decided(island_hits: Hits, language: str, question: str, texts: tuple[str, ...], expected: str) -> None:
    claim = compared_claim(question, language, ranked(island_hits, *texts, language=language))
    assert claim is not None
    assert claim.text == expected
    assert {citation.quote for citation in claim.citations} == set(texts)
    assert len(claim.figures) == 2


def test_equal_values_have_no_winner(island_hits: Hits) -> None:
    found = ranked(island_hits, "KDDI got ¥2 billion.", "RUTILEA got ¥2 billion.")
    claim = compared_claim("Which got more money, KDDI or RUTILEA?", "en", found)
    assert claim is not None
    assert claim.text == "Both are equal: ¥2 billion for KDDI, ¥2 billion for RUTILEA."


@pytest.mark.parametrize(
    ("question", "texts"),
    [
        ("Which has more GPUs, Gefion or ABCI 3.0?", (GEFION,)),
        ("Which has more GPUs, Gefion or ABCI 3.0?", (GEFION, "ABCI 3.0 has 6,128 GPUs, and 960 GPUs elsewhere.")),
        ("Which has more GPUs, Gefion or ABCI 3.0?", (GEFION, "ABCI 3.0 has 4 GPUs for each 1 of Gefion.")),
        ("Which has more GPUs, Gefion or ABCI 3.0?", (GEFION, "ABCI 3.0 has 6,128 nodes.")),
        ("Which has more GPUs, Gefion, Leonardo or ABCI 3.0?", (GEFION, ABCI)),
        ("How many GPUs has ABCI 3.0?", (ABCI,)),
        ("Which firm of KDDI runs the first building of RUTILEA?", ("KDDI has 1 site.", "RUTILEA has 2 sites.")),
        ("Which was earlier, ABCI 3.0 or Gefion?", (ABCI, "Gefion opened in 2025.")),
    ],
    ids=["one side only", "two values", "both sides", "another unit", "three sides", "no comparison", "no sides",
         "overlapping dates"],
)  # fmt: skip
def test_not_decided(island_hits: Hits, question: str, texts: tuple[str, ...]) -> None:
    assert compared_claim(question, "en", ranked(island_hits, *texts)) is None


def test_a_heading_names_the_thing_of_its_sentences(island_hits: Hits) -> None:
    found = ranked(island_hits, GEFION) + ranked(island_hits, "It has 6,128 GPUs.", section="National › ABCI 3.0")
    claim = compared_claim("Which has more GPUs, Gefion or ABCI 3.0?", "en", found)
    assert claim is not None
    assert "ABCI 3.0 has more: 6,128 GPUs" in claim.text
