"""Reads what is text already: Markdown with front matter, and plain text."""

from index.encoding import NotTextError, decode
from index.extract import Extract, RefusedError, with_newlines
from index.front_matter import FrontMatterError, split_front_matter


def read_markdown(content: bytes) -> Extract:
    """Read Markdown with optional YAML front matter; the text is the body, unchanged but for its line ends.

    Raises:
        RefusedError: not text, or its front matter cannot be read.
    """
    try:
        metadata, body = split_front_matter(with_newlines(_decoded(content)))
    except FrontMatterError as error:
        raise RefusedError(str(error)) from None
    title = str(metadata.pop("title", "") or "")
    return Extract(body, title, metadata)


def read_text(content: bytes) -> Extract:
    """Read plain text.

    Raises:
        RefusedError: not text.
    """
    return Extract(with_newlines(_decoded(content)))


def _decoded(content: bytes) -> str:
    try:
        return decode(content)
    except NotTextError as error:
        raise RefusedError(str(error)) from None
