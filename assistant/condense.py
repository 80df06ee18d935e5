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
        r"^(et|mais|ou|donc|alors|oui|non|ok|d'accord|lequel|laquelle|lesquels|lesquelles)\b"
        r"|(?<!-)\b(il|elle|ils|elles)\b(?! (?:y a|existe|faut|s'agit))"
        r"|\b(cela|ça|celui|celle|ceux|celles|leurs?|lui|cette|ces)\b|(?<!-)\bce\b(?! (?:qu|dont))",
        re.IGNORECASE,
    ),
    "en": re.compile(
        r"^(and|but|or|so|then|yes|no|ok|okay|sure|how about|what about|which one)\b"
        r"|\b(it|its|they|them|their|he|she|his|her|that|this|those|these|the same|the latter|the former)\b"
        r"|(?<!is )(?<!are )(?<!was )(?<!were )(?<!be )\bthere\b(?! (?:is|are|was|were|will)\b)",
        re.IGNORECASE,
    ),
    "ja": re.compile(
        r"^(では|じゃあ|それでは|で、|でも|はい|いいえ|うん|あと)"
        r"|(それ(?!ぞれ)|その|これ(?!まで|から)|この|あれ|あの|同社|同じ|彼|彼女|そこ|そちら|こちら)"
        r"|^.{1,12}(は|は？|はどう|の場合は？?)[?？]?$"
    ),
}
# A short question of these leans where it names nothing: "Pourquoi le retard ?", not "When did METI certify it?"
_ASKS = {
    "fr": re.compile(r"^(pourquoi|comment|quand|où)\b", re.IGNORECASE),
    "en": re.compile(r"^(why|when|where)\b", re.IGNORECASE),
    "ja": re.compile(r"^(なぜ|いつ|どうして).{0,8}$"),
}
_NAMED = re.compile(r"(?<=\s)(?:[ldLD]['’])?[A-ZÀ-Þ0-9]")
# "Combien d'employés a-t-elle": the subject is in the conversation; "Quand la loi a-t-elle été votée": it is here.
_INVERTED = re.compile(r"^(.*?)(?:-t-|-)(?:il|elle|ils|elles)\b", re.IGNORECASE)
_IMPERSONAL = re.compile(r"\b(?:y a|existe|faut|faudra|s'agit)$", re.IGNORECASE)
_SUBJECT = re.compile(r"\b(?:le|la|les|un|une)\s|\bl['’]|(?<=\s)[A-ZÀ-Þ]")
_FEW_WORDS = 3
_SHORT_WORDS = 7
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
    if _LEANS[language].search(text) is not None or (language == "fr" and _lacks_subject(text)):
        return True
    short = len(text.split()) <= _SHORT_WORDS
    return short and _ASKS[language].search(text) is not None and _NAMED.search(text) is None


def _lacks_subject(text: str) -> bool:
    """Whether a French inversion has its pronoun for its only subject."""
    inverted = _INVERTED.match(text)
    if inverted is None or _IMPERSONAL.search(inverted.group(1)):
        return False
    return _SUBJECT.search(inverted.group(1)) is None


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
        rewritten = " ".join(json.loads(text)["question"].split())
    except (RunError, json.JSONDecodeError, KeyError, TypeError, AttributeError):
        return beside
    language = detect_language(rewritten)
    if not rewritten or len(rewritten) > _LONGEST_REWRITE or language not in (question.language, "und"):
        return beside
    return rewritten


def _conversation(history: tuple[Turn, ...]) -> str:
    """The last question and answer, shortened: what a follow-up leans on."""
    marks = {"user": "Q", "assistant": "A"}
    return "\n".join(f"{marks[turn.role]}: {turn.content[:240]}" for turn in history[-2:])
