"""Every metric on thirty answers equals the value worked out by hand; the arithmetic stands beside each."""

import json
import math
from collections import Counter

import pytest

from eval.answers import GivenAnswer, answer_line, parse_answer
from eval.case import Case, Library
from eval.grading import Grade, grade, grade_all, tabulate, unscored_reasons
from eval.metrics import METRICS, metric
from tests.eval_sample import (
    EN,
    FAILED,
    FR,
    GRANT_EN,
    GRANT_FR,
    INVEST_EN,
    JA,
    QUESTIONS,
    ROWS,
    Shelf,
    ask,
    cite,
    claim,
    to_answer,
)  # fmt: skip


def tokens(number: int) -> dict[str, int]:
    """Question number n read 100 n tokens and wrote n, where something was written at all."""
    return {"requests": 1, "prompt": 100 * number, "cached": 0, "answer": number}


@pytest.fixture(scope="module")
def grades() -> list[Grade]:
    answers = {
        row.question.id: GivenAnswer(FAILED, row.question.question, failure="RuntimeError: no answer today")
        if row.question.id == FAILED
        else parse_answer(
            json.loads(answer_line(row.question.id, to_answer(row), tokens(number) if row.claims else None))
        )
        for number, row in enumerate(ROWS, start=1)
    }
    found, unasked = grade_all(QUESTIONS, answers, Library(Shelf()))
    assert unasked == []
    return found


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.question.id)
def test_each_outcome_is_the_one_a_person_gives(grades: list[Grade], row: object) -> None:
    assert grades[ROWS.index(row)].outcome == row.outcome


def test_outcomes_add_up_to_thirty(grades: list[Grade]) -> None:
    assert Counter(item.outcome for item in grades) == {
        "correct": 16,  # e1 e3 e5 e6 · f1 f2 f3 f5 f6 f7 f10 · j1 j2 j3 j4 j6
        "wrong": 4,  # e2 e4 j5 j10
        "false refusal": 3,  # e7 f4 j7
        "right refusal": 4,  # e8 f8 j8 j9
        "false answer": 2,  # e9 f9
        "failed": 1,  # e10
    }


# 24 questions can be answered, 6 cannot. 22 answers were given; the question that broke counts with its worst value,
# so metrics of answers have n = 23, or 22 where an answer without any citation (f9) does not count.
BY_HAND = {
    "right": ((16 + 4) / 30, 30),
    "correct": (16 / 24, 24),
    "answer_precision": (16 / 23, 23),  # 22 answers and the one that broke
    "false_refusal": ((3 + 1) / 24, 24),
    "false_answer": (2 / 6, 6),
    "list_items": ((2 / 3 + 1) / 2, 2),  # e4 names two of three, e5 all
    "trigram_recall": ((1 + 0) / 2, 2),  # f3 holds the whole alias, f4 refuses
    "language": (21 / 23, 23),  # not f5 (English), not e10
    "subject_kept": ((1 + 0) / 2, 2),  # f1 asks with SoftBank, j2 without KDDI, the title of its document
    "retrieved_at_1": (19 / 24, 24),  # not e3 (rank 2), j4 (rank 3), e7, j10, e10
    "retrieved_at_3": (21 / 24, 24),
    "retrieved": (21 / 24, 24),
    "retrieved_mrr": ((19 + 1 / 2 + 1 / 3) / 24, 24),
    "retrieved_ndcg": ((19 + 1 / math.log2(3) + 1 / math.log2(4)) / 24, 24),
    "citation_hit": (18 / 21, 21),  # 20 answers to answerable questions and e10; not e3, j10, e10
    "gold_quote": (17 / 21, 21),  # not e3, j2, j10, e10
    "verbatim": (20 / 22, 22),  # not f7 (moved by one), e10
    "cited": ((20 + 1 / 2) / 23, 23),  # f6 cites one of two sentences; not f9, e10
    "citation_recall": ((14 + 1 / 2) / 23, 23),  # f6 half; not e2, e3, e9, f9, j2, j5, j10, e10
    "citation_precision": ((14 + 1 / 2) / 22, 22),  # f10 needs one of two; not e2, e3, e9, j2, j5, j10, e10
    "supported": ((20 + 1 / 2) / 23, 23),  # f6 half; not f9, e10
    "wrong_figure": (6 / 23, 23),  # e2, e9, f6, j2, j5, e10
    "extract": (1 / 22, 22),  # j6
    "failed": (1 / 30, 30),  # e10
    # question n took n seconds: 1 to 9 and 11 to 30, so the middle one of 29 is the fifteenth: 16
    "total_s": (16.0, 29),
    "total_s_p90": (27.2, 29),  # place 0.9 × 28 = 25.2 from 0: 27 + 0.2 × (28 - 27)
    # first token n / 10, only where something was written; n = 1-6 9 11-13 15-17 19-26 30: the 11th and 12th of 22
    "first_token_s": ((1.5 + 1.6) / 2, 22),
    # the same 22 questions: 21 + 9 + 36 + 48 + 180 + 30 = 324
    "prompt_tokens": (100 * 324 / 22, 22),
    "answer_tokens": (324 / 22, 22),
}


