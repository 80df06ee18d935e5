"""Step 2: a follow-up and its history → a question that stands alone, in the same language.

A question that names its subject is a new topic and stays as it is. A follow-up is rewritten by rule where its pattern
is clear (`rewriting`), else by the model; what the model writes is checked (`rewrite_check`), and where it fails, what
the conversation was about is put beside the follow-up.
"""

import json
from collections.abc import Sequence

from assistant.exchange import Exchange
from assistant.follow_up import read_follow_up
from assistant.generator import Generator
from assistant.records import Question, Turn
from assistant.rewrite_check import fault
from assistant.rewriting import beside, rewrite
from index.errors import RunError
from index.language import detect_language
from prompts import load

_LONGEST_REWRITE = 300
_LONGEST_TURN = 240  # characters of an answer that the model reads
_SCHEMA = {
    "type": "object",
    "properties": {"question": {"type": "string", "maxLength": _LONGEST_REWRITE}},
    "required": ["question"],
    "additionalProperties": False,
}


def condense(question: Question, generator: Generator | None) -> str:
    """The stand-alone form of a question, in its own language.

    Args:
        question: with its history.
        generator: rewrites what no rule does; without one, what the conversation was about is put beside.
    """
    before = last_exchange(question.history)
    if before is None or not question.text.strip():
        return question.text
    follow_up = read_follow_up(question.text, question.language, f"{before.question} {before.answer}")
    if follow_up.kind == "complete":
        return question.text
    by_rule = rewrite(follow_up, question.language, before)
    if by_rule and len(by_rule) <= _LONGEST_REWRITE:
        return by_rule
    written = _by_model(question, before, generator) if generator else ""
    return written or beside(question.text, question.language, before)


def last_exchange(history: Sequence[Turn]) -> Exchange | None:
    """The last question of a conversation in its stand-alone form, with its answer; None where nothing was asked.

    Every question is read in the light of those before it, by rule only: a conversation of twenty turns keeps the
    subject that its first one named, and costs no model call.
    """
    last: Exchange | None = None
    for turn in history:
        if turn.role == "assistant":
            if last is not None:
                last = Exchange(last.question, last.language, turn.content)
            continue
        language = detect_language(turn.content)
        if language == "und":
            language = last.language if last else "en"
        text = turn.content
        if last is not None:
            follow_up = read_follow_up(text, language, f"{last.question} {last.answer}")
            text = rewrite(follow_up, language, last) or beside(text, language, last)
        last = Exchange(text[:_LONGEST_REWRITE], language)
    return last


def _by_model(question: Question, before: Exchange, generator: Generator) -> str:
    """The question as the model rewrites it, or "" where that cannot be used."""
    conversation = f"Q: {before.question}\nA: {before.answer[:_LONGEST_TURN]}"
    messages = load("condense", question.language).render(conversation=conversation, question=question.text)
    try:
        text = "".join(generator.stream(messages, schema=_SCHEMA, max_tokens=80, language=question.language))
        rewritten = " ".join(json.loads(text)["question"].split())
    except (RunError, json.JSONDecodeError, KeyError, TypeError, AttributeError):
        return ""
    return "" if fault(rewritten, question.text, question.language, before) else rewritten
