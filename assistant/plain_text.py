"""Markdown as a person reads it, without the marks."""

import re


def plain(quote: str) -> str:
    """A piece of Markdown without emphasis, links, headings and list marks; table rows keep their cells."""
    text = re.sub(r"\[([^\]]+)\]\([^)]*\)", r"\1", quote)
    text = re.sub(r"(\*\*|__|`)", "", text)
    return re.sub(r"(?m)^\s*(#+|[-*]|\d+\.)\s+", "", text).strip()
