"""Asks recorded questions again and shows what is different: `python -m assistant replay FILE`.

Compared are the stand-alone question, the status, the text, the citations, the ranks of the passages and the figures.
Times are not. A different fingerprint says that model, prompts, settings or index changed in between.
"""

import json
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from assistant.pipeline import Assistant
from assistant.records import Turn
from index.errors import UsageError

_TEXTS = {
    "question": str, "standalone_question": str, "status": str, "abstention_reason": str, "text": str,
    "fingerprint": str, "claims": list, "passages": list, "history": list,
}  # fmt: skip
_ROLES = ("user", "assistant")
_PLAIN = ("standalone_question", "status", "abstention_reason", "text")


@dataclass(frozen=True, slots=True)
class Recorded:
    """One line of a record: the number of the line, the question with its history, and the answer as it was."""

    line: int
    question: str
    history: tuple[Turn, ...]
    answer: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Replayed:
    """One question asked again.

    Attributes:
        recorded: what was.
        differences: field → (what it was, what it is now); empty where the answer is the same.
        same_fingerprint: whether model, prompts, settings and index are those of then.
    """

    recorded: Recorded
    differences: Mapping[str, tuple[Any, Any]] = field(default_factory=dict)
    same_fingerprint: bool = True

    def to_json(self) -> dict[str, Any]:
        """A plain dictionary."""
        return {
            "line": self.recorded.line,
            "question": self.recorded.question,
            "same": not self.differences,
            "same_fingerprint": self.same_fingerprint,
            "differences": {name: {"was": was, "now": now} for name, (was, now) in self.differences.items()},
        }


def read_record(path: Path) -> list[Recorded]:
    """Read a record; blank lines are skipped.

    Raises:
        UsageError: the file cannot be read, or a line is not one of a record; the message names the line.
    """
    try:
        content = path.read_bytes().decode("utf-8")
    except OSError as error:
        raise UsageError(f"cannot read the record {path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{path} is not a record of answers: it is not UTF-8 text") from error
    lines = enumerate(content.split("\n"), start=1)
    return [_recorded(path, number, line) for number, line in lines if line.strip()]


def replay(assistant: Assistant, recorded: Sequence[Recorded]) -> Iterator[Replayed]:
    """Ask every question again.

    Raises:
        RunError: the index cannot be read.
    """
    for one in recorded:
        try:
            now = assistant.answer(one.question, one.history).to_json()
        except UsageError as error:  # a limit of the settings is lower than it was
            refused = {"status": (one.answer["status"], "refused"), "text": (one.answer["text"], str(error))}
            yield Replayed(one, refused, same_fingerprint=False)
            continue
        yield Replayed(one, differences(one.answer, now), one.answer["fingerprint"] == now["fingerprint"])


def differences(was: Mapping[str, Any], now: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    """What is different between two answers in their JSON form: field → (was, now)."""
    found = {name: (was[name], now[name]) for name in _PLAIN}
    found["citations"] = (_citations(was), _citations(now))
    found["figures"] = (_figures(was), _figures(now))
    found["passages"] = (_passages(was), _passages(now))
    return {name: (before, after) for name, (before, after) in found.items() if before != after}


def report(replayed: Sequence[Replayed]) -> dict[str, Any]:
    """The replay as a plain dictionary: counts, and every answer with its differences."""
    counts = Counter(name for one in replayed for name in one.differences)
    return {
        "answers": len(replayed),
        "same": sum(not one.differences for one in replayed),
        "same_fingerprint": sum(one.same_fingerprint for one in replayed),
        "different": dict(sorted(counts.items())),
        "results": [one.to_json() for one in replayed],
    }


def print_report(replayed: Sequence[Replayed]) -> None:
    """The replay for people, on standard output: what is different, then how many answers are the same."""
    lines = []
    for one in replayed:
        if not one.differences:
            continue
        lines.append(f"line {one.recorded.line}: {one.recorded.question}")
        for name, (was, now) in one.differences.items():
            if isinstance(was, str):
                lines += [f"  {name}", f"    - {_line(was)}", f"    + {_line(now)}"]
            else:
                lines.append(f"  {name}")
                lines += [f"    - {item}" for item in _readable(name, was, now)]
                lines += [f"    + {item}" for item in _readable(name, now, was)]
    summary = report(replayed)
    lines.append(f"{summary['same']} of {summary['answers']} answers are the same")
    if summary["different"]:
        lines.append("different: " + ", ".join(f"{name} {count}" for name, count in summary["different"].items()))
    if changed := summary["answers"] - summary["same_fingerprint"]:
        lines.append(f"{changed} recorded with another model, prompt, setting or index")
    sys.stdout.write("\n".join(lines) + "\n")


def _readable(name: str, items: Sequence[Any], others: Sequence[Any]) -> list[str]:
    """The items that the other side lacks; passages with their rank, where it is another."""
    if name == "passages":
        ranked = list(enumerate(items, start=1))
        return [f"{rank}. {item}" for rank, item in ranked if list(others[rank - 1 : rank]) != [item]]
    found = [" · ".join(str(part) for part in item.values()) for item in items if item not in others]
    return found or (["(in another order)"] if items else [])


def _citations(answer: Mapping[str, Any]) -> list[dict[str, Any]]:
    keys = ("document_id", "start", "end", "quote")
    return [{key: cited[key] for key in keys} for claim in answer["claims"] for cited in claim["citations"]]


def _figures(answer: Mapping[str, Any]) -> list[dict[str, Any]]:
    keys = ("text", "value", "unit", "verdict")
    return [{key: figure[key] for key in keys} for claim in answer["claims"] for figure in claim["figures"]]


def _passages(answer: Mapping[str, Any]) -> list[str]:
    return [passage["passage_id"] for passage in answer["passages"]]


def _line(text: object) -> str:
    return " ".join(str(text).split()) or "(nothing)"


def _recorded(path: Path, number: int, line: str) -> Recorded:
    where = f"{path}, line {number}"
    try:
        answer: Any = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{where}: not a line of JSON; mend or remove it") from error
    if not isinstance(answer, dict):
        raise UsageError(f"{where}: not a recorded answer; mend or remove it")
    answer.setdefault("history", [])
    if missing := [name for name, kind in _TEXTS.items() if not isinstance(answer.get(name), kind)]:
        raise UsageError(f"{where}: not a recorded answer, {', '.join(missing)} missing or of the wrong type")
    try:
        differences(answer, answer)
        history = tuple(Turn(turn["role"], turn["content"]) for turn in answer["history"])
    except (KeyError, TypeError, AttributeError) as error:
        raise UsageError(f"{where}: not a recorded answer, a claim, passage or turn is incomplete") from error
    if any(turn.role not in _ROLES or not isinstance(turn.content, str) for turn in history):
        raise UsageError(f"{where}: not a recorded answer, a turn of the history is not text")
    return Recorded(number, answer["question"], history, answer)
