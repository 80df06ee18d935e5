"""The web page in a real Chromium, over an assistant whose model is scripted."""

import re
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from assistant import chat, wording
from assistant.config import AssistantConfig
from assistant.pipeline import Assistant
from index.build import build
from index.config import IndexConfig
from index.embedder import Embedder
from index.retriever import Retriever
from tests.browsing import Page, free_port, open_browser, require_browser
from tests.island_documents import ISLAND
from tests.scripted_generator import ScriptedGenerator, written

FARES = """---
title: Fares of the Orrin funicular
language: en
date: 2024-01
---
# Fares of the Orrin funicular

The Orrin funicular sells three kinds of tickets.

| Ticket of the Orrin funicular | Price |
|---|---|
| Single | £4.50 |
| Return | £7.20 |
"""
require_browser()
pytestmark = [
    pytest.mark.browser,
    pytest.mark.filterwarnings("ignore::DeprecationWarning:gradio"),  # it uses what its own libraries deprecate
]
TRAM = ("K3", "The tram line opened on 12 March 2021.")
TRAM_QUESTION = "When did the Brenmoor tram line open?"


class SlowGenerator(ScriptedGenerator):
    """Writes its first pieces at once and the rest when it is released."""

    released = threading.Event()
    stopped = threading.Event()

    def _pieces(self, pieces: list[str]) -> Iterator[str]:
        try:
            yield from pieces[:4]
            assert self.released.wait(30)
            yield from pieces[4:]
        except GeneratorExit:
            self.stopped.set()
            raise


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with open_browser() as opened:
        yield opened


@pytest.fixture(scope="module")
def fares(tmp_path_factory: pytest.TempPathFactory, real_embedder: Embedder) -> Iterator[Retriever]:
    folder = tmp_path_factory.mktemp("fares")
    for name, text in {**ISLAND, "en/fares.md": FARES}.items():
        path = folder / "documents" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    build([folder / "documents"], folder / "index", real_embedder, IndexConfig())
    with Retriever.open(folder / "index", real_embedder, IndexConfig()) as opened:
        yield opened


@pytest.fixture
def page(browser: Any, fares: Retriever, real_embedder: Embedder) -> Iterator[Callable[..., Page]]:
    """Serve an assistant over this generator (None: extracts only) and open the page."""
    served: list[Any] = []
    opened: list[Page] = []

    def open_page(generator: ScriptedGenerator | None, *, width: int = 1100, **settings: Any) -> Page:
        config = replace(AssistantConfig(), port=free_port(), **settings)
        served.append(chat.launch(Assistant(fares, real_embedder, generator, config), config, block=False))
        opened.append(Page(browser, f"http://127.0.0.1:{config.port}", width=width))
        return opened[-1]

    yield open_page
    for one in opened:
        one.close()
    for blocks in served:
        blocks.close(verbose=False)


def test_the_page_introduces_itself_and_an_example_is_one_click(page: Callable[..., Page]) -> None:
    shown = page(None)
    assert shown.title == chat.TITLE
    assert all(shown.has_text(example) for example in chat.EXAMPLES)
    assert shown.sees(wording.PLACEHOLDER, by="placeholder")
    assert shown.submit_button.is_visible()
    shown.click_text(chat.EXAMPLES[1])
    shown.wait_for_answer()
    assert chat.EXAMPLES[1] in shown.questions[-1]


def test_a_citation_opens_on_its_quote(page: Callable[..., Page], fares: Retriever) -> None:
    shown = page(ScriptedGenerator([written(TRAM)]))
    shown.ask(TRAM_QUESTION)
    shown.wait_for_answer()
    assert "12 March 2021" in shown.answer
    assert "[1]" in shown.answer
    citation = shown.citations.first
    assert not citation.locator("blockquote").is_visible()
    citation.locator("summary").click()
    quote = citation.locator("blockquote").inner_text()
    assert quote in fares.document("en/tram.md").text
    assert "12 March 2021" in quote
    assert "The Brenmoor tram · 2023-09" in citation.inner_text()
    assert citation.locator("a").get_attribute("href") == "https://example.org/tram"


