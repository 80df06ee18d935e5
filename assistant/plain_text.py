"""Markdown as a person reads it, without the marks."""

import re


def on_one_line(quote: str) -> str:
    """A piece of Markdown as one line of plain text; list items and the cells of a row are kept apart by semicolons."""
    listed = re.sub(r"(?<![\s:：。.;；])\s*\n(?=\s*[-*]\s)", ";\n", quote)
    return re.sub(r"(?<=\S) \| (?=\S)", "; ", " ".join(plain(listed).split()))


def plain(quote: str) -> str:
    """A piece of Markdown without emphasis, links, headings, list marks and the outer bars of table rows."""
    text = re.sub(r"\[([^\]]+)\]\([^)]*\)", r"\1", quote)
    text = re.sub(r"(\*\*|__|`)", "", text)
    text = re.sub(r"(?m)^\s*\|\s*|\s*\|\s*$", "", text)
    return re.sub(r"(?m)^\s*(#+|[-*]|\d+\.)\s+", "", text).strip()
