import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from eval.questions import QuestionSet, Selection
from eval.risk import risk_coverage
from eval.run import run
from eval.summary import print_summary
from tests.eval_sample import QUESTIONS, ROWS, SampleAssistant, claim

SET = QuestionSet("sample.jsonl", "0" * 64, QUESTIONS, Selection())


def without_time(text: str) -> str:
    return re.sub(r'"created": "[^"]*"', '"created": ""', text)


@pytest.fixture(scope="module")
def output(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("run")
    run(SET, SampleAssistant(), folder)
    return folder


@pytest.fixture(scope="module")
def report(output: Path) -> dict[str, object]:
    return json.loads((output / "report.json").read_text(encoding="utf-8"))


def test_report_of_the_same_answers_is_the_same_byte_for_byte(output: Path, tmp_path: Path) -> None:
    (tmp_path / "answers.jsonl").write_bytes((output / "answers.jsonl").read_bytes())
    again = SampleAssistant()
    run(SET, again, tmp_path)
    assert again.asked == ["e10"]  # the one that broke
    for name in ("report.json", "report.html"):
        texts = [(folder / name).read_text(encoding="utf-8") for folder in (output, tmp_path)]
        first, second = (without_time(re.sub(r"20\d\d-\d\d-\d\dT[\d:+]+", "", text)) for text in texts)
        assert first == second


def test_order_of_the_answers_does_not_matter(output: Path, tmp_path: Path) -> None:
    lines = (output / "answers.jsonl").read_text(encoding="utf-8").splitlines(keepends=True)
    (tmp_path / "answers.jsonl").write_text("".join(reversed(lines)), encoding="utf-8")
    run(SET, SampleAssistant(), tmp_path)
    texts = [(folder / "report.json").read_text(encoding="utf-8") for folder in (output, tmp_path)]
    assert without_time(texts[0]) == without_time(texts[1])


def test_report_says_what_was_asked_of_whom(report: dict) -> None:
    assert report["questions"] == {
        "file": "sample.jsonl", "sha256": "0" * 64, "n": 30,
        "split": "all", "languages": [], "kinds": [], "limit": None,
    }  # fmt: skip
    assert report["assistant"]["fingerprints"] == {"en": "f-en", "fr": "f-fr", "ja": "f-ja"}
    assert report["assistant"]["embedder"] == "toy@0"
    assert report["assistant"]["settings"]["claims"] == 3
    assert set(report["made_with"]) == {"revision", "versions", "machine", "weights", "prompts", "generation_seed"}
    assert "answer.ja" in report["made_with"]["prompts"]
    assert report["intervals"]["seed"] == 20240419


def test_report_counts_what_was_scored_and_what_was_not(report: dict) -> None:
    assert report["scored"] == 30
    assert report["unscored"] == {"unasked": [], "by_metric": {}}
    assert list(report["failures"]) == ["e10"]
    assert sum(report["outcomes"].values()) == 30


def test_every_estimate_has_n_and_an_interval_around_it(report: dict) -> None:
    for groups in report["estimates"].values():
        for row in groups.values():
            for one in row.values():
                assert one["n"] >= one["clusters"] >= 1
                assert one["low"] is None or one["low"] <= one["value"] <= one["high"]


def test_the_curve_of_risk_and_coverage(report: dict) -> None:
    # 21 of the 22 answers share the best cosine, 0.9; the one without a passage (f9, a false answer) comes last:
    # 5 of 21 wrong (4 wrong, 1 false answer), then 6 of 22; the step of 21 answers counts 21 times
    points = report["risk_coverage"]["points"]
    assert points == [[pytest.approx(21 / 30), pytest.approx(5 / 21)], [pytest.approx(22 / 30), pytest.approx(6 / 22)]]
    aurc = report["risk_coverage"]["aurc"]
    assert (aurc["value"], aurc["n"]) == (pytest.approx((21 * (5 / 21) + 6 / 22) / 22, abs=1e-6), 22)
    assert 0 < aurc["low"] < aurc["value"] < aurc["high"] < 1


def test_no_answer_gives_no_curve() -> None:
    curve = risk_coverage([])
    assert (curve.points, curve.aurc.value) == ((), None)


class Page(HTMLParser):
    """What a browser would fetch, and which elements were opened."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.fetched: list[str] = []
        self.cases: list[dict[str, str]] = []
        self.scripts = 0
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        self.fetched += [values[name] for name in ("src", "href", "action") if name in values]
        self.scripts += tag == "script"
        if tag == "details" and values.get("class") == "case":
            self.cases.append(values)


def test_page_needs_nothing_from_elsewhere_and_shows_every_question(output: Path) -> None:
    text = (output / "report.html").read_text(encoding="utf-8")
    page = Page(text)
    assert page.fetched == []
    assert "http" not in text.replace("http-equiv", "")
    assert len(page.cases) == 30
    assert {case["data-lang"] for case in page.cases} == {"en", "fr", "ja"}
    assert "{{" not in text


def test_page_shows_the_worst_first(output: Path) -> None:
    outcomes = [case["data-outcome"] for case in Page((output / "report.html").read_text(encoding="utf-8")).cases]
    order = ["failed", "false answer", "wrong", "false refusal", "correct", "right refusal"]
    assert outcomes == sorted(outcomes, key=order.index)


def test_faults_can_be_filtered(output: Path) -> None:
    cases = Page((output / "report.html").read_text(encoding="utf-8")).cases
    flags = [case["data-flag"].split("|") for case in cases]
    assert sum("not verbatim" in flag for flag in flags) == 1  # f7
    assert sum("wrong figure" in flag for flag in flags) == 5  # e2, e9, f6, j2, j5
    assert sum("other language" in flag for flag in flags) == 1  # f5


def test_text_of_documents_and_models_is_escaped(tmp_path: Path) -> None:
    evil = "<script>alert(1)</script>{{cases}}"
    row = replace(ROWS[0], claims=(claim(evil, *ROWS[0].claims[0].citations),))

    class Evil(SampleAssistant):
        def answer(self, question: str, history: object = ()) -> object:
            from tests.eval_sample import to_answer

            return to_answer(row, self.fingerprint("en"))

    run(QuestionSet("<b>.jsonl", "", (row.question,)), Evil(), tmp_path)
    text = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert Page(text).scripts == 1
    assert "&lt;script&gt;alert(1)&lt;/script&gt;{{cases}}" in text
    assert "<b>.jsonl" not in text


def test_summary_shows_scores_with_intervals(report: dict, capsys: pytest.CaptureFixture[str]) -> None:
    print_summary(report)
    out = capsys.readouterr().out
    assert "sample.jsonl: 30 questions · none on none" in out
    assert re.search(r"correct answer, of answerable questions +66\.7 % \[\d\d\.\d %, \d\d\.\d %\] +24", out)
    assert "broke on e10: RuntimeError: no answer today" in out
    assert "en→en" in out
