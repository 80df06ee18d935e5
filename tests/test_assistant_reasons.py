"""A question that asks why gets the next sentence, too, where the one that answers gives no reason itself."""

import pytest

from assistant.extractive import quoted_whole
from assistant.quoting import SentenceIndex
from assistant.reasons import asks_why, gives_reason
from index.records import Passage, RetrievedPassage


@pytest.mark.parametrize(
    ("language", "question", "expected"),
    [
        ("fr", "Pourquoi l'entrée en Bourse a-t-elle été annulée ?", True),
        ("fr", "Quand l'entrée en Bourse a-t-elle été annulée ?", False),
        ("en", "What was behind the delay?", True),
        ("en", "How long was the delay?", False),
        ("ja", "遅れた理由は何ですか。", True),
        ("ja", "いつ遅れましたか。", False),
        ("de", "Warum?", False),
    ],
)
def test_asks_why(language: str, question: str, expected: bool) -> None:
    assert asks_why(question, language) is expected


@pytest.mark.parametrize(
    ("language", "sentence", "expected"),
    [
        ("fr", "Elle a été annulée car les banques n'y croyaient plus.", True),
        ("fr", "Elle a été annulée trois semaines avant la date.", False),
        ("en", "It was late because of the weather.", True),
        ("en", "It was three weeks late.", False),
        ("ja", "部品が不足したため遅れた。", True),
        ("ja", "3週間遅れた。", False),
    ],
)
def test_gives_a_reason(language: str, sentence: str, expected: bool) -> None:
    assert gives_reason(sentence, language) is expected


@pytest.mark.parametrize(
    ("text", "question", "quoted"),
    [
        (
            "The listing was called off in June. The banks had lost interest. It had 300 workers.",
            "Why was the listing called off?",
            "The listing was called off in June. The banks had lost interest.",
        ),
        (
            "The listing was called off in June. The banks had lost interest.",
            "When was the listing called off?",
            "The listing was called off in June.",
        ),
        (
            "The listing was called off because of the banks. It had 300 workers.",
            "Why was the listing called off?",
            "The listing was called off because of the banks.",
        ),
        (
            "The listing was called off in June.\n\nThe banks have 300 workers.",
            "Why was the listing called off?",
            "The listing was called off in June.",
        ),
    ],
    ids=["reason after", "no reason asked", "reason within", "another paragraph"],
)
def test_the_reason_is_quoted_too(sentence_index: SentenceIndex, text: str, question: str, quoted: str) -> None:
    hit = RetrievedPassage(Passage("d#list", "d", "Listing", "", text, 0, len(text), "en"), 0.9, 1.0, 1.0)
    ranked = sentence_index.ranked(question, "en", [hit])
    item = next(one for one in ranked if "called off" in one.sentence.text)
    assert quoted_whole(item, 1, sentence_index, question).text == quoted
