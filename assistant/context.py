"""Step 6: retrieved passages → the context, the few passages that the model reads, each under a short code.

Codes are opaque so that the model cannot count them wrongly and an invented one is recognised. Passages are data: their
text is put on one line and whatever looks like a code or a delimiter in it is neutralised.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from assistant.figure_rendering import rewrite_figure
from assistant.figures import find_figures
from assistant.names import in_language
from index.records import RetrievedPassage

CODES = ("K3", "M7", "P2", "R9", "T4", "W6", "X5", "Z8")
_BRACKETS = str.maketrans({"[": "(", "]": ")", "【": "(", "】": ")", "<": "(", ">": ")"})
_MARKUP = re.compile(r"(\*\*|__|`|^#+\s*)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Context:
    """The passages the model reads.

    Attributes:
        by_code: code → passage, in the order of the prompt.
        text: the block that goes into the prompt.
        left_out: ids of retrieved passages that did not fit.
    """

    by_code: Mapping[str, RetrievedPassage]
    text: str
    left_out: tuple[str, ...]


def select(
    passages: Sequence[RetrievedPassage],
    *,
    most: int,
    budget_tokens: int,
    count_tokens: Callable[[str], int],
    render: Callable[[str, str], str] | None = None,
) -> Context:
    """Take the best passages that fit.

    The first passage is always taken; a later one is skipped when it does not fit, and a shorter one may still.

    Args:
        passages: best first.
        most: most passages.
        budget_tokens: tokens of the model for the whole block.
        count_tokens: the model's own count.
        render: (passage text, its language) → the text as the reader's language writes its figures; None: as it is.
    """
    by_code: dict[str, RetrievedPassage] = {}
    lines: list[str] = []
    left_out: list[str] = []
    used = 0
    for hit in passages:
        code = CODES[len(by_code)] if len(by_code) < min(most, len(CODES)) else ""
        line = _line(code, hit, render)
        tokens = count_tokens(line) if code else 0
        if not code or (by_code and used + tokens > budget_tokens):
            left_out.append(hit.passage.passage_id)
            continue
        by_code[code] = hit
        lines.append(line)
        used += tokens
    return Context(by_code, "\n".join(lines), tuple(left_out))


def for_reader(text: str, written_in: str, language: str) -> str:
    """A text in another language with its figures and known names already as the reader writes them.

    A small model swaps scales and currencies when it translates ("150 milliards" → 「150億」); here it only copies.
    """
    if written_in == language:
        return text
    pieces, position = [], 0
    for figure in find_figures(text, written_in):
        if figure.start >= position:
            pieces += [text[position : figure.start], rewrite_figure(figure, language)]
            position = figure.end
    return in_language("".join([*pieces, text[position:]]), language)


def _line(code: str, hit: RetrievedPassage, render: Callable[[str, str], str] | None) -> str:
    passage = hit.passage
    text = render(passage.text, passage.language) if render else passage.text
    flat = re.sub(r"\s+", " ", _MARKUP.sub("", text)).translate(_BRACKETS).strip()
    title = passage.title.translate(_BRACKETS)
    dated = f"{title}, {passage.date}" if passage.date else title
    return f"[{code}] {dated}: {flat}"
