"""`python -m assistant chat` as a person starts it: a real model, a real Chromium, a server that is killed, Ctrl-C."""

import os
import re
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from assistant import wording
from index.retriever import Retriever
from tests.browsing import Page, free_port, open_browser, require_browser
from tests.island_documents import ISLAND
from tests.processes import children_of, is_running
from tests.small_model import small_model

ROOT = Path(__file__).parent.parent
WAIT_S = 90
require_browser()
pytestmark = [pytest.mark.browser, pytest.mark.model]


@pytest.fixture
def browser() -> Iterator[Any]:
    with open_browser() as opened:
        yield opened


@pytest.fixture
def program(browser: Any, island: Retriever) -> Iterator[tuple["subprocess.Popen[str]", str]]:
    """The running program and the address that it printed; llama.cpp reads the prompts, too, so that it can be lost."""
    command = [sys.executable, "-m", "assistant", "chat", "--index", str(island._folder), "--port", str(free_port())]
    process = subprocess.Popen(
        [*command, "--server", "llama", "--model", small_model()],
        cwd=ROOT,
        env={name: value for name, value in os.environ.items() if not name.startswith("SHOKO_")}
        | {"SHOKO_ASSISTANT_PREFILL": "never"},
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        assert process.stdout is not None
        assert select.select([process.stdout], [], [], WAIT_S)[0], "no address after a long wait"
        address = re.search(r"http://127\.0\.0\.1:\d+", process.stdout.readline())
        assert address is not None
        yield process, address[0]
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


def check_evidence(page: Page, island: Retriever) -> None:
    """What must hold whatever a model writes: an answer with quotes from the documents, or the nearest passages."""
    citation = page.latest(".shoko-sources .shoko-citation, .shoko-passages .shoko-citation")
    quote = citation.locator("blockquote")
    assert not quote.is_visible()
    citation.locator("summary").click()
    quote.wait_for(state="visible")
    documents = [" ".join(island.document(name).text.split()) for name in ISLAND]
    pieces = [" ".join(line.split()) for line in quote.inner_text().removesuffix("…").splitlines() if line.strip()]
    assert pieces
    assert all(any(piece in document for document in documents) for piece in pieces), pieces


def test_the_whole_program(browser: Any, program: tuple["subprocess.Popen[str]", str], island: Retriever) -> None:
    process, address = program
    [server] = children_of(process.pid, "assistant.llama_server")
    page = Page(browser, address)
    questions = (
        "When did the Brenmoor tram line open?",
        "And how much did the council pay for it?",
        "Quelle est la hauteur du barrage de Corvanne ?",
        "青浜フェリーの建造費はいくらですか。",
    )
    for number, question in enumerate(questions, 1):
        page.ask(question)
        page.wait_for_answer(number)
        check_evidence(page, island)

    # The server is killed while it works on an answer: the page says so, and quotes the documents itself.
    page.ask("Who restored the reading room of Halden Library?")
    page.wait_for_stage(wording.STAGES["choose"]["en"][:9])
    os.kill(server, signal.SIGKILL)
    page.wait_for_answer(len(questions) + 1)
    assert page.has_text(wording.MODEL_GONE["en"])
    assert "Larkspur Joinery" in page.answer
    check_evidence(page, island)

    # A new server answers the retry.
    page.retry_button.click()
    page.wait_until_gone(wording.MODEL_GONE["en"])
    page.wait_for_answer(len(questions) + 1)
    assert not page.has_text(wording.MODEL_GONE["en"])
    [revived] = children_of(process.pid, "assistant.llama_server")
    assert revived != server
    page.close()

    os.killpg(process.pid, signal.SIGINT)
    output, _ = process.communicate(timeout=30)
    assert (process.returncode, output) == (0, "")
    deadline = time.monotonic() + WAIT_S
    while is_running(revived) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not is_running(revived)
    assert not is_running(server)
