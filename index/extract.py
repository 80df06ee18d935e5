"""What a reader takes out of a file: text, title, metadata, where its pages begin, and what had to be left out."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import reduce

from index.records import Pages

LARGEST_TEXT_CHARS = 20_000_000


class RefusedError(Exception):
    """A source that cannot become a document; the message is the reason, without the name of the file."""


@dataclass(frozen=True, slots=True)
class Extract:
    """The text of one source. Empty fields are filled in from the text.

    Attributes:
        pages: (first character, page number) of each page or slide that holds text, in order; () without pages.
        noticed: parts that were left out or look damaged, each named with the reason.
    """

    text: str
    title: str = ""
    metadata: Mapping[str, object] = field(default_factory=dict)
    pages: Pages = ()
    noticed: tuple[str, ...] = ()


def joined_pages(pages: Iterable[tuple[int, str]]) -> tuple[str, Pages]:
    """Join (number, text) of pages into one text; a sentence that runs over the page end stays one paragraph.

    Raises:
        RefusedError: the text is longer than a document may be.
    """
    parts: list[str] = []
    starts: list[tuple[int, int]] = []
    length = 0
    for number, text in pages:
        if not text.strip():
            continue
        if parts:
            joint = "\n" if _runs_on(parts[-1], text) else "\n\n"
            parts.append(joint)
            length += len(joint)
        starts.append((length, number))
        parts.append(text)
        length += len(text)
        require_text_size(length)
    return "".join(parts), tuple(starts)


def require_text_size(chars: int) -> None:
    """Refuse a text that is longer than a document may be.

    Raises:
        RefusedError: it is.
    """
    if chars > LARGEST_TEXT_CHARS:
        raise RefusedError(f"more than {LARGEST_TEXT_CHARS // 1_000_000} million characters of text: split it")


def _runs_on(before: str, after: str) -> bool:
    """Tell whether a paragraph goes on after a page end: it stops without a sentence end, and what follows is prose."""
    line, following = before.rsplit("\n", 1)[-1], after.split("\n", 1)[0]
    if line.startswith(("#", "|")) or line.rstrip().endswith((*".!?。！？:：…", "」", '"', "»")):
        return False
    if following.startswith(("#", "|", "- ")) or len(line) < 15:
        return False
    return following[0].islower() or is_east_asian(following[0])


def named_pages(kind: str, faults: Iterable[tuple[int, str]]) -> Iterator[str]:
    """Name faulty pages by reason, neighbours as ranges: "pages 1–3, 7: no text layer"."""
    by_reason: dict[str, list[int]] = {}
    for number, reason in faults:
        by_reason.setdefault(reason, []).append(number)
    for reason, numbers in by_reason.items():
        ranges: list[list[int]] = []
        for number in numbers:
            if ranges and number == ranges[-1][1] + 1:
                ranges[-1][1] = number
            else:
                ranges.append([number, number])
        listed = ", ".join(str(first) if first == last else f"{first}–{last}" for first, last in ranges)
        yield f"{kind}{'s' * (len(numbers) > 1)} {listed}: {reason}"


def is_east_asian(character: str) -> bool:
    """Tell characters that are written without spaces between words: kana, ideographs, full-width forms."""
    return "\u2e80" <= character <= "\u9fff" or "\uf900" <= character <= "\ufaff" or "\uff00" <= character <= "\uffef"


def join_lines(first: str, second: str) -> str:
    """Join two lines of one paragraph: without a space next to a Japanese character, else with one."""
    if not first or not second:
        return first + second
    if is_east_asian(first[-1]) or is_east_asian(second[0]):
        return first + second
    return f"{first} {second}"


def encodable(text: str) -> str:
    """Write lone surrogates, which no encoding has a place for, as question marks."""
    return text.encode("utf-8", "replace").decode("utf-8")


def with_newlines(text: str) -> str:
    """Write every line end as one newline."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def one_line(text: str) -> str:
    """Write a text on one line, without a space where a line ends next to a Japanese character."""
    return reduce(join_lines, (" ".join(line.split()) for line in text.splitlines()), "")
