"""From a sentence in another language than the reader's: the one figure, date or name that was asked.

A figure needs no words: code writes it in the reader's notation (`figure_rendering`). Of several the likeliest is shown
(`which_part`), or, where none is clearly likelier, all of them. So is a full name; another one is copied by the model
and must stand there.
"""

import re
from collections.abc import Sequence

from assistant import wording
from assistant.asked import (
    Asked,
    asks_for_several,
    asks_to_explain,
    names_asked,
    operation_asked,
    what_is_asked,
)
from assistant.context import for_reader, without_markup
from assistant.figure_check import check_figures
from assistant.figure_rendering import rewrite_figure
from assistant.figures import Figure, find_figures
from assistant.generation import written_under
from assistant.generator import Generator
from assistant.japanese_names import japanese_name
from assistant.plain_text import on_one_line
from assistant.quoting import ScoredSentence, quote_of
from assistant.records import Claim
from assistant.spellings import sound_alike
from assistant.subject import unknown_names
from assistant.verification import cite
from assistant.which_part import figures_asked, likeliest_figure, likeliest_part, names_asked_for
from assistant.words import fold
from prompts import load

_JAPANESE = re.compile("[ぁ-ん\u30a1-\u30fa\u4e00-\u9fff]")
_LATIN_WORD = re.compile(r"[A-Za-zÀ-ÿ][\w'’-]*")
_SMALL_WORDS = frozenset(
    ("de", "du", "des", "d", "la", "le", "les", "l", "et", "of", "the", "and", "for", "in", "à", "au")
)
_TWO_ASKED = re.compile(  # "how many nodes and GPUs": one figure is half an answer
    r"\bcombien d(?:e |['’])[\w-]+ et (?:de |d['’]|combien)"
    r"|\bhow (?:many|much) [\w-]+ and (?:how|[\w-]+ (?:do|does|did|has|have|had|is|are|was|were|will|can))\b"
    r"|何[^、。]{1,6}と[^、。]{0,12}何",
    re.IGNORECASE,
)
_PERSON_ASKED = re.compile(r"\bqui\b|\bwho(?:m|se)?\b|誰|だれ|どなた", re.IGNORECASE)
_CELLS = re.compile(r"[:;|：；]")  # between a column's name and its value, or between values
_MOST_SHOWN = 4  # figures of which one may be the answer
_LONGEST_COPY = 80  # characters of a name
_COPY = {
    "type": "object",
    "properties": {"words": {"type": "string", "maxLength": 120}},
    "required": ["words"],
    "additionalProperties": False,
}


def copied_from_another_language(
    item: ScoredSentence, question: str, language: str, generator: Generator
) -> Claim | None:
    """A claim of the figure, date or name that was asked, from a sentence in another language than the reader's.

    None where more than one thing is asked, or something else, or where the sentence lacks it. That the sentence is
    about what is asked was decided before (`choosing`).

    Raises:
        RunError: the server does not answer.
    """
    if asks_to_explain(question, language) or operation_asked(question, language):
        return None
    if asks_for_several(question, language) or _TWO_ASKED.search(question):
        return None
    asked = what_is_asked(question, language)
    if asked.kind in ("figure", "date"):
        return _figure(item, asked, question, language, generator)
    if asked.kind == "name" or names_asked(question, language):
        return _name(item, question, language, generator)
    return None


def _figure(item: ScoredSentence, asked: Asked, question: str, language: str, generator: Generator) -> Claim | None:
    text, written_in = item.sentence.text, item.hit.passage.language
    figures = figures_asked(text, written_in, asked, question, language)
    if len(figures) < 2:
        return _stated(item, [rewrite_figure(one, language) for one in figures], language)
    likeliest = likeliest_figure(item, figures, question, language, generator)
    shown = [likeliest] if likeliest else _alike(figures)
    return _stated(item, [rewrite_figure(one, language) for one in shown], language)


def _alike(figures: Sequence[Figure]) -> list[Figure]:
    """The figures of one unit, of several of which each may be meant; none where they are too many."""
    units = ["date" if one.is_date else one.unit for one in figures]
    usual = max(units, key=units.count)
    alike = [one for one, unit in zip(figures, units, strict=True) if unit == usual]
    return alike if len(alike) <= _MOST_SHOWN else []


def _name(item: ScoredSentence, question: str, language: str, generator: Generator) -> Claim | None:
    text, written_in = item.sentence.text, item.hit.passage.language
    names = names_asked_for(text, question) if written_in != "ja" else []
    names = [one for one in names if _may_be_asked(one.text, text, question)]
    if len(names) > 1:
        likeliest = likeliest_part(item, names, question, language, generator, least=0.0)
        if likeliest is None:
            return None
        names = [likeliest]
    read = without_markup(for_reader(on_one_line(text), written_in, language))
    words = without_markup(for_reader(names[0].text, written_in, language)) if names else ""
    words = words or _copied(question, read, language, generator)
    if not words or words not in read or not _may_be_asked(words, read, question):
        return None
    name = japanese_name(words, of_person=_asks_for_person(question)) if language != "ja" else ""
    if not name and not _reads_in_any_language(words, language):
        return None
    return _stated(item, [name or words], language, wording.AS_WRITTEN if name else wording.BARE_ANSWER)


def _may_be_asked(words: str, text: str, question: str) -> bool:
    """Whether words of a text may be the name that was asked: not the question's own, and no place for a person."""
    if fold(words) in fold(question) or _CELLS.search(words):
        return False
    if any(name in fold(words) for name in unknown_names(question)):
        return False  # "Tarawera Systems Limited" founded by whom?
    if not _asks_for_person(question):
        return True
    if sound_alike(words, question):
        return False  # who followed Joanne Tsai?
    return re.search(rf"\b(?:in|at|near|à|en|près de|dans) {re.escape(words)}", text) is None


def _asks_for_person(question: str) -> bool:
    return _PERSON_ASKED.search(question) is not None


def _stated(
    item: ScoredSentence, answers: Sequence[str], language: str, form: dict[str, str] = wording.BARE_ANSWER
) -> Claim | None:
    """A sentence around an answer, or around several of which one is meant; None without any or with a wrong figure."""
    if not answers:
        return None
    passage, quote = item.hit.passage, quote_of([item.sentence], item.hit.passage)
    if len(answers) > 1:
        form = wording.ONE_OF_SEVERAL
    plain = [" ".join(answer.split()) for answer in answers]  # people copy and search it
    text = form[language].format(answer=wording.BETWEEN_VALUES[language].join(plain))
    figures, wrong = check_figures(text, language, [quote], [passage])
    return None if wrong else Claim(text, "supported", figures, (cite(1, passage, quote),))


def _reads_in_any_language(words: str, language: str) -> bool:
    """Whether copied words are a name: anything else would have to be translated."""
    if len(words) > _LONGEST_COPY or find_figures(words, language) or not any(map(str.isalpha, words)):
        return False
    if language != "ja" and _JAPANESE.search(words):
        return False
    return all(
        word[0].isupper() or not word[0].isalpha() or word in _SMALL_WORDS for word in _LATIN_WORD.findall(words)
    )


def _copied(question: str, sentence: str, language: str, generator: Generator) -> str:
    messages = load("extract", language).render(question=question, sentence=sentence)
    stream = generator.stream(messages, schema=_COPY, max_tokens=60, language=language)
    return written_under(stream, "words").strip(" .。")
