"""From a question to a verified answer: every sentence with the exact passage that supports it.

Ask once (starts the models, answers, stops them):

    from assistant import answer
    print(answer("Which six providers did METI certify?").text)

Ask several times, or stream:

    from assistant import open_assistant
    with open_assistant() as assistant:
        result = assistant.answer("Combien SoftBank va-t-il investir ?")
        for event in assistant.stream("さくらインターネットへの助成額は？"):
            ...

Map: question (parse) → condense → [index.retriever] → abstention → context → generator → citation → quoting →
verification → repair → `Answer`, all in `pipeline`. Around it: serving (model server), chat (page), http_api (HTTP),
__main__.
Names are loaded when first used, so that `python -m assistant --help` starts at once.
"""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from assistant.opening import open_assistant
    from assistant.pipeline import Assistant
    from assistant.records import Answer, Citation, Claim, Event, Turn

__all__ = ["Answer", "Assistant", "Citation", "Claim", "Event", "Turn", "answer", "open_assistant", "stream"]

_HOME = {
    "open_assistant": "assistant.opening",
    "Assistant": "assistant.pipeline",
    **dict.fromkeys(("Answer", "Citation", "Claim", "Event", "Turn"), "assistant.records"),
}


def answer(question: str, history: "Sequence[Turn]" = (), *, index: str | None = None) -> "Answer":
    """Answer one question and stop the models again; for several questions use `open_assistant`.

    Args:
        question: in French, English or Japanese, 2,000 characters at most.
        history: the conversation so far, oldest turn first.
        index: folder of an index; None: the shipped documents.

    Raises:
        UsageError: the question or the index cannot be used; the message names the remedy.
        RunError: weights cannot be fetched, or the model server does not start.
    """
    from assistant.opening import open_assistant

    with open_assistant(index) as assistant:
        return assistant.answer(question, history)


def stream(question: str, history: "Sequence[Turn]" = (), *, index: str | None = None) -> "Iterator[Event]":
    """The same as events: stages, drafts, verified claims, and at the end the answer. Close it to stop early."""
    from assistant.opening import open_assistant

    with open_assistant(index) as assistant:
        yield from assistant.stream(question, history)


def __getattr__(name: str) -> object:
    if name in _HOME:
        from importlib import import_module

        return getattr(import_module(_HOME[name]), name)
    raise AttributeError(f"module 'assistant' has no attribute {name!r}")
