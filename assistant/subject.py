"""What a question is about: the companies, products and years that it names. Evidence must be about the same."""

import re
from collections.abc import Sequence

from assistant.figures import find_figures
from assistant.names import NameGroup, groups_in
from index.records import Passage

PRODUCT = re.compile(r"(?<![A-Za-z0-9])[A-Z]{1,3}\d{2,4}(?![A-Za-z0-9])")


def heading_and_text(passage: Passage) -> str:
    """A passage with the title and the headings above it: what the passage is about, and what it says."""
    return f"{passage.title}\n{passage.section}\n{passage.text}"


def off_subject(question: str, language: str, passages: Sequence[Passage]) -> str:
    """Why the cited passages are about something else than the question, or "".

    A question that names companies is answered only from passages that mention one of them; a product or a year that
    it names must stand in the passages, too.
    """
    texts = [heading_and_text(passage) for passage in passages]
    named = _companies(question)
    if named and not any(named & _companies(text) for text in texts):
        return f"about another company than {', '.join(sorted(group.en for group in named))}"
    for match in PRODUCT.finditer(question):
        if not any(match.group() in text for text in texts):
            return f"says nothing of {match.group()}"
    years = {figure.text for figure in find_figures(question, language) if figure.is_date}
    for year in {match.group() for text in years for match in re.finditer(r"(?:19|20)\d\d", text)}:
        if not any(year in text or year in passage.date for text, passage in zip(texts, passages, strict=True)):
            return f"says nothing of {year}"
    return ""


def _companies(text: str) -> set[NameGroup]:
    return {group for group in groups_in(text) if group.kind == "company"}
