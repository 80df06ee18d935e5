"""From a document to its passages: short coherent pieces of text with exact offsets.

A passage is `document.text[start:end]`, character for character. It begins and ends at a sentence, a list item or a
table row, respects headings, and its embedding text (title and headings, then the passage) never exceeds the token
limit. Where to cut is a shortest-path problem over the sentence ends of the document, solved exactly. What changes the
passages raises `manifest.SPLITTER_VERSION`.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from operator import itemgetter

from index.blocks import Block, Kind, find_blocks
from index.records import Document, Pages, Passage
from index.sentences import Span, block_spans

SECTION_JOINT = " › "

_SHORT_TOKENS = 120  # passages between these two lengths cost nothing
_LONG_TOKENS = 250
_MOST_PREFIX_SHARE = 0.25  # of the limit may go to title and headings
_PASSAGE_COST = 0.05
_COST_OF_CUT = {
    Kind.PARAGRAPH: 0.0,
    Kind.ITEM: 0.25,
    Kind.TABLE: 0.8,
    Kind.CODE: 0.8,
    Kind.HEADING: 0.0,
    Kind.RULE: 0.0,
}
_COST_INSIDE = {Kind.PARAGRAPH: 0.4, Kind.ITEM: 0.6, Kind.TABLE: 0.8, Kind.CODE: 0.8, Kind.HEADING: 0.0, Kind.RULE: 0.0}
_COST_AFTER_LEAD_IN = 0.8  # "The rates are:" belongs to what follows
_COST_OF_CROSSING = (0.0, 3.0, 0.8, 0.4, 0.3, 0.3, 0.3)  # a heading of level 1..6 inside a passage
_FORBIDDEN = 1e9
_MOST_GROWTH = 1.2  # of the tokens of a text over those of its sentences, counted alone
_CLAUSE_END = re.compile(r"(?<=[、，;；:：])|(?<=, )|(?<=[)）」』])|(?<=\s)(?=\S)")

_MOST_JOINED = 32  # combining marks after one character

CountTokens = Callable[[Sequence[str]], list[int]]


@dataclass(frozen=True, slots=True)
class PassageDraft:
    """A passage and the text embedded for it: title, headings, table header where it was cut off, passage."""

    passage: Passage
    embedding_text: str


@dataclass(frozen=True, slots=True)
class _Unit:
    """What is never cut again: a sentence, an item, a row, a heading."""

    start: int
    end: int
    tokens: int
    block: int  # number of its block
    cost_before: float  # of beginning a passage here
    heading_level: int
    path: tuple[tuple[int, str], ...]  # (start, words) of the headings above it, itself included


def split_document(document: Document, count_tokens: CountTokens, limit: int) -> list[PassageDraft]:
    """Split a document into passages.

    Args:
        document: what to split.
        count_tokens: counts the tokens of each text with the embedder's own tokenizer.
        limit: most tokens of an embedding text, title and headings included.

    Returns:
        The passages in order. Together they hold every character that is not white space, each once: cutting at the
        cheapest places leaves no short sentence alone, so nothing needs to overlap. Ids are `document_id#1`, `#2`, ...
    """
    blocks = find_blocks(document.text)
    room = limit
    while True:
        units = _units(document, blocks, count_tokens, room)
        cuts = list(_cuts(units, room))
        drafts = [_draft(document, blocks, units[a:b], count_tokens, limit) for a, b in cuts]
        longest = _longest(drafts, [sum(unit.tokens for unit in units[a:b]) for a, b in cuts], count_tokens, limit)
        if longest <= limit or room <= 8:
            return [_numbered(draft, number) for number, draft in enumerate(drafts, start=1)]
        room -= max(longest - limit, limit // 20)  # title, headings and joints take their share


def _longest(drafts: Sequence[PassageDraft], sums: Sequence[int], count_tokens: CountTokens, limit: int) -> int:
    """Give the tokens of the longest embedding text, counting those only that may exceed the limit.

    The tokens of a text are about those of its parts, and a token has a character at least.
    """
    doubtful = [
        draft.embedding_text
        for draft, tokens in zip(drafts, sums, strict=True)
        if _MOST_GROWTH * tokens + len(draft.embedding_text) - len(draft.passage.text) > limit
    ]
    return max(count_tokens(doubtful), default=0)


def _units(document: Document, blocks: Sequence[Block], count_tokens: CountTokens, room: int) -> list[_Unit]:
    text = document.text
    spans = [(number, span) for number, block in enumerate(blocks) for span in block_spans(text, block)]
    counts = count_tokens([text[start:end] for _, (start, end) in spans])
    pieces = [
        (number, piece, count)
        for (number, span), whole in zip(spans, counts, strict=True)
        for piece, count in (_cut_long(text, span, room, count_tokens) if whole > room else [(span, whole)])
    ]
    units: list[_Unit] = []
    path: list[tuple[int, int, str]] = []
    for number, (start, end), count in pieces:
        block = blocks[number]
        first_of_block = not units or units[-1].block != number
        if block.kind is Kind.HEADING and first_of_block:
            path = [above for above in path if above[0] < block.level] + [(block.level, block.start, block.heading)]
        cost = _cost_before(text, units[-1] if units else None, blocks, number)
        level = block.level if first_of_block else 0
        units.append(_Unit(start, end, count, number, cost, level, tuple((at, words) for _, at, words in path)))
    return units


def _cost_before(text: str, previous: _Unit | None, blocks: Sequence[Block], number: int) -> float:
    if previous is None:
        return 0.0
    before, block = blocks[previous.block], blocks[number]
    if before.kind is Kind.HEADING:
        return _FORBIDDEN  # a heading stays with what follows it
    if previous.block == number:
        if block.kind is Kind.TABLE and previous.end <= block.header_end:
            return _FORBIDDEN  # so do the header rows of a table
        return _COST_INSIDE[block.kind]
    if block.kind is Kind.HEADING:
        return 0.0
    if text[previous.start : previous.end].rstrip("*_ ").endswith((":", "：")):
        return _COST_AFTER_LEAD_IN
    return _COST_OF_CUT[block.kind] if before.kind is block.kind else 0.1


def _cut_long(text: str, span: Span, room: int, count_tokens: CountTokens) -> list[tuple[Span, int]]:
    """Cut a sentence that exceeds the limit at clauses, else between words, else between characters."""
    start, end = span
    joints = [start + match.start() for match in _CLAUSE_END.finditer(text[start:end])]
    parts: list[Span] = []
    for stop in [*joints, end]:
        piece = _stripped(text, parts[-1][1] if parts else start, stop)
        if piece:
            parts.append(piece)
    counts = count_tokens([text[a:b] for a, b in parts])
    fine = [
        part
        for whole, count in zip(parts, counts, strict=True)
        for part in (_halved(text, whole, room, count_tokens) if count > room else [(whole, count)])
    ]
    joined: list[tuple[Span, int]] = []
    for (a, b), count in fine:
        if joined and joined[-1][1] + count <= room:
            (first, _), sum_before = joined[-1]
            joined[-1] = ((first, b), sum_before + count)
        else:
            joined.append(((a, b), count))
    return joined


def _halved(text: str, span: Span, room: int, count_tokens: CountTokens) -> list[tuple[Span, int]]:
    start, end = span
    [count] = count_tokens([text[start:end]])
    if count <= room or end - start < 2:
        return [(span, count)]
    middle = (start + end) // 2
    reach = min(end - 1, middle + _MOST_JOINED)
    middle = next((at for at in range(middle, reach) if not _joins_previous(text[at])), middle)
    halves = [_stripped(text, start, middle), _stripped(text, middle, end)]
    return [part for half in halves if half for part in _halved(text, half, room, count_tokens)]


def _joins_previous(character: str) -> bool:
    """Tell combining marks, variation selectors and joiners, which must stay with the character before them."""
    return "\u0300" <= character <= "\u036f" or character in "\u3099\u309a\u200d" or "\ufe00" <= character <= "\ufe0f"


def _stripped(text: str, start: int, end: int) -> Span | None:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return (start, end) if start < end else None


def _cuts(units: Sequence[_Unit], room: int) -> Iterator[tuple[int, int]]:
    """Find the cheapest division of the units into passages; yield the (first, last + 1) units of each."""
    best = [0.0] + [float("inf")] * len(units)
    came_from = [0] * (len(units) + 1)
    short, long = min(_SHORT_TOKENS, room // 3), min(_LONG_TOKENS, room * 5 // 8)
    spread = max(room - long, 1)
    for stop in range(1, len(units) + 1):
        tokens, crossing = 0, 0.0
        for start in range(stop - 1, -1, -1):
            tokens += units[start].tokens
            if tokens > room and start < stop - 1:
                break
            if tokens < short:
                length_cost = ((short - tokens) / short) ** 2
            else:
                length_cost = (tokens - long) / spread if tokens > long else 0.0
            cost = best[start] + units[start].cost_before + crossing + length_cost + _PASSAGE_COST
            if cost < best[stop]:
                best[stop], came_from[stop] = cost, start
            crossing += _COST_OF_CROSSING[units[start].heading_level]
    cuts = []
    stop = len(units)
    while stop > 0:
        cuts.append((came_from[stop], stop))
        stop = came_from[stop]
    yield from reversed(cuts)


def _draft(
    document: Document, blocks: Sequence[Block], units: Sequence[_Unit], count_tokens: CountTokens, limit: int
) -> PassageDraft:
    start, end = units[0].start, units[-1].end
    # The section is what all its units share; a passage of one section has that section's whole path.
    content = [unit for unit in units if not unit.heading_level] or units
    path = content[0].path
    for unit in content[1:]:
        path = tuple(above for above in path if above in unit.path)
    title_words = document.title.casefold().strip()
    headings = [(at, words) for at, words in path if words and words.casefold() != title_words]
    passage = Passage(
        passage_id="",
        document_id=document.document_id,
        title=document.title,
        section=SECTION_JOINT.join(words for _, words in headings),
        text=document.text[start:end],
        start=start,
        end=end,
        language=document.language,
        date=document.date,
        url=document.url,
        status=document.status,
        translation_of=document.translation_of,
        page=document.page_at(start),
        pages=_pages_within(document.pages, start, end),
    )
    above = SECTION_JOINT.join([document.title, *(words for at, words in headings if at < start)]).strip()
    lines = [_shortened(above, int(limit * _MOST_PREFIX_SHARE), count_tokens)]
    block = blocks[units[0].block]
    if block.kind is Kind.TABLE and start >= block.header_end > block.start:
        header = document.text[block.start : block.header_end]
        lines.append(_shortened(header, int(limit * _MOST_PREFIX_SHARE), count_tokens))
    return PassageDraft(passage, "\n".join([line for line in lines if line] + [passage.text]))


def _pages_within(pages: Pages, start: int, end: int) -> Pages:
    first = bisect_right(pages, start, key=itemgetter(0))
    return pages[first : bisect_left(pages, end, key=itemgetter(0))]


def _shortened(text: str, most: int, count_tokens: CountTokens) -> str:
    while text and len(text) > most and count_tokens([text])[0] > most:  # a token has a character at least
        text = text[: len(text) * 2 // 3].rstrip()
    return text


def _numbered(draft: PassageDraft, number: int) -> PassageDraft:
    passage = replace(draft.passage, passage_id=f"{draft.passage.document_id}#{number}")
    return PassageDraft(passage, draft.embedding_text)
