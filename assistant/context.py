"""Step 6: retrieved passages → the context, the sentences that the model reads, each passage under a short code.

On a CPU the prompt is the cost, so a passage gives only the sentences closest to the question, in its own order.
Codes are opaque so that the model cannot count them wrongly and an invented one is recognised. Passages are data:
whatever looks like a code or a delimiter in them is neutralised.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from assistant.figure_rendering import rewrite_figure
from assistant.figures import find_figures
from assistant.instructions import without_instructions
from assistant.names import in_language
from assistant.quoting import ScoredSentence, Sentence
from index.records import RetrievedPassage

CODES = ("K3", "M7", "P2", "R9", "V4", "W6", "X5", "Z8")
_BRACKETS = str.maketrans(
    {"[": "(", "]": ")", "【": "(", "】": ")", "［": "(", "］": ")", "<": "(", ">": ")", "{": "(", "}": ")"}
)
_MARKUP = re.compile(r"(\*\*|__|`|^#+\s*|^\s*[-*]\s+)", re.MULTILINE)
_JAPANESE = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uff00-\uffef]")


@dataclass(frozen=True, slots=True)
class Context:
    """The passages the model reads.

    Attributes:
        by_code: code → passage, in the order of the prompt.
        text: the block that goes into the prompt.
        left_out: ids of retrieved passages of which no sentence fitted.
    """

    by_code: Mapping[str, RetrievedPassage]
    text: str
    left_out: tuple[str, ...]


def select(
    ranked: Sequence[ScoredSentence], hits: Sequence[RetrievedPassage], *, most: int, budget_tokens: int, language: str
) -> Context:
    """Take the best sentences that fit, from at most `most` passages.

    The first sentence is always taken; a later one is skipped when it does not fit, and a shorter one may still.

    Args:
        ranked: sentences, best first.
        hits: the passages they come from, best first; the order of the prompt.
        most: most passages.
        budget_tokens: estimated tokens for the whole block.
        language: of the reader; figures and names in other languages are written as this reader writes them.
    """
    chosen: dict[str, list[Sentence]] = {}
    used = 0
    for item in ranked:
        passage = item.hit.passage
        new = passage.passage_id not in chosen
        if new and len(chosen) == min(most, len(CODES)):
            continue
        cost = estimate_tokens(item.sentence.text) + (estimate_tokens(_head(item.hit, "K3", language)) if new else 0)
        if chosen and used + cost > budget_tokens:
            continue
        chosen.setdefault(passage.passage_id, []).append(item.sentence)
        used += cost
    kept = [hit for hit in hits if hit.passage.passage_id in chosen]
    by_code = dict(zip(CODES, kept, strict=False))
    lines = [_line(code, hit, chosen[hit.passage.passage_id], language) for code, hit in by_code.items()]
    left_out = tuple(hit.passage.passage_id for hit in hits if hit.passage.passage_id not in chosen)
    return Context(by_code, "\n".join(lines), left_out)


def estimate_tokens(text: str) -> int:
    """Tokens of a text for a language model, estimated a little high: 0.8 per Japanese character, 0.32 per other."""
    japanese = len(_JAPANESE.findall(text))
    return int(0.8 * japanese + 0.32 * (len(text) - japanese)) + 1


@lru_cache(maxsize=20_000)  # the same sentences come up again and again
def for_reader(text: str, written_in: str, language: str) -> str:
    """A text in another language with its figures and known names already as the reader writes them.

    A small model swaps scales and currencies when it translates ("150 milliards" → 「150億」); here it only copies.
    """
    if written_in == language:
        return text
    pieces, position = [], 0
    for figure in find_figures(text, written_in):
        if figure.start >= position:
            # The word before ("about", "up to") stays where it is; a range is one notation with two ends.
            written = rewrite_figure(
                replace(figure, qualifier=figure.qualifier if figure.qualifier == "range" else ""), language
            )
            pieces += [text[position : figure.start], written]
            position = figure.end
    return in_language("".join([*pieces, text[position:]]), language)


def _head(hit: RetrievedPassage, code: str, language: str) -> str:
    passage = hit.passage
    section = passage.section.split(" › ")[-1]
    about = f"{passage.title} — {section}" if section and section != passage.title else passage.title
    return f"[{code}] {without_markup(for_reader(without_instructions(about), passage.language, language))}:"


def _line(code: str, hit: RetrievedPassage, sentences: Sequence[Sentence], language: str) -> str:
    ordered = sorted(sentences, key=lambda sentence: sentence.start)
    parts = []
    for previous, sentence in zip([None, *ordered], ordered, strict=False):
        gap = previous is not None and sentence.start - previous.end > 3
        parts.append(("… " if gap else "") + without_markup(for_reader(sentence.text, hit.passage.language, language)))
    return f"{_head(hit, code, language)} {' '.join(parts)}"


def without_markup(text: str) -> str:
    """A text on one line, without marks of Markdown and without brackets that could be taken for codes."""
    return re.sub(r"\s+", " ", _MARKUP.sub("", text)).translate(_BRACKETS).strip()
