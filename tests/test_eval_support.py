import json
from pathlib import Path

import pytest

from eval.support import SupportItem, SupportVerdict, check_item, print_support, read_items, score_verdicts
from index.errors import UsageError


def _verdicts(*rows: tuple[str, bool, int]) -> list[SupportVerdict]:
    """Verdicts by label, whether the checker kept the response, and how often."""
    found = []
    for label, kept, count in rows:
        for _ in range(count):
            number = len(found)
            item = SupportItem(str(number), "en", "toy", "", (f"p{number}",), "r", label)
            found.append(SupportVerdict(item, () if kept else ("not close to what it cites",)))
    return found


def test_scores_equal_the_values_worked_out_by_hand() -> None:
    verdicts = _verdicts(
        ("supported", True, 6),
        ("supported", False, 2),
        ("not_supported", False, 3),
        ("not_supported", True, 1),
        ("contradicted", False, 1),
        ("partially_supported", True, 3),
    )
    report = score_verdicts(verdicts, resamples=50)
    row = {name: one["value"] for name, one in report["estimates"]["all"]["all"].items()}
    assert row["unsupported_recall"] == pytest.approx(4 / 8)  # 3 + 1 of 4 + 1 + 3
    assert row["unsupported_precision"] == pytest.approx(4 / 6, abs=1e-6)  # of 3 + 1 + 2 found unsupported
    assert row["supported_recall"] == pytest.approx(6 / 8)
    assert row["balanced_accuracy"] == pytest.approx((4 / 8 + 6 / 8) / 2)
    assert report["by_label"]["partially_supported"] == {"n": 3, "found_unsupported": 0}


def test_precision_without_any_rejection_is_not_defined(capsys: pytest.CaptureFixture[str]) -> None:
    report = score_verdicts(_verdicts(("supported", True, 3), ("contradicted", True, 2)), resamples=50)
    assert report["estimates"]["all"]["all"]["unsupported_precision"]["value"] is None
    print_support({**report, "items": "toy"})
    assert "5 items of toy" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("response", "reason"),
    [
        pytest.param("The tram opened on 12 March 2021.", "", id="borne out"),
        pytest.param("The tram opened on 12 March 2019.", "figure not in the source", id="another year"),
        pytest.param("The tram opened on 12 March 2021. The council paid £99 million.", "figure", id="second sentence"),
        pytest.param("The tram to Skerrivore opened in 2021.", "name not in the source", id="another name"),
    ],
)
def test_each_sentence_is_checked_against_the_passages(toy_embedder: object, response: str, reason: str) -> None:
    passages = ("The Brenmoor tram opened on 12 March 2021.", "The council paid £86 million for the tram.")
    item = SupportItem("1", "en", "", "", passages, response, "supported")
    verdict = check_item(item, toy_embedder, least_cosine=0.1)
    assert verdict.kept is (reason == "")
    assert all(found.startswith(reason) for found in verdict.reasons)


def test_items_are_read_with_null_questions(tmp_path: Path) -> None:
    path = tmp_path / "items.jsonl"
    record = {
        "id": 7,
        "passages": ["Le tramway a ouvert en 2021."],
        "response": "Il a ouvert en 2021.",
        "label": "supported",
    }
    path.write_text(json.dumps(record | {"question": None, "spans": []}), encoding="utf-8")
    item = read_items(path)[0]
    assert (item.id, item.language, item.question) == ("7", "fr", "")


@pytest.mark.parametrize(
    ("record", "message"),
    [
        ({"passages": ["a"], "response": "b", "label": "supported"}, "needs 'id'"),
        ({"id": "1", "passages": [], "response": "b", "label": "supported"}, "'passages'"),
        ({"id": "1", "passages": ["a"], "response": " ", "label": "supported"}, "'response'"),
        ({"id": "1", "passages": ["a"], "response": "b", "label": "yes"}, "'label' must be one of supported"),
        ({"id": "1", "passages": "a", "response": "b", "label": "supported"}, "must be a list of texts"),
    ],
)
def test_malformed_items_are_named(tmp_path: Path, record: dict, message: str) -> None:
    path = tmp_path / "items.jsonl"
    path.write_text(json.dumps(record), encoding="utf-8")
    with pytest.raises(UsageError, match=f"line 1.*{message}"):
        read_items(path)


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "items.jsonl"
    path.write_text("\n", encoding="utf-8")
    with pytest.raises(UsageError, match="has no items"):
        read_items(path)
