"""An answer as the page shows it: text with numbered citations, each opening on its quote. Pure formatting.

Everything that comes from a document or a model is escaped; links are made only of addresses that the documents name.
"""

import html
import re
from collections.abc import Sequence

from assistant import wording
from assistant.instructions import without_instructions
from assistant.plain_text import plain
from assistant.records import Answer, Citation, Claim
from index.records import RetrievedPassage

_NEAREST_SHOWN = 3
_EXCERPT_CHARACTERS = 280
_ADDRESS_CHARACTERS = 60


def answer_html(answer: Answer) -> str:
    """The whole answer: sentences, citations, and what else was found."""
    language = answer.language
    parts = []
    if answer.extractive:
        gone = answer.engine != "none"
        parts.append(_note(wording.MODEL_GONE[language] if gone else wording.EXTRACT[language]))
    if answer.status == "answered":
        parts.append(f'<p class="shoko-answer" lang="{language}">{claims_html(answer.claims, language)}</p>')
        parts.append(citations_html(answer.claims, language))
        cited = {citation.passage_id for claim in answer.claims for citation in claim.citations}
        others = [hit for hit in answer.passages if hit.passage.passage_id not in cited]
        if others:
            shown_below = _passages_html("", others[:_NEAREST_SHOWN])
            title = f"{wording.ALSO_RETRIEVED[language]} ({len(others[:_NEAREST_SHOWN])})"
            parts.append(f'<details class="shoko-others"><summary>{title}</summary>{shown_below}</details>')
    else:
        parts.append(f'<p class="shoko-abstained" lang="{language}">{_line(answer.text)}</p>')
        if answer.passages:
            parts.append(_passages_html(wording.NEAREST[language], answer.passages[:_NEAREST_SHOWN]))
    if shown := sum(1 for item in answer.removed if item.text):
        parts.append(_note(wording.REMOVED[language].format(count=shown)))
    return "\n".join(parts)


def claims_html(claims: Sequence[Claim], language: str) -> str:
    """The sentences, each with its citation numbers."""
    separator = "" if language == "ja" else " "
    return separator.join(
        _line(claim.text) + separator + "".join(f"<sup>[{c.number}]</sup>" for c in claim.citations) for claim in claims
    )


def draft_html(claims: Sequence[Claim], draft: str, language: str) -> str:
    """What is known while the model writes: verified sentences, then the one that is still being checked."""
    checked = claims_html(claims, language)
    pending = f'<span class="shoko-draft">{_line(draft)} <em>({wording.BEING_CHECKED[language]})</em></span>'
    return f'<p class="shoko-answer" lang="{language}">{checked} {pending if draft else ""}</p>'


def citations_html(claims: Sequence[Claim], language: str) -> str:
    """The numbered citations: title and date to see, the quote and the source to open."""
    by_number = {citation.number: citation for claim in claims for citation in claim.citations}
    items = "".join(_citation_html(by_number[number]) for number in sorted(by_number))
    return f'<div class="shoko-sources"><strong>{wording.SOURCES[language]}</strong>{items}</div>'


def _citation_html(citation: Citation) -> str:
    page = f", p. {citation.page}" if citation.page else ""
    dated = f" · {_line(citation.date)}" if citation.date else ""
    return (
        f'<details class="shoko-citation"><summary>[{citation.number}] {_line(citation.title)}{dated}{page}</summary>'
        f"<blockquote>{_lines(plain(citation.quote))}</blockquote>{_source_html(citation.url, citation.document_id)}"
        "</details>"
    )


def _passages_html(title: str, hits: Sequence[RetrievedPassage]) -> str:
    items = "".join(
        f'<details class="shoko-citation"><summary>{_line(hit.passage.title)}'
        f"{f' · {_line(hit.passage.date)}' if hit.passage.date else ''}</summary>"
        f"<blockquote>{_lines(_excerpt(hit.passage.text))}</blockquote>"
        f"{_source_html(hit.passage.url, hit.passage.document_id)}</details>"
        for hit in hits
    )
    heading = f"<strong>{html.escape(title)}</strong>" if title else ""
    return f'<div class="shoko-passages">{heading}{items}</div>'


def _source_html(url: str, document_id: str) -> str:
    name = _line(document_id)
    if not re.fullmatch(r"https?://\S+", url):
        return f"<small>{name}</small>"
    shown = url.split("://", 1)[1].removeprefix("www.").rstrip("/")
    if len(shown) > _ADDRESS_CHARACTERS:
        shown = shown[: _ADDRESS_CHARACTERS - 1] + "…"
    link = f'<a href="{html.escape(url, quote=True)}" target="_blank" rel="noopener">{html.escape(shown)}</a>'
    return f"<small>{name} · {link}</small>"


def _excerpt(text: str) -> str:
    text = plain(without_instructions(text))
    return text if len(text) <= _EXCERPT_CHARACTERS else text[: _EXCERPT_CHARACTERS - 1] + "…"


def _lines(text: str) -> str:
    """Escaped, line by line: a blank line would end the block of HTML and let Markdown read the rest.

    The rows of a table lose their outer bars, and the rule below its head is left out.
    """
    rows = (re.sub(r"^\s*\||\|\s*$", "", line).strip() for line in text.splitlines())
    return "<br>".join(html.escape(row) for row in rows if row and not re.fullmatch(r"[-:|\s]+", row))


def _line(text: str) -> str:
    """Escaped, on one line, for the same reason."""
    return html.escape(" ".join(line.strip() for line in text.splitlines() if line.strip()))


def _note(text: str) -> str:
    return f'<p class="shoko-note">{html.escape(text)}</p>'
