"""Step 9, the one repair: when no drafted claim survived, the best-fitting sentence of the context is quoted instead.

In the reader's language the quoted sentence itself is the claim. From another language it is translated by the model,
figures already in the reader's notation, and the translation goes through the same checks as any claim.
"""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from assistant import wording
from assistant.asked import (
    Asked,
    asks_for_several,
    asks_to_explain,
    contains,
    fits,
    names_asked,
    operation_asked,
    states_absence,
    what_is_asked,
)
from assistant.choosing import asking
from assistant.citation import Draft
from assistant.clauses import split_clauses
from assistant.context import Context, for_reader, without_markup
from assistant.extractive import quoted_claim
from assistant.figure_check import check_figures
from assistant.figure_rendering import rewrite_figure
from assistant.figures import find_figures
from assistant.generator import Generator
from assistant.japanese_names import japanese_name
from assistant.negation import is_negated
from assistant.plain_text import on_one_line
from assistant.probe import CHOOSE
from assistant.quoting import ScoredSentence, SentenceIndex, quote_of
from assistant.records import CheckedFigure, Claim
from assistant.relevance import Aim
from assistant.subject import missing_subjects, says_all_names, unknown_names
from assistant.verification import Verifier, cite
from assistant.words import content_words, fold
from assistant.yes_or_no import margins
from prompts import load

_MARGIN = 0.06  # a sentence that is further below the closest one than this is no answer
_MARGIN_OF_KIND = 0.30  # the same where the question tells what an answer must contain, and the sentence does
_LEAST_SHARED = 0.45  # share of an open question's content words in the sentence
_LEAST_SHARED_OF_KIND = 0.5  # the same where the question tells what an answer must contain, and the sentence does
_JAPANESE = re.compile("[ぁ-ん\u30a1-\u30fa\u4e00-\u9fff]")
_YEAR = re.compile(r"\d{4}年?")
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
_ANNOUNCED = re.compile(r".{15,}?[:：] ?")
_CELLS = re.compile(r"[:;|：；]")  # between a column's name and its value, or between values
_LONGEST_COPY = 80  # characters of a figure, a date or a name
_COPY = {
    "type": "object",
    "properties": {"words": {"type": "string", "maxLength": 120}},
    "required": ["words"],
    "additionalProperties": False,
}
_SCHEMA = {
    "type": "object",
    "properties": {"text": {"type": "string", "maxLength": 400}},
    "required": ["text"],
    "additionalProperties": False,
}


def repair(
    question: str,
    language: str,
    chosen: Context,
    sentences: SentenceIndex,
    verifier: Verifier,
    generator: Generator,
    *,
    denials_only: bool = False,
) -> Claim | None:
    """A supported claim from one sentence of the context, or None where none answers the question.

    `denials_only`: only from a sentence that denies something.
    """
    for code, quote in verifier.to_translate.items():  # what the model drew on, but could not say
        written_in = chosen.by_code[code].passage.language
        return translated(on_one_line(quote.text), written_in, code, question, language, verifier, generator)
    codes = {hit.passage.passage_id: code for code, hit in chosen.by_code.items()}
    aim = Aim(question, language)
    asked, words = aim.asked, content_words(question, language)
    open_question = not asked.kind and not names_asked(question, language)
    ranked = sentences.ranked(question, language, list(chosen.by_code.values()))
    least = ranked[0].score - (_MARGIN if open_question else _MARGIN_OF_KIND) if ranked else 0.0
    for extract in ranked:
        passage = extract.hit.passage
        if extract.score < least:
            return None
        if states_absence(extract.sentence.text):
            return None
        if denials_only and not is_negated(extract.sentence.text, passage.language):
            continue
        if missing_subjects(question, extract.sentence.text, passage):
            continue
        if not contains(asked, question, extract.sentence.text, language, passage.language, strictly=True):
            continue
        headings = content_words(f"{passage.title} {passage.section}", passage.language)
        shared = len(words & (extract.sentence.words | headings))
        if open_question and shared < _LEAST_SHARED * len(words):
            continue  # "why" does not tell what an answer must hold: then it must be about the same in its words
        if passage.language != language and not (
            asked.kind in ("figure", "date") and says_all_names(question, extract.sentence.text)
        ):
            continue  # words cannot be compared between languages: names and the kind of figure must do
        if asked.kind and passage.language == language and shared < _LEAST_SHARED_OF_KIND * len(words):
            continue
        _, after = sentences.around(extract.sentence, passage)
        if aim.missed_by(extract.sentence.text, passage, after):
            continue
        claim = quoted_claim(extract, 1)
        if passage.language == language:
            return claim
        code = codes[passage.passage_id]  # one translation at most: each costs seconds
        return translated(claim.text, passage.language, code, question, language, verifier, generator)
    return None