def test_a_follow_up_reaches_the_model_with_the_conversation_as_text(page: Callable[..., Page]) -> None:
    generator = ScriptedGenerator([written(TRAM), '{"question": "How many stops has the tram?"}', written(TRAM)])
    shown = page(generator)
    shown.ask(TRAM_QUESTION)
    shown.wait_for_answer()
    shown.ask("How many stops?")  # too short for a rewrite by rule
    shown.wait_for_answer(2)
    [condensing] = [prompt for prompt in generator.prompts if prompt.rstrip().endswith("How many stops?")]
    assert TRAM_QUESTION in condensing
    assert TRAM[1] in condensing
    assert "<" not in condensing.split(TRAM_QUESTION)[-1]
    assert "https://example.org" not in condensing


def test_html_in_a_question_and_in_an_answer_is_text(page: Callable[..., Page]) -> None:
    attack = "<img src=x onerror=\"document.title='owned'\"><b>tram</b>"
    generator = ScriptedGenerator([written(("K3", f"{attack} The tram line opened on 12 March 2021."))])
    shown = page(generator)
    shown.ask(f"When did the Brenmoor tram line open? {attack}")
    shown.wait_for_answer()
    assert "<b>tram</b>" in shown.questions[-1]
    assert shown.count("#shoko-chat img, #shoko-chat .message b") == 0
    assert shown.title == chat.TITLE
    shown.retry_button.click()
    while len(generator.requests) < 2:
        shown.wait_for("textarea")
    shown.wait_for_answer()
    assert generator.prompts[0] == generator.prompts[1]
    assert "<b>tram</b>" in shown.questions[-1]


def test_stop_ends_the_generation_and_the_next_question_works(page: Callable[..., Page]) -> None:
    generator = SlowGenerator([written(TRAM)])
    shown = page(generator)
    shown.ask(TRAM_QUESTION)
    shown.wait_for(".shoko-draft")
    shown.stop_button.click()
    generator.released.set()
    assert generator.stopped.wait(10)
    shown.ask(TRAM_QUESTION)
    shown.wait_for_answer()
    assert "12 March 2021" in shown.answer


def test_a_lost_model_gives_extracts_and_retry_gives_the_answer(page: Callable[..., Page]) -> None:
    shown = page(ScriptedGenerator([written(TRAM)], fail_after=2))
    shown.ask(TRAM_QUESTION)
    shown.wait_for_answer()
    assert shown.has_text(wording.MODEL_GONE["en"])
    assert "12 March 2021" in shown.answer
    shown.retry_button.click()
    shown.wait_until_gone(wording.MODEL_GONE["en"])
    shown.wait_for_answer()
    assert TRAM[1] in shown.answer


def test_a_question_that_cannot_be_used_is_told_in_the_conversation(page: Callable[..., Page]) -> None:
    shown = page(None, question_characters=40)
    shown.ask("long " * 20)
    shown.wait_for(".shoko-note")
    assert shown.has_text("shorten it to 40 or fewer")
    shown.ask(TRAM_QUESTION)
    shown.wait_for_answer()


def test_a_table_is_read_row_by_row_on_a_phone(page: Callable[..., Page]) -> None:
    shown = page(None, width=390)
    shown.ask("What does a return ticket of the Orrin funicular cost?")
    shown.wait_for_answer()
    for summary in shown.citations.locator("summary").all():
        if summary.is_visible():
            summary.click()
    for quote in shown.citations.locator("blockquote").all_inner_texts():
        assert "---" not in quote
        assert not re.search(r"^\s*\||\|\s*$", quote, re.MULTILINE)
    assert shown.width_of_content <= 390
    assert shown.submit_button.is_visible()


def test_the_page_asks_nothing_of_other_machines(page: Callable[..., Page]) -> None:
    shown = page(None)
    shown.ask(TRAM_QUESTION)
    shown.wait_for_answer()
    assert shown.foreign_requests == []
    assert shown.errors == []
