"""Where sentences begin and end in French, English and Japanese text, as character spans.

Rules, no model: Japanese ends at 。！？ outside brackets; Latin text ends at . ! ? … before a capital, unless the point
belongs to an abbreviation, an initial, a number or a list marker. Headings, list items and the rows of tables and code
never run into their neighbours.
"""

import re
from collections.abc import Iterator

from index.blocks import Block, Kind, find_blocks

Span = tuple[int, int]


def _words(listed: str) -> frozenset[str]:
    return frozenset(listed.split())


# Before these a point does not end a sentence: a name or a number follows.
_ABBREVIATIONS = _words(
    """m mm mme mmes mlle mlles dr drs pr prof me st ste mr mrs ms messrs sr gen col capt lt sgt gov sen rep rev hon
    pres art al chap fig figs tab vol vols no nos n° p pp par § cf v vs e.g i.e p.ex ex env approx c ca ed éd éds trad
    dir min max av bd boul tél tel fax réf ref cit op ibid id sect ann app"""
)
_ALSO_WORDS = _words("no nos me art min max dir ref col cap tab st pp")  # "He said no. The ..."
# After these a sentence may end, if what follows looks like a new one.
_CLOSING_ABBREVIATIONS = _words(
    """inc corp co ltd llc plc gmbh sa s.a sarl u.s u.k u.n e.u u.s.a jr sr etc a.m p.m ph.d b.c a.d cie dept univ est
    jan feb mar apr jun jul aug sep sept oct nov dec janv févr avr juil déc"""
)
_STARTERS = _words(
    """the a an this that these those it its he she they we you i in on at by for from with as but and or so however
    meanwhile after before since when while if there here another according under over its his her their our
    le la les l un une des du de ce cet cette ces il elle ils elles nous vous on en au aux dans par pour avec sur mais
    et ou donc or ni car selon après avant depuis quand lorsque si ainsi cependant toutefois enfin son sa ses leur"""
)
_OPEN_BRACKETS = "「『（(【〔《〈［["
_CLOSE_BRACKETS = "」』）)】〕》〉］]"
_BRACKETS_AND_ENDS = re.compile(rf"[{re.escape(_OPEN_BRACKETS + _CLOSE_BRACKETS)}]|[。！？]+|(?<=[぀-ヿ一-鿿])[!?．]+")
_LATIN_END = re.compile(
    r"(?<![.!?…])[.!?…]++[\"”’»)\]]*+(?:[ \u00a0\u202f]»)?(?:\[\d+\])*+(?=\s)|(?<=[.!?])(?=\[\d+\]\s)"
)
_LAST_WORD = re.compile(r"[^\s(\[«“\"'’]+$")
_STARTS_SENTENCE = re.compile(r"[\"“‘«(\[¿¡—–-]*[\s\u00a0]*[A-ZÀ-ÖØ-ÞŒ0-9¥$€£぀-ヿ一-鿿「『*_`]")
_JAPANESE_CHAR = re.compile(r"[぀-ヿ㐀-䶿一-鿿]")
_BRACKET_REACH = 400  # an opening bracket without its partner stops counting after so many characters


def sentence_spans(text: str) -> list[Span]:
    """Split a text into sentences.

    Returns:
        (start, end) of each sentence in order, without surrounding white space. Together they hold every character that
        is not white space. Headings, table rows and lines of code are one span each.
    """
    return [span for block in find_blocks(text) for span in block_spans(text, block)]


def block_spans(text: str, block: Block) -> list[Span]:
    """Split one block of a text into its sentences, rows or lines; offsets count from the start of the text."""
    if block.kind in (Kind.PARAGRAPH, Kind.ITEM):
        return list(_prose(text, block.start, block.end))
    if block.kind in (Kind.TABLE, Kind.CODE):
        return list(_lines(text, block.start, block.end))
    span = _trimmed(text, block.start, block.end)
    return [span] if span else []


def _lines(text: str, start: int, end: int) -> Iterator[Span]:
    while start < end:
        newline = text.find("\n", start, end)
        stop = end if newline < 0 else newline + 1
        span = _trimmed(text, start, stop)
        if span:
            yield span
        start = stop


def _prose(text: str, start: int, end: int) -> Iterator[Span]:
    block = text[start:end]
    begin = 0
    for stop in sorted({*_latin_ends(block), *_japanese_ends(block), len(block)}):
        span = _trimmed(block, begin, stop)
        if span:
            yield start + span[0], start + span[1]
            begin = stop


def _trimmed(text: str, start: int, end: int) -> Span | None:
    piece = text[start:end]
    stripped = piece.strip()
    if not stripped:
        return None
    left = start + len(piece) - len(piece.lstrip())
    return left, left + len(stripped)


def _japanese_ends(text: str) -> Iterator[int]:
    """Yield the ends of Japanese sentences: 。！？ outside brackets, with the closing quotes that follow."""
    if not _JAPANESE_CHAR.search(text):
        return
    opened: list[int] = []
    for match in _BRACKETS_AND_ENDS.finditer(text):
        mark = match.group()
        if mark in _OPEN_BRACKETS:
            opened.append(match.start())
        elif mark in _CLOSE_BRACKETS:
            if opened:
                opened.pop()
        else:
            opened = [at for at in opened if match.start() - at < _BRACKET_REACH]
            if not opened:
                stop = match.end()
                while stop < len(text) and text[stop] in "”’\"'":
                    stop += 1
                yield stop


def _latin_ends(text: str) -> Iterator[int]:
    for match in _LATIN_END.finditer(text):
        following = text[match.end() : match.end() + 200].lstrip()
        if not following or (_STARTS_SENTENCE.match(following) and _ends_sentence(text, match, following)):
            yield match.end()


def _ends_sentence(text: str, match: re.Match[str], following: str) -> bool:
    """Decide whether the point that was found ends a sentence, from the word before and the word after it."""
    if not match.group().startswith(".") or match.group().startswith(".."):
        return True  # ! ? … before a capital
    before = _LAST_WORD.search(text[max(0, match.start() - 40) : match.start()])
    if before is None:
        return True
    word = before.group().lower().strip("*_`")
    number_follows = following[0].isdigit()
    next_word = re.match(r"[^\W\d_]+", following.lstrip('"“‘«([*_` \u00a0'))
    starter = next_word is not None and next_word.group().lower() in _STARTERS and next_word.group()[0].isupper()
    if word in _ABBREVIATIONS:
        return word in _ALSO_WORDS and starter and not number_follows
    if word in _CLOSING_ABBREVIATIONS:
        return starter
    if len(word) == 1 and word.isalpha():  # an initial (J. Huang), unless a sentence clearly starts after it
        return starter and before.group().islower()
    if re.fullmatch(r"(?:\w\.)+\w", word):  # other dotted abbreviations
        return starter
    if word == "ex" or text[max(0, match.start() - 5) : match.end()].lower().endswith(
        ("p. ex.", "p.\u00a0ex.", "par ex.")
    ):
        return False
    # "3. " at the head of a line is a marker
    return not (word.isdigit() and len(word) <= 2 and not text[: match.start() - len(word)].strip())
