"""Every figure of a claim against the spans that it cites."""

from collections.abc import Sequence

from assistant.figures import Figure, compare, find_figures, spelled_numbers
from assistant.quoting import Quote
from assistant.records import CheckedFigure
from index.records import Passage


def check_figures(
    text: str, language: str, quotes: Sequence[Quote], passages: Sequence[Passage]
) -> tuple[tuple[CheckedFigure, ...], list[str]]:
    """Compare every figure of a claim with the quoted spans.

    Where the quotes give no date at all, the title and the headings above the passage may.

    Returns:
        The checked figures, and the texts of those that the sources do not bear out.
    """
    evidence: list[Figure] = [figure for quote in quotes for figure in quote.figures]
    dated = any(figure.is_date for figure in evidence)
    around = [] if dated else [figure for passage in passages for figure in _figures_in_heading(passage)]
    spelled = [
        number
        for quote, passage in zip(quotes, passages, strict=True)
        for number in spelled_numbers(quote.text, passage.language)
    ]
    checked, wrong = [], []
    for figure in find_figures(text, language):
        if figure.kind == "ordinal":
            continue
        outcome = compare(figure, evidence)
        if not outcome.supported and figure.is_date:
            outcome = compare(figure, evidence + around)
        if outcome.verdict == "not found" and figure.kind in ("count", "number"):
            in_words = compare(figure, spelled)
            outcome = in_words if in_words.verdict == "exact" else outcome
        checked.append(CheckedFigure(figure.text, *figure.key, outcome.verdict))
        if not outcome.supported:
            wrong.append(figure.text)
    return tuple(checked), wrong


def _figures_in_heading(passage: Passage) -> list[Figure]:
    return find_figures(f"{passage.title}\n{passage.section}", passage.language)
