from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from eval.bench import (
    Measurement,
    bench,
    bench_page,
    bench_table,
    children_mib,
    of_answers,
    ratio,
    resident_mib,
    results_page,
    without_model_s,
)
from eval.tables import markdown_table
from tests.eval_sample import QUESTIONS, ROWS, SampleAssistant, to_answer


def _answer(**timings_s: float) -> object:
    return replace(to_answer(ROWS[0]), timings_s=timings_s)


def test_times_equal_the_values_worked_out_by_hand() -> None:
    answers = [
        _answer(retrieve=0.02, generate=3.0, verify=0.01, first_token=1.0, total=3.04),
        _answer(retrieve=0.03, generate=5.0, verify=0.01, condense=1.0, first_token=2.0, total=6.05),
        _answer(retrieve=0.02, total=0.02),  # refused before the model was asked
    ]
    found = {one.name: one for one in of_answers(answers)}
    assert found["first token, median"].value == 1.5
    assert found["whole answer, median"].value == pytest.approx((3.04 + 6.05) / 2)  # of those that were written
    assert found["whole answer, slowest"].value == 6.05
    # 3.04 - 3.0, 6.05 - 5.0 - 1.0, 0.02: in ms 40, 50, 20
    assert found["all but the model, median"].value == pytest.approx(40)
    assert found["stage verify, median of 2"].value == pytest.approx(10)


def test_repair_waits_for_the_model_too() -> None:
    assert without_model_s({"total": 9.0, "generate": 4.0, "repair": 3.0, "verify": 1.0}) == 2.0


def test_without_any_written_answer_only_the_rest_is_measured() -> None:
    assert [one.name for one in of_answers([_answer(total=0.1)])] == ["all but the model, median"]


def test_ratio_to_the_goal() -> None:
    assert Measurement("x", 3.0, "s", 6.0).ratio == 0.5
    assert Measurement("x", 3.0, "s").ratio is None
    table = bench_table([Measurement("first token", 3.0, "s", 6.0), Measurement("memory", 1234.5, "MiB")])
    assert table.splitlines()[2] == "| first token |    3.00 s | ≤ 6.00 s |         0.50 |"
    assert "1,234 MiB" in table


def test_bench_opens_asks_and_closes() -> None:
    events = []

    @contextmanager
    def opened() -> Iterator[SampleAssistant]:
        events.append("open")
        yield SampleAssistant()
        events.append("closed")

    measurements, answers = bench(opened, QUESTIONS[:3])
    assert events == ["open", "closed"]
    assert [answer.question for answer in answers] == [question.question for question in QUESTIONS[:3]]
    values = {one.name: one.value for one in measurements}
    assert values["first token, median"] == pytest.approx(0.2)  # 0.1, 0.2, 0.3 s
    assert values["resident memory without the model server"] > 1
    page = bench_page("python -m eval bench --limit 3", measurements, answers)
    assert "    python -m eval bench --limit 3\n" in page
    assert "3 questions, none on none" in page


def test_a_page_says_what_how_and_on_which_machine() -> None:
    page = results_page("Title", "the command", "3 questions.", ["| a | b |"])
    title, command, about, table = page.split("\n\n")
    assert (title, command, table) == ("# Title", "    the command", "| a | b |\n")
    assert about.startswith("3 questions. ")
    assert " cores, " in about
    assert "; python 3." in about


def test_a_ratio_without_a_second_number_is_a_dash() -> None:
    assert (ratio(3.0, 2.0), ratio(3.0, 0.0)) == ("1.50", "–")


def test_memory_of_processes() -> None:
    assert resident_mib() > 1
    assert resident_mib("no such process") == 0.0
    assert children_mib() >= 0.0


def test_table_pads_japanese_by_its_width() -> None:
    lines = markdown_table(("名前", "n"), [("ソフトバンク", "1"), ("a|b", "20")]).splitlines()
    assert lines == [
        "| 名前         |   n |",
        "| ------------ | --: |",
        "| ソフトバンク |   1 |",
        "| a\\|b         |  20 |",
    ]
