"""Sentence ends in three languages, and spans that hold every character."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.sentences import sentence_spans

CASES = {
    "fr titles": "M. Kishida a reçu Mme Dupont. Elle est partie.|2",
    "fr dotted": "Il soutient le calcul, p. ex. Les GPU. C’est tout.|2",
    "fr article": "L’art. 3 de la loi n° 43 (cf. p. 12) prévoit une aide. Elle est versée.|2",
    "fr decimals": "Le total est de 114,6 milliards. Le reste suit.|2",
    "fr marks with no-break space": "Vraiment\u202f? Oui\u202f! Bien.|3",
    "fr quote": "« Nous investirons. » Il est parti.|2",
    "fr quote goes on": "« Vraiment ? » demanda-t-il. Oui.|2",
    "fr ellipsis": "Il hésite… Puis il signe.|2",
    "fr initials": "J. Huang et F. Kishida se sont vus. La suite est connue.|2",
    "fr month": "Le 4 déc. 2023 il est venu. Il est reparti.|2",
    "en companies": "SAKURA internet Inc. and SoftBank Corp. announced it. GMO did too.|2",
    "en company ends": "The grant went to KDDI Corp. The rest went elsewhere.|2",
    "en country": "The U.S. government paid. The end.|2",
    "en country ends": "He lives in the U.S. The firm does not.|2",
    "en number": "It ranks No. 5 in Japan. That is high.|2",
    "en no": "He said no. The others agreed.|2",
    "en decimals": "It costs $1.2 billion. Nothing else.|2",
    "en version": "Version 3.5 is out. It is fast.|2",
    "en title": "Mr. Son met Dr. Kitano. They talked.|2",
    "en quotes": "He said “We will.” She left.|2",
    "en bracket": "(It was late.) Then it ended.|2",
    "en reference": "It ended.[2] Then it began.|2",
    "en et al": "Karpukhin et al. 2020 showed it. Others followed.|2",
    "en lower case follows": "It was approx. half of that. Fine.|2",
    "ja plain": "政府は支援する。金額は1,146億円である。|2",
    "ja quote": "首相は「支援する。必ずだ。」と述べた。以上である。|2",
    "ja brackets": "金額は大きい（約7.4億ドル。推計）という。次だ。|2",
    "ja marks": "本当か？はい！そうだ。|3",
    "ja nested": "『「はい。」と言え。』と命じた。終わり。|2",
    "ja stray bracket": "「閉じない括弧。" + "長い文が続く。" * 100 + "|many",
    "ja latin": "METIは認定した。SoftBank Corp.も含む。|2",
    "mixed": "METI said so. 経産省は発表した。C’est tout.|3",
    "paragraphs": "No point here\n\nA second paragraph|2",
    "headings": "# A title. With a point\nText one. Text two.|3",
    "list": "- one. Two.\n- three\n1. four|4",
    "table": "| a. B | b |\n|---|---|\n| 1. X | 2 ||3",
    "code": "```\nx = 1. Y\nz\n```|4",
    "numbered line": "1. First point. Second sentence.|2",
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_number_of_sentences(case: str) -> None:
    text, _, expected = case.rpartition("|")
    spans = sentence_spans(text)
    if expected == "many":
        assert len(spans) > 40
    else:
        assert len(spans) == int(expected), [text[start:end] for start, end in spans]


def test_quotes_stay_with_their_sentence() -> None:
    text = "首相は「支援する。」と述べた。 He said “Go.” Then he left."
    assert [text[start:end] for start, end in sentence_spans(text)] == [
        "首相は「支援する。」と述べた。",
        "He said “Go.”",
        "Then he left.",
    ]


@given(st.text(alphabet='aB1.!?…。！？「」（）"»« \n\t#-|`é,、;M', max_size=200))
def test_spans_hold_every_visible_character_once(text: str) -> None:
    spans = sentence_spans(text)
    position = 0
    for start, end in spans:
        assert position <= start < end
        assert not text[position:start].strip()
        assert text[start:end] == text[start:end].strip()
        position = end
    assert not text[position:].strip()