def translated(
    quote: str, written_in: str, code: str, question: str, language: str, verifier: Verifier, generator: Generator
) -> Claim | None:
    """A quote in the reader's language; where the model cannot say it, the one figure or date in it that was asked."""
    text = _translate(for_reader(quote, written_in, language), language, generator)
    claim = verifier.check(Draft(text, (code,)), is_translated=True).claim if text else None
    if claim is not None:
        return claim
    asked, given = what_is_asked(question, language), {one.key for one in find_figures(question, language)}
    figures = [one for one in find_figures(quote, written_in) if fits(asked, [one], given)] if asked.kind else []
    if len(figures) != 1:
        return None
    return verifier.check(Draft(rewrite_figure(figures[0], language), (code,)), is_translated=True).claim


def copied_from_another_language(
    item: ScoredSentence, question: str, language: str, generator: Generator
) -> Claim | None:
    """A claim of the figure, date or name that was asked, copied from a sentence in another language than the reader's.

    Figures and known names are already in the reader's notation when the model copies. None where more than one thing
    is asked, or where what the model gives does not stand there. That the sentence is about what is asked was decided
    before (`choosing.fitting`).
    """
    sentence, passage = item.sentence, item.hit.passage
    if asks_to_explain(question, language) or operation_asked(question, language):
        return None
    if asks_for_several(question, language) or _TWO_ASKED.search(question):
        return None
    asked = what_is_asked(question, language)
    told = _clause_asked(item, asked, question, language, generator)
    read = without_markup(for_reader(told, passage.language, language))
    words = _only_one_asked(read, asked, question, language)
    if not words:
        words = _the_thing_asked(_copied(question, read, language, generator), read, asked, question, language)
    if not words or words not in read or fold(words) in fold(question):
        return None
    if any(name in fold(words) for name in unknown_names(question)):
        return None  # "Tarawera Systems Limited" founded by whom?
    of_person = _PERSON_ASKED.search(question) is not None
    if of_person and re.search(rf"\b(?:in|at|near|à|en|près de|dans) {re.escape(words)}", read):
        return None  # a place
    name = japanese_name(words, of_person=of_person) if asked.kind == "name" and language != "ja" else ""
    if not name and not _reads_in_any_language(words, language, named=not asked.kind):
        return None
    if asked.kind in ("figure", "date") and not contains(asked, question, words, language):
        return None
    form = wording.AS_WRITTEN if name else wording.BARE_ANSWER
    text = form[language].format(answer=name or words)
    quote = quote_of([sentence], passage)
    figures, wrong = check_figures(text, language, [quote], [passage])
    return None if wrong else Claim(text, "supported", figures, (cite(1, passage, quote),))


def _clause_asked(item: ScoredSentence, asked: Asked, question: str, language: str, generator: Generator) -> str:
    """Of a sentence that sets several figures side by side the clause that the model finds likeliest; else all of it.

    "At first the error was 23%; in the end it had fallen to 9%": a small model copies the first.
    """
    text, written_in = on_one_line(item.sentence.text), item.hit.passage.language
    if asked.kind not in ("figure", "date"):
        return text
    given = {figure.key for figure in find_figures(question, language)}
    clauses = [one for one in split_clauses(text, written_in) if fits(asked, find_figures(one, written_in), given)]
    if len(clauses) < 2:
        return clauses[0] if clauses else text
    announced = _ANNOUNCED.match(text)  # of each item of a list
    before = announced.group() if announced and len(clauses) > 2 else ""
    told = [clause if clause.startswith(before) else before + clause for clause in clauses]
    parts = [replace(item, sentence=replace(item.sentence, text=one)) for one in told]
    found = list(margins([asking(CHOOSE, question, language, part) for part in parts], generator))
    return clauses[found.index(max(found))] if len(found) == len(clauses) else text


