"""The documented example of the tables runs, on the thirty answers of the sample."""

import doctest
from pathlib import Path

import pytest

import eval.notebook
from eval import read_run
from eval.questions import QuestionSet
from eval.run import run
from index.errors import UsageError
from tests.eval_sample import FAILED, QUESTIONS, SampleAssistant


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    output = tmp_path_factory.mktemp("run")
    run(QuestionSet("sample.jsonl", "", QUESTIONS), SampleAssistant(), output)
    return output


def test_the_example_of_the_documentation_runs(folder: Path) -> None:
    done = doctest.testmod(eval.notebook, extraglobs={"folder": folder})
    assert done.attempted >= 12
    assert done.failed == 0


def test_answers_with_their_times(folder: Path) -> None:
    table = read_run(str(folder)).table()
    assert table.index.name == "id"
    assert table.loc["e1", ["status", "claims", "total_s", "first_token_s"]].tolist() == ["answered", 1, 1.0, 0.1]
    assert table.loc[FAILED, "failure"].startswith("RuntimeError: no answer today")
    assert not table["reused"].any()


def test_claims_and_citations_have_the_same_keys(folder: Path) -> None:
    records = read_run(folder)
    claims, citations = records.claims(), records.citations()
    last = claims[claims["id"] == "f6"].iloc[-1]
    assert (last["place"], last["support"], last["citations"]) == (1, "unchecked", 0)
    assert citations[citations["id"] == "f10"]["document_id"].tolist() == ["fr/softbank.md", "fr/softbank.md"]
    cited = citations.groupby(["id", "place"]).size().to_dict()
    assert cited == {(row.id, row.place): row.citations for row in claims.itertuples() if row.citations}


def test_every_metric_of_the_report_is_a_column(folder: Path) -> None:
    records = read_run(folder)
    scores = records.scores()
    estimates = records.estimates()
    whole = estimates[estimates["division"] == "all"].set_index("metric")["value"]
    assert set(whole.index) <= set(scores.columns)
    assert scores["list_items"].count() == 2
    for name in ("correct", "citation_recall"):
        assert scores[name].mean() == pytest.approx(whole[name], abs=1e-6)


def test_a_folder_without_a_run_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no report at"):
        read_run(tmp_path)
