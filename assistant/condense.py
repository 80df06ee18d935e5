"""Step 2: a follow-up and its history → a question that stands alone, in the same language.

Only a question that leans on the conversation is rewritten ("and SoftBank?", "それはいつですか"); any other is a new
topic and stays as it is. The rewrite is checked; where it fails, the earlier question is put beside the follow-up.
"""

import json
import re

from assistant.generator import Generator
from assistant.records import Question, Turn
from index.errors import RunError
from index.language import detect_language
from prompts import load

_LEANS = {
    "fr": re.compile(
        r"^(et|mais|ou|donc|alors|oui|non|ok|d'accord|pourquoi|comment|quand|où|lequel|laquelle|lesquels|lesquelles)\b"
        r"|\b(il|elle|ils|elles|cela|ça|celui|celle|ceux|celles|leurs?|lui|cette|ces|ce)\b(?![-\s](?:combien))",
        re.IGNORECASE,
    ),
    "en": re.compile(
        r"^(and|but|or|so|then|yes|no|ok|okay|sure|why|how about|what about|when|where|which one)\b"
        r"|\b(it|its|they|them|their|he|she|his|her|that|this|those|these|there|the same|the latter|the former)\b",
        re.IGNORECASE,
    ),
    "ja": re.compile(
        r"^(では|じゃあ|それでは|で、|でも|はい|いいえ|うん|なぜ|いつ|どうして|あと)"
        r"|(それ|その|これ|この|あれ|あの|同社|同じ|彼|彼女|そこ|そちら|こちら)"
        r"|^.{1,12}(は|は？|はどう|の場合は？?)[?？]?$"
    ),
}
_FEW_WORDS = 3
_LONGEST_REWRITE = 300
_SCHEMA = {
    "type": "object",
    "properties": {"question": {"type": "string", "maxLength": _LONGEST_REWRITE}},
    "required": ["question"],
    "additionalProperties": False,
}


def leans_on_history(text: str, language: str) -> bool:
    """Whether a question needs the conversation before it to be understood."""
    if language != "ja" and len(text.split()) <= _FEW_WORDS:
        return True
    return _LEANS[language].search(text) is not None


def condense(question: Question, generator: Generator | None) -> str:
    """The stand-alone form of a question, in its own language.

    Args:
        question: with its history.
        generator: rewrites; without one the earlier question is put beside the follow-up.
    """
    earlier = [turn for turn in question.history if turn.role == "user"]
    if not earlier or not leans_on_history(question.text, question.language):
        return question.text
    beside = f"{question.text} ({earlier[-1].content})"
    if generator is None:
        return beside
    messages = load("condense", question.language).render(
        conversation=_conversation(question.history), question=question.text
    )
    try:
        text = "".join(generator.stream(messages, schema=_SCHEMA, max_tokens=80, language=question.language))
        rewritten = str(json.loads(text)["question"]).strip()
    except (RunError, json.JSONDecodeError, KeyError, TypeError):
        return beside
    language = detect_language(rewritten)
    if not rewritten or len(rewritten) > _LONGEST_REWRITE or language not in (question.language, "und"):
        return beside
    return rewritten


def _conversation(history: tuple[Turn, ...]) -> str:
    """The last question and answer, shortened: what a follow-up leans on."""
    marks = {"user": "Q", "assistant": "A"}
    return "\n".join(f"{marks[turn.role]}: {turn.content[:240]}" for turn in history[-2:])
