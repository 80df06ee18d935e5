"""Questions that ask for a sum or a difference: computed from two cited sentences, operands shown. No model.

A small model adds wrongly or quotes one operand only. Nothing is computed where an operand is not certain.
"""

from collections.abc import Sequence
from decimal import Decimal
from itertools import pairwise

from assistant import wording
from assistant.asked import operation_asked
from assistant.figure_rendering import render_figure, rewrite_figure
from assistant.figures import Figure, find_figures
from assistant.names import NameGroup, groups_in
from assistant.quoting import Quote, ScoredSentence
from assistant.records import CheckedFigure, Citation, Claim
from assistant.verification import cite

_KINDS = ("amount", "count", "percentage", "measure")
_NAMED = ("company", "body", "person")

Operand = tuple[str, Figure, ScoredSentence]  # whose, how much, where it stands


def computed_claim(question: str, language: str, ranked: Sequence[ScoredSentence]) -> Claim | None:
    """The sum or difference that a question asks for, or None where it asks for none or an operand is missing.

    The operands belong to two names of the question, each in a sentence that has this name and one figure; or they
    are the only two figures of one unit in the sentence closest to the question.
    """
    operation = operation_asked(question, language)
    if not operation:
        return None
    operands = _of_names(question, language, ranked) or _of_one_sentence(question, language, ranked)
    if len(operands) < 2 or len({figure.unit for _, figure, _ in operands}) > 1:
        return None
    values = [figure.value for _, figure, _ in operands]
    result = sum(values, Decimal(0)) if operation == "sum" else max(values) - min(values)
    if operation == "difference":
        operands = sorted(operands, key=lambda operand: -operand[1].value)
    shown = render_figure(result, operands[0][1].unit, language)
    written = [(f"{name} " if name else "") + rewrite_figure(figure, language) for name, figure, _ in operands]
    sign = " + " if operation == "sum" else " − "
    text = wording.COMPUTED[operation][language].format(result=shown, operands=sign.join(written))
    return Claim(text, "supported", _checked(text, language, shown), citations_of([item for _, _, item in operands]))


def _of_names(question: str, language: str, ranked: Sequence[ScoredSentence]) -> list[Operand]:
    named = sorted((group for group in groups_in(question) if group.kind in _NAMED), key=lambda group: group.en)
    dates = {figure.iso for figure in find_figures(question, language) if figure.is_date}
    found = [_of_name(group, dates, language, ranked) for group in named]
    operands = [operand for operand in found if operand is not None]
    return operands if len(operands) == 2 else []


def _of_name(group: NameGroup, dates: set[str], language: str, ranked: Sequence[ScoredSentence]) -> Operand | None:
    for item in ranked:
        sentence = item.sentence
        others = {other for other in groups_in(sentence.text) if other.kind == group.kind} - {group}
        amounts = [figure for figure in sentence.figures if figure.kind in _KINDS and figure.qualifier != "range"]
        given = {figure.iso for figure in sentence.figures if figure.is_date}
        if group not in groups_in(sentence.text) or others or len({figure.key for figure in amounts}) != 1:
            continue
        if dates and given and not dates & given:
            continue
        return getattr(group, language), amounts[0], item
    return None


def _of_one_sentence(question: str, language: str, ranked: Sequence[ScoredSentence]) -> list[Operand]:
    if not ranked:
        return []
    best = ranked[0]
    asked = groups_in(question)
    amounts = [figure for figure in best.sentence.figures if figure.kind in _KINDS]
    pairs = [pair for pair in pairwise(amounts) if pair[0].unit == pair[1].unit]
    if len(amounts) != 2 or not pairs or (asked and not asked & groups_in(best.sentence.text)):
        return []
    return [("", figure, best) for figure in amounts]


def _checked(text: str, language: str, shown: str) -> tuple[CheckedFigure, ...]:
    return tuple(
        CheckedFigure(figure.text, *figure.key, "derived" if figure.text in shown else "exact")
        for figure in find_figures(text, language)
    )


def citations_of(items: Sequence[ScoredSentence]) -> tuple[Citation, ...]:
    """The citations of sentences, numbered in their order; a sentence is cited once."""
    citations: list[Citation] = []
    for item in items:
        sentence, passage = item.sentence, item.hit.passage
        quote = Quote(sentence.text, sentence.start, sentence.end, sentence.figures, 1.0)
        citation = cite(len(citations) + 1, passage, quote)
        if all((citation.document_id, citation.start) != (other.document_id, other.start) for other in citations):
            citations.append(citation)
    return tuple(citations)