def told_in_another_language(
    item: ScoredSentence,
    code: str,
    question: str,
    language: str,
    verifier: Verifier,
    generator: Generator,
) -> Claim | None:
    """A sentence in another language than the reader's, translated: an answer where no single thing was asked."""
    if what_is_asked(question, language).kind:
        return None
    quote, written_in = on_one_line(item.sentence.text), item.hit.passage.language
    return translated(quote, written_in, code, question, language, verifier, generator)


def _only_one_asked(text: str, asked: Asked, question: str, language: str) -> str:
    """The one figure or date of a text that is of the kind asked for, or "": then nobody need choose."""
    given = {figure.key for figure in find_figures(question, language)}
    figures = find_figures(text, language) if asked.kind in ("figure", "date") else []
    fitting = {figure.key: figure.text for figure in figures if fits(asked, [figure], given)}
    return next(iter(fitting.values())) if len(fitting) == 1 else ""


def _the_thing_asked(words: str, text: str, asked: Asked, question: str, language: str) -> str:
    """What was asked, of copied words: all of a date ("5 June 2025" for "2025"), one cell of a row, or ""."""
    given = {figure.key for figure in find_figures(question, language)}
    around = {one.key: one.text for one in find_figures(text, language) if words in one.text and one.key not in given}
    if words and len(around) == 1:
        return next(iter(around.values()))
    if len(around) > 1 and _YEAR.fullmatch(words):
        return ""  # of several dates: which, cannot be told
    if not _CELLS.search(words):
        return words
    return _only_one_asked(words, asked, question, language)


def _reads_in_any_language(words: str, language: str, *, named: bool) -> bool:
    """Whether copied words are a figure, a date or a name: anything else would have to be translated.

    `named`: a name only.
    """
    if len(words) > _LONGEST_COPY:
        return False
    rest = words
    for figure in find_figures(words, language):
        rest = rest.replace(figure.text, " ")
    if named and (rest != words or not any(map(str.isalpha, rest))):
        return False
    if language != "ja" and _JAPANESE.search(rest):
        return False
    return all(word[0].isupper() or not word[0].isalpha() or word in _SMALL_WORDS for word in _LATIN_WORD.findall(rest))


def _copied(question: str, sentence: str, language: str, generator: Generator) -> str:
    messages = load("extract", language).render(question=question, sentence=sentence)
    return _written(generator.stream(messages, schema=_COPY, max_tokens=60, language=language), "words").strip(" .。")


def quoted_in_full(question: str, language: str, claims: Sequence[Claim], chosen: Context) -> list[Claim]:
    """The claims whose quote holds what was asked although their own wording does not, in the words of the quote.

    "They released a fully open model" cites "24 December 2024: ... released a fully open model": the date was asked.
    """
    asked = what_is_asked(question, language)
    by_id = {hit.passage.passage_id: hit.passage for hit in chosen.by_code.values()}
    found = []
    for claim in claims:
        for citation in claim.citations:
            passage = by_id.get(citation.passage_id)
            text = on_one_line(citation.quote)
            if passage is not None and passage.language == language and contains(asked, question, text, language):
                figures = tuple(
                    CheckedFigure(figure.text, *figure.key, "exact") for figure in find_figures(text, language)
                )
                found.append(Claim(text, "supported", figures, (citation,)))
                break
    return found


def _translate(sentence: str, language: str, generator: Generator) -> str:
    messages = load("translate", language).render(sentence=sentence)
    return _written(generator.stream(messages, schema=_SCHEMA, max_tokens=160, language=language), "text")


def _written(stream: Iterator[str], key: str) -> str:
    """The text under the one key of what the model writes, or "" where it is not as asked."""
    try:
        return str(json.loads("".join(stream))[key]).strip()
    except (json.JSONDecodeError, KeyError, TypeError):
        return ""
