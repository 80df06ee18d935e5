"""report.html as a person opens it: from the disk, in a real Chromium, on a wide and on a narrow screen."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from eval.questions import QuestionSet
from eval.run import run
from tests.browsing import open_browser, require_browser
from tests.eval_sample import QUESTIONS, SampleAssistant

require_browser()
pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with open_browser() as opened:
        yield opened


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("run")
    run(QuestionSet("sample.jsonl", "", QUESTIONS), SampleAssistant(), folder)
    return folder / "report.html"


@pytest.fixture
def page(browser: Any, file: Path) -> Iterator[Any]:
    context = browser.new_context(viewport={"width": 1200, "height": 900})
    opened = context.new_page()
    opened.faults = []
    opened.on("pageerror", lambda error: opened.faults.append(str(error)))
    opened.on("request", lambda request: opened.faults.append(request.url) if request.url != file.as_uri() else None)
    opened.goto(file.as_uri())
    yield opened
    context.close()
    assert opened.faults == []


def shown(page: Any) -> list[str]:
    return [str(text) for text in page.locator("details.case:visible .id").all_inner_texts()]


def test_every_question_is_shown_at_first(page: Any) -> None:
    assert len(shown(page)) == 30
    assert page.inner_text("#shown") == "30 of 30 questions"


def test_filters_work_together(page: Any) -> None:
    page.select_option("[data-filter=outcome]", "correct")
    page.select_option("[data-filter=lang]", "fr")
    assert {name.split()[0] for name in shown(page)} == {"f1", "f2", "f3", "f5", "f6", "f7", "f10"}
    page.select_option("[data-filter=flag]", "not verbatim")
    assert shown(page) == ["f7 · number"]
    assert page.inner_text("#shown") == "1 of 30 questions"
    page.select_option("[data-filter=kind]", "why")
    assert shown(page) == []
    for name in ("outcome", "lang", "flag", "kind"):
        page.select_option(f"[data-filter={name}]", "")
    page.fill("#words", "TOMAKOMAI")
    assert {name.split()[0] for name in shown(page)} == {"e3", "f5"}


def test_a_question_opens_with_answer_and_reference_side_by_side(page: Any) -> None:
    page.select_option("[data-filter=outcome]", "wrong")
    page.locator("details.case:visible summary").first.click()
    sides = page.locator("details.case[open] .sides > div")
    wanted, given = (sides.nth(place).bounding_box() for place in range(2))
    assert wanted["x"] + wanted["width"] <= given["x"]
    assert "Reference answer" in sides.nth(0).inner_text()
    assert "Retrieved" in sides.nth(1).inner_text()


@pytest.mark.parametrize("width", [1200, 700, 390])
def test_nothing_sticks_out(page: Any, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
