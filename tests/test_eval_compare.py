import copy
from pathlib import Path

import pytest

from eval.compare import baseline, compare, read_report
from eval.comparison_table import drops_text, print_comparison
from eval.questions import QuestionSet
from eval.run import run
from index.errors import UsageError
from tests.eval_sample import QUESTIONS, SampleAssistant


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> dict:
    return run(QuestionSet("sample.jsonl", "", QUESTIONS), SampleAssistant(), tmp_path_factory.mktemp("run"))


def spoiled(report: dict, ids: list[str]) -> dict:
    """The same report with some questions answered wrong."""
    other = copy.deepcopy(report)
    for item in other["per_question"]:
        if item["id"] in ids:
            item["values"] |= {"right": 0.0, "correct": 0.0}
            item["outcome"] = "wrong"
            item["cluster"] = item["id"]  # independent of each other, to see the test alone
    return other


def test_a_report_equals_itself(report: dict) -> None:
    found = compare(report, report)
    assert {one.verdict for one in found.differences} == {"same"}
    assert (found.flips, found.drops(), found.shared) == ((), [], 30)
    assert "total_s_p90" not in {one.metric.name for one in found.differences}


def test_paired_difference_and_significance(report: dict) -> None:
    ids = ["e1", "e3", "e5", "f1", "f2", "f3", "f6", "j1", "j3", "j4"]
    found = compare(report, spoiled(report, ids))
    right = next(one for one in found.differences if one.metric.name == "right")
    assert (right.before, right.after) == (pytest.approx(20 / 30), pytest.approx(10 / 30))
    assert right.change.value == pytest.approx(-10 / 30)
    assert right.p == pytest.approx(2 / 2**10)  # of 1,024 swaps of ten questions, two are as far
    assert right.verdict == "worse"
    assert [flip.question_id for flip in found.flips] == ids
    assert not any(flip.now_right for flip in found.flips)
    # eleven metrics are looked at and two of them share the smallest p: 11 × 2/1024 and 10 × 2/1024, never falling
    assert [(one.metric.name, one.adjusted_p) for one in found.drops()] == [
        ("right", pytest.approx(22 / 1024)), ("correct", pytest.approx(22 / 1024)),
    ]  # fmt: skip


def test_questions_on_the_same_documents_count_as_one_draw(report: dict) -> None:
    # the same ten questions, now with their documents: four clusters, so 2 of 16 swaps are as far
    worse = spoiled(report, ["e1", "e3", "e5", "f1", "f2", "f3", "f6", "j1", "j3", "j4"])
    found = compare(worse, report)
    right = next(one for one in found.differences if one.metric.name == "right")
    assert (right.change.value, right.p, right.verdict) == (pytest.approx(10 / 30), pytest.approx(2 / 16), "same")
    assert found.drops() == []
    assert all(flip.now_right for flip in found.flips)


def test_one_flip_may_be_chance(report: dict) -> None:
    assert compare(report, spoiled(report, ["e1"])).drops() == []


def test_only_shared_questions_are_compared(report: dict) -> None:
    part = copy.deepcopy(report)
    part["per_question"] = part["per_question"][5:]
    found = compare(part, report)
    assert (found.shared, found.only_before, found.only_after) == (25, 0, 5)
    part["per_question"] = []
    with pytest.raises(UsageError, match="share no question"):
        compare(part, report)


def test_a_baseline_is_enough_for_a_gate_and_holds_no_texts(report: dict) -> None:
    kept = baseline(report)
    assert compare(kept, report).drops() == []
    assert all("total_s" not in item["values"] for item in kept["per_question"])
    assert "estimates" not in kept


def test_comparison_is_printed(report: dict, capsys: pytest.CaptureFixture[str]) -> None:
    found = compare(report, spoiled(report, ["e1", "e3", "e5", "f1", "f2", "f3", "f6", "j1", "j3", "j4"]))
    print_comparison(found)
    out = capsys.readouterr().out
    assert "30 questions in both" in out
    assert "e1: correct → wrong" in out
    assert "-33.3 points" in out
    assert "right 66.7 % → 33.3 % (adjusted p 0.021)" in drops_text(found.drops())


@pytest.mark.parametrize(
    ("content", "message"),
    [(None, "no report at .*make one with"), ("{", "is not JSON"), ("{}", "is not a report of python -m eval run")],
)
def test_what_is_no_report_is_refused(tmp_path: Path, content: str | None, message: str) -> None:
    if content is not None:
        (tmp_path / "report.json").write_text(content, encoding="utf-8")
    with pytest.raises(UsageError, match=message):
        read_report(tmp_path)
