"""Seconds per stage: stages add up, marks are set once, and a timed source is closed with its reader."""

from collections.abc import Iterator

import pytest

from assistant.stopwatch import Stopwatch


def test_stages_and_marks_are_named_and_not_negative() -> None:
    watch = Stopwatch()
    with watch.stage("retrieve"):
        pass
    watch.mark("first_token")
    timings = watch.timings()
    assert set(timings) == {"retrieve", "first_token", "total"}
    assert all(seconds >= 0 for seconds in timings.values())
    assert timings["total"] >= timings["retrieve"]


def test_a_stage_counts_every_visit_also_one_that_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    ticks = iter(range(100))
    monkeypatch.setattr("time.perf_counter", lambda: float(next(ticks)))
    watch = Stopwatch()
    with watch.stage("verify"):
        pass
    with pytest.raises(ValueError, match="broken"), watch.stage("verify"):
        raise ValueError("broken")
    assert watch.timings()["verify"] == 2.0


def test_a_mark_is_set_once(monkeypatch: pytest.MonkeyPatch) -> None:
    ticks = iter(range(100))
    monkeypatch.setattr("time.perf_counter", lambda: float(next(ticks)))
    watch = Stopwatch()
    watch.mark("first_token")
    watch.mark("first_token")
    assert watch.timings()["first_token"] == 1.0


def test_only_the_waiting_is_timed_and_all_items_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    ticks = iter(range(100))
    monkeypatch.setattr("time.perf_counter", lambda: float(next(ticks)))
    watch = Stopwatch()
    assert list(watch.timed("generate", iter(["a", "", "b"]))) == ["a", "", "b"]
    assert watch.timings()["generate"] == 4.0  # three items and the end


@pytest.mark.parametrize("closed_by", ["reader", "end"])
def test_the_source_is_closed(closed_by: str) -> None:
    closed: list[str] = []

    def source() -> Iterator[str]:
        try:
            yield "a"
            yield "b"
        finally:
            closed.append("yes")

    timed = Stopwatch().timed("generate", source())
    assert next(timed) == "a"
    if closed_by == "reader":
        timed.close()  # type: ignore[attr-defined]
    else:
        assert list(timed) == ["b"]
    assert closed == ["yes"]
