"""Step 9, the one repair: when no drafted claim survived, the best-fitting sentence of the context is quoted instead.

In the reader's language the quoted sentence itself is the claim. From another language it is translated by the model,
figures already in the reader's notation, and the translation goes through the same checks as any claim.
"""

from collections.abc import Sequence

from assistant.asked import (
    contains,
    fits,
    names_asked,
    states_absence,
    what_is_asked,
)
from assistant.citation import Draft
from assistant.context import Context, for_reader
from assistant.extractive import quoted_claim
from assistant.figure_rendering import rewrite_figure
from assistant.figures import find_figures
from assistant.generation import written_under
from assistant.generator import Generator
from assistant.negation import is_negated
from assistant.plain_text import on_one_line
from assistant.quoting import ScoredSentence, SentenceIndex
from assistant.records import CheckedFigure, Claim
from assistant.relevance import Aim
from assistant.subject import missing_subjects, says_all_names
from assistant.verification import Verifier
from assistant.words import content_words
from prompts import load

_MARGIN = 0.06  # a sentence that is further below the closest one than this is no answer
_MARGIN_OF_KIND = 0.30  # the same where the question tells what an answer must contain, and the sentence does
_LEAST_SHARED = 0.45  # share of an open question's content words in the sentence
_LEAST_SHARED_OF_KIND = 0.5  # the same where the question tells what an answer must contain, and the sentence does
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
    return written_under(generator.stream(messages, schema=_SCHEMA, max_tokens=160, language=language), "text")