@pytest.mark.parametrize("name", BY_HAND)
def test_metric_equals_the_value_worked_out_by_hand(grades: list[Grade], name: str) -> None:
    one = tabulate(grades, resamples=50)["all"]["all"][name]
    value, n = BY_HAND[name]
    assert (one.value, one.n) == (pytest.approx(value), n)


def test_every_metric_is_worked_out_by_hand() -> None:
    assert {item.name for item in METRICS} == set(BY_HAND)


@pytest.mark.parametrize(
    ("division", "group", "value", "n"),
    [
        ("language", "en", 4 / 8, 8),
        ("language", "fr", 7 / 8, 8),
        ("language", "ja", 5 / 8, 8),
        ("kind", "list", 1 / 2, 2),
        ("kind", "why", 1 / 2, 2),
        ("pair", "en→en", 4 / 8, 8),
        ("pair", "fr→fr", 5 / 6, 6),
        ("pair", "fr→ja", 1 / 1, 1),
        ("pair", "fr→en", 1 / 1, 1),
        ("pair", "ja→ja", 4 / 7, 7),
        ("pair", "ja→en", 1 / 1, 1),
        ("pair", "ja→fr", 1 / 1, 1),
        ("turn", "first", 14 / 22, 22),
        ("turn", "follow-up", 2 / 2, 2),  # f1 and j2
    ],
)
def test_correct_answers_of_a_group(grades: list[Grade], division: str, group: str, value: float, n: int) -> None:
    one = tabulate(grades, resamples=50)[division][group]["correct"]
    assert (one.value, one.n) == (pytest.approx(value), n)


def test_metrics_print_their_names() -> None:
    assert str(metric("citation_hit")) == "citation_hit"
    assert metric("false_answer").better == "lower"


def test_answer_whose_language_cannot_be_told_is_unscored_and_counted() -> None:
    question = ask("e1", "How much?", "Tomakomai", relevant=[EN])
    given = GivenAnswer("e1", "How much?", status="answered", claims=(claim("Tomakomai"),))
    one = grade(Case(question, given, Library(Shelf())))
    assert "language" not in one.values
    assert unscored_reasons([one, one]) == {"language": {"the language of the answer cannot be told": 2}}
    assert tabulate([one])["all"]["all"].get("language") is None


def test_tokens_are_means_over_the_questions_that_have_them() -> None:
    question = ask("e8", "How many?", "")
    cases = [
        Case(question, GivenAnswer("e8", "How many?", status="abstained", tokens=tokens), Library(Shelf()))
        for tokens in ({"prompt": 300, "answer": 20}, {"prompt": 500, "answer": 40}, {})
    ]
    table = tabulate([grade(case) for case in cases])["all"]["all"]
    assert (table["prompt_tokens"].value, table["answer_tokens"].value, table["answer_tokens"].n) == (400, 30, 2)


def test_two_citations_that_only_together_bear_a_sentence_are_both_needed() -> None:
    text = "SoftBank invests ¥150 billion, and the ministry grants up to ¥42.1 billion."
    both = claim(text, cite(EN, INVEST_EN), cite(EN, GRANT_EN, number=2))
    given = GivenAnswer("e1", "?", status="answered", claims=(both,))
    one = grade(Case(ask("e1", "?", "¥150 billion", relevant=[EN]), given, Library(Shelf())))
    assert (one.values["citation_recall"], one.values["citation_precision"]) == (1.0, 1.0)


def test_citation_of_a_document_that_is_gone_is_not_verbatim() -> None:
    gone = cite(FR, GRANT_FR)
    lost = type(gone)(**{**{name: getattr(gone, name) for name in gone.__slots__}, "document_id": "fr/gone.md"})
    given = GivenAnswer("f1", "?", status="answered", claims=(claim("Une aide de 42,1 milliards de yens.", lost),))
    one = grade(Case(ask("f1", "?", "42,1 milliards de yens", relevant=[JA]), given, Library(Shelf())))
    assert one.values["verbatim"] == 0.0
    assert one.outcome == "correct"
