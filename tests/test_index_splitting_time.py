"""Odd text must not take time with the square of its length: one such file would stop a build."""

import signal
from collections.abc import Iterator, Sequence

import pytest

from index.passages import split_document
from index.records import Document

LIMIT_S = 20  # a hundred times what is needed; quadratic time needs minutes
PIECES = (" ", "\t", ".", "!?", "- ", "|", "|-", "[1]", "a", "あ", "「", "\u0301", "\u00a0»")


@pytest.fixture(autouse=True)
def _limited() -> Iterator[None]:
    def stop(*_: object) -> None:
        raise TimeoutError

    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(LIMIT_S)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


def _count(texts: Sequence[str]) -> list[int]:
    return [len(text) // 3 for text in texts]


@pytest.mark.parametrize("piece", PIECES, ids=repr)
def test_long_runs_are_split_in_linear_time(piece: str) -> None:
    run = piece * (30_000 // len(piece))
    for text in (run, f"x|\n{run}|x\n", f"# a\n\n- b {run} C. D"):
        drafts = split_document(Document("d", "t", text, "en"), _count, 400)
        joined = "".join("".join(draft.passage.text.split()) for draft in drafts)
        assert joined == "".join(text.split())
