"""A model as a judge: taken strictly, examined first, and silent where it is no better than chance."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from eval.__main__ import main
from eval.judge import JudgeError, ModelJudge, parse_verdict
from eval.judging import Judged, Sentence, evaluate_judge, judge_all, print_judged, score_agreement, score_sentences
from eval.notebook import RunRecords, read_run
from eval.questions import QuestionSet
from eval.run import run
from eval.support import SupportItem
from index.errors import RunError
from tests.eval_sample import QUESTIONS, SampleAssistant
from tests.fake_model_server import FakeServer, serve
from tests.scripted_generator import ScriptedGenerator

YES, NO = '{"verdict": "supported"}', '{"verdict": "unsupported"}'


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    output = tmp_path_factory.mktemp("run")
    run(QuestionSet("sample.jsonl", "", QUESTIONS), SampleAssistant(), output)
    return output


@pytest.fixture
def records(folder: Path) -> RunRecords:
    return read_run(folder)


def sentence(number: int, *, label: bool | None = None, language: str = "en", answer: str = "") -> Sentence:
    return Sentence(answer or str(number), language, answer or str(number), ("a passage",), "a text", label)


def items(count: int) -> list[SupportItem]:
    """Items of which every other one is supported."""
    labels = ("supported", "not_supported")
    return [SupportItem(str(n), "en", "", "", (f"passage {n}",), f"{n % 2}", labels[n % 2]) for n in range(count)]


class Knowing:
    """Knows the labels of `items`, and takes every sentence of a run but one as borne out."""

    name = "somebody who knows"

    def supports(self, passages: object, text: str) -> bool:
        return text not in ("1", "The first site stands in Tomakomai.")


class Blind(Knowing):
    name = "somebody who says yes"

    def supports(self, passages: object, text: str) -> bool:
        return True


@pytest.mark.parametrize(("said", "verdict"), [(YES, "supported"), (NO, "unsupported"), (f"\n {YES} ", "supported")])
def test_a_verdict_in_the_form_asked_for(said: str, verdict: str) -> None:
    assert parse_verdict(said) == verdict


@pytest.mark.parametrize(
    "said",
    [
        "", "supported", "The verdict: " + YES, YES + YES, f"```json\n{YES}\n```", '{"verdict": "Supported"}',
        '{"verdict": "supported", "reason": "x"}', '{"verdict": ["supported"]}', '{"verdict": null}', '["supported"]',
        '{"verdict": "suppor',
    ],
)  # fmt: skip
def test_anything_else_is_a_failure_of_the_judge(said: str) -> None:
    with pytest.raises(JudgeError):
        parse_verdict(said)


def test_the_model_is_asked_within_a_schema_and_sees_passages_and_text() -> None:
    model = ScriptedGenerator([YES, NO])
    judge = ModelJudge(model)
    assert judge.supports(["KDDIは助成を受ける。", "Another."], "KDDI receives a grant.") is True
    assert judge.supports(["It is 5."], "It is 6.") is False
    assert "Passage 2:\nAnother.\n\nText:\nKDDI receives a grant." in model.prompts[0]
    assert model.requests[0]["schema"]["properties"]["verdict"]["enum"] == ["supported", "unsupported"]
    assert judge.name == "scripted on test"


def test_verdicts_that_cannot_be_read_are_unscored_and_counted() -> None:
    model = ScriptedGenerator([YES, "maybe", NO, '{"verdict": "perhaps"}', YES])
    judged = judge_all(ModelJudge(model), [sentence(n, label=n != 2) for n in range(5)], "items")
    assert [one.supported for one in judged] == [True, None, False, None, True]
    agreement = score_agreement(judged, resamples=50)
    assert agreement["scored"] == 3
    assert agreement["unscored"] == {"not JSON": 1, "not one of the verdicts": 1}


def test_a_server_that_fails_once_costs_one_verdict() -> None:
    model = ScriptedGenerator([YES], fail_after=0)
    judged = judge_all(ModelJudge(model), [sentence(1), sentence(2)], "items")
    assert [(one.supported, one.reason) for one in judged] == [(None, "the judge's server failed"), (True, "")]


def test_a_judge_that_only_fails_stops_the_run() -> None:
    with pytest.raises(RunError, match="no verdict 5 times in a row, at last: not JSON"):
        judge_all(ModelJudge(ScriptedGenerator(["maybe"])), [sentence(n) for n in range(9)], "items")


def test_agreement_equals_the_values_worked_out_by_hand() -> None:
    table = {(True, True): 6, (True, False): 2, (False, True): 1, (False, False): 3}  # label, verdict
    judged = [
        Judged(sentence(100 * place + n, label=label), supported=verdict)
        for place, ((label, verdict), count) in enumerate(table.items())
        for n in range(count)
    ]
    agreement = score_agreement(judged, resamples=200)
    assert list(agreement["counts"].values()) == [6, 2, 1, 3]
    assert agreement["balanced_accuracy"]["value"] == pytest.approx((6 / 8 + 3 / 4) / 2)
    # 9 of 12 agree; by chance 8/12 × 7/12 + 4/12 × 5/12 = 76/144 would
    assert agreement["kappa"]["value"] == pytest.approx((9 / 12 - 76 / 144) / (1 - 76 / 144), abs=1e-6)
    for name in ("balanced_accuracy", "kappa"):
        assert agreement[name]["low"] < agreement[name]["value"] < agreement[name]["high"]


def test_share_of_sentences_is_taken_per_answer() -> None:
    judged = [
        Judged(sentence(1, answer="a"), supported=True),
        Judged(sentence(2, answer="a"), supported=False),
        Judged(sentence(3, answer="b", language="ja"), supported=True),
        Judged(sentence(4, answer="b", language="ja"), None, "not JSON"),
    ]
    scores = score_sentences(judged, resamples=50)
    assert (scores["scored"], scores["unscored"]) == (3, {"not JSON": 1})
    assert {group: one["value"] for group, one in scores["supported"].items()} == {"all": 0.75, "en": 0.5, "ja": 1.0}
    assert scores["found_unsupported"] == [["a", "a text"]]


def test_scores_come_after_the_agreement(records: RunRecords, capsys: pytest.CaptureFixture[str]) -> None:
    report = evaluate_judge(Knowing(), items(40), "labels.jsonl", records)
    assert report["trusted"] is True
    # 22 answers; f9 cites nothing, f6 cites one of two sentences, the sentence on Tomakomai is said twice (e3, f5)
    assert report["scores"]["supported"]["all"]["value"] == pytest.approx((22 - 1 - 0.5 - 2) / 22, abs=1e-6)
    print_judged(report)
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "somebody who knows: agreement with 40 labelled items of labels.jsonl"
    assert lines[1].startswith("  balanced accuracy 1.000")
    assert lines[2] == "sentences of the run that it finds borne out (23 sentences)"


def test_a_judge_no_better_than_chance_is_not_heard(records: RunRecords, capsys: pytest.CaptureFixture[str]) -> None:
    report = evaluate_judge(Blind(), items(40), "labels.jsonl", records)
    assert (report["trusted"], report["scores"]) == (False, None)
    assert report["agreement"]["balanced_accuracy"]["value"] == 0.5
    print_judged(report)
    assert "no better than chance" in capsys.readouterr().out


def test_command_asks_the_server_at_an_address(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    record = {"passages": ["It opened in 2021."], "response": "It opened in 2021.", "label": "supported"}
    lines = [json.dumps(record | {"id": number}) for number in range(6)]
    Path("items.jsonl").write_text("\n".join(lines), encoding="utf-8")
    with serve(FakeServer(pieces=(YES,))) as server:
        options = ["--items", "items.jsonl", "--report", str(folder), "--server", server.address, "--output", "j.json"]
        assert main(["judge", *options, "--limit", "2", "--generations", "kept.jsonl"]) == 0
    report = json.loads(Path("j.json").read_text(encoding="utf-8"))
    assert report["judge"].startswith("toy on ")
    assert report["agreement"]["counts"]["supported_found_supported"] == 2
    assert report["trusted"] is False  # labels of one kind show nothing
    assert "kappa not defined" in capsys.readouterr().out
    assert Path("kept.jsonl").exists()


def test_answers_without_a_grade_are_left_out(records: RunRecords) -> None:
    fewer = [row for row in records.report["per_question"] if row["id"] != "e1"]
    changed = replace(records, report={**records.report, "per_question": fewer})
    whole = evaluate_judge(Knowing(), items(40), "", records)["scores"]["scored"]
    assert evaluate_judge(Knowing(), items(40), "", changed)["scores"]["scored"] == whole - 1
