"""The records that the index package hands out. Frozen, plain, no behaviour beyond reading themselves.

document (a source file) → passages (what is indexed, retrieved, cited) → retrieved passages (with their scores).
"""

from bisect import bisect_right
from dataclasses import dataclass, field

Pages = tuple[tuple[int, int], ...]
"""(first character, page number) of each page, in order. Pages that hold no text, or none that can be trusted, are not
among them."""


@dataclass(frozen=True, slots=True)
class Document:
    """One source document with its extracted text.

    Attributes:
        document_id: path relative to the folder that was indexed, POSIX style, or `doc_id` of a corpus.jsonl line.
        title: title from the front matter, else the first heading, else the file name.
        text: the extracted text; every offset in this program counts characters of it.
        language: "fr", "en", "ja" or "und" (none of the three).
        date: date of the state of affairs, ISO 8601 (YYYY, YYYY-MM or YYYY-MM-DD), or "".
        url: address of the first source, or "".
        status: "plan", "decision", "outcome" or "".
        translation_of: what all the language versions of one document share, or "".
        content_hash: SHA-256 (hex) of the source bytes.
        metadata: everything else that the file says of itself (author, keywords, other front matter), as read, and
            under "noticed" the parts that were left out or look damaged.
        pages: where the pages or slides of the source begin in `text`; () where it has none.
    """

    document_id: str
    title: str
    text: str
    language: str
    date: str = ""
    url: str = ""
    status: str = ""
    translation_of: str = ""
    content_hash: str = ""
    metadata: dict[str, object] = field(default_factory=dict)
    pages: Pages = ()

    def page_at(self, offset: int) -> int | None:
        """Give the page on which a character of the text stands; None where the source has no pages."""
        return page_at(self.pages, offset)


def page_at(pages: Pages, offset: int) -> int | None:
    """Give the page on which a character stands; None before the first page, or without pages."""
    place = bisect_right(pages, offset, key=lambda page: page[0])
    return pages[place - 1][1] if place else None


@dataclass(frozen=True, slots=True)
class Passage:
    """A piece of a document, the unit of retrieval and citation.

    `text` is `document.text[start:end]`, character for character. `section` is the path of headings above it,
    joined by " › ". `page` is the page of its first character, counted from 1, where the source has pages; `pages` are
    those that begin inside it (offsets of the document, like `start`).
    """

    passage_id: str
    document_id: str
    title: str
    section: str
    text: str
    start: int
    end: int
    language: str
    page: int | None = None
    date: str = ""
    url: str = ""
    status: str = ""
    translation_of: str = ""
    pages: Pages = ()

    def page_at(self, offset: int) -> int | None:
        """Give the page on which a character of the document inside this passage stands, as a quote begins with."""
        return page_at(self.pages, offset) or self.page


@dataclass(frozen=True, slots=True)
class RetrievedPassage:
    """A passage found for a query.

    Attributes:
        passage: what was found.
        dense_score: cosine of query and passage embeddings, -1 to 1; None where a caller has none.
        lexical_score: BM25, higher is better, unbounded; None if the lexical arm did not find it.
        retrieval_score: the fused score the ranking uses, scaled per query: the best hit has 1.
        rerank_score: score of the second stage, or None where there is none.
    """

    passage: Passage
    dense_score: float | None
    lexical_score: float | None
    retrieval_score: float
    rerank_score: float | None = None
