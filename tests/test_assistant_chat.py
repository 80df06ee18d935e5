"""The functions behind the web page, without a browser."""

import re
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from assistant import chat
from assistant.pipeline import Assistant
from assistant.records import Turn
from index.errors import RunError, UsageError
from tests.browsing import free_port
from tests.scripted_generator import written

TRAM = ("K3", "The tram line opened on 12 March 2021.")
TRAM_QUESTION = "When did the Brenmoor tram line open?"


@pytest.mark.parametrize(
    ("history", "expected"),
    [
        ([{"role": "user", "content": "Hello"}], [Turn("user", "Hello")]),
        ([{"role": "user", "content": [{"type": "text", "text": "Hello"}]}], [Turn("user", "Hello")]),
        ([{"role": "user", "content": [{"type": "file", "file": {"path": "x"}}]}], []),
        ([{"role": "assistant", "content": '<p class="shoko-note">Searching…</p>'}], []),
        ([{"role": "user", "content": "&lt;b&gt; &amp; c"}], [Turn("user", "<b> & c")]),
        (
            [{"role": "assistant", "content": '<p class="shoko-answer" lang="en">A &amp; B. <sup>[1]</sup></p>\nx'}],
            [Turn("assistant", "A & B.")],
        ),
        (
            [{"role": "assistant", "content": '<p class="shoko-abstained" lang="en">Nothing.</p>'}],
            [Turn("assistant", "Nothing.")],
        ),
    ],
    ids=["plain string", "blocks", "file", "unfinished answer", "escaped", "answer", "abstention"],
)  # fmt: skip
def test_history_becomes_text(history: list[dict[str, Any]], expected: list[Turn]) -> None:
    assert chat.turns(history) == expected


def test_every_shown_answer_is_found_again_as_history(make_assistant: Callable[..., Assistant]) -> None:
    *_, shown = chat.reply(make_assistant(written(TRAM)), TRAM_QUESTION, [])
    [turn] = chat.turns([{"role": "assistant", "content": shown}])
    assert turn == Turn("assistant", TRAM[1])


def test_a_failure_while_running_is_told_in_the_conversation(
    make_assistant: Callable[..., Assistant], monkeypatch: pytest.MonkeyPatch
) -> None:
    assistant = make_assistant(written(TRAM))

    def fail(*_: object, **__: object) -> None:
        raise RunError("the index cannot be <read>")

    monkeypatch.setattr(assistant.retriever, "search", fail)
    *_, shown = chat.reply(assistant, TRAM_QUESTION, [])
    assert shown == '<p class="shoko-note">the index cannot be &lt;read&gt;</p>'


def test_a_port_in_use_is_a_user_error() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(UsageError, match="--port"):
            chat.require_free("127.0.0.1", taken.getsockname()[1])


@pytest.mark.parametrize("host", ["no.such.host.invalid", "203.0.113.1"])
def test_a_host_that_is_not_ours_is_a_user_error(host: str) -> None:
    with pytest.raises(UsageError, match="cannot listen"):
        chat.require_free(host, free_port())


def test_only_the_page_imports_gradio() -> None:
    source = Path(chat.__file__).read_text(encoding="utf-8")
    assert not re.search(r"^(import|from) gradio", source, re.MULTILINE), "gradio takes seconds to import"
