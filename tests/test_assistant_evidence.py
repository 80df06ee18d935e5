"""The answer as HTML: nothing of a document or a model is markup, and links go only where documents point."""

import html
import re
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

import pytest

from assistant.evidence import answer_html, citations_html, claims_html, draft_html
from assistant.records import Answer, Citation, Claim, Removed
from index.records import Passage, RetrievedPassage

PASSAGE = Passage("a#1", "a.md", "The tram", "", "The tram has 18 stops.", 0, 22, "en", date="2023-09")
CITATION = Citation(
    1, "a#1", "a.md", "The tram", "https://example.org/tram", "2023-09", None, "It has 18 stops.", 0, 16
)
CLAIM = Claim("The tram has 18 stops.", "supported", (), (CITATION,))
LANGUAGES = ("fr", "en", "ja")
HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</details></div><h1>Owned</h1>",
    "<a href='javascript:alert(1)'>x</a>",
    "&lt;b&gt; & <b>",
    "<!-- -->",
]


def answered(**changes: object) -> Answer:
    answer = Answer(
        question="How many stops?",
        standalone_question="How many stops?",
        language="en",
        status="answered",
        abstention_reason="",
        text="The tram has 18 stops. [1]",
        claims=(CLAIM,),
        passages=(RetrievedPassage(PASSAGE, 0.9, 1.0, 1.0),),
        engine="test",
        model="scripted",
        extractive=False,
    )
    return replace(answer, **changes)  # type: ignore[arg-type]


def abstained(**changes: object) -> Answer:
    return answered(
        status="abstained", abstention_reason="nothing relevant", text="Nothing.", **{"claims": (), **changes}
    )


class Page(HTMLParser):
    """The elements of a page, whether they close in order, its links and its text."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.links: list[str] = []
        self.text = ""
        self.open: list[str] = []
        self.feed(page)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        if tag != "br":
            self.open.append(tag)
        assert not any(name.startswith("on") or name == "style" for name, _ in attrs)
        self.links += [value or "" for name, value in attrs if name in ("href", "src")]

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def test_sentences_carry_their_numbers_and_citations_their_quote_title_and_date() -> None:
    page = Page(answer_html(answered()))
    assert "The tram has 18 stops." in page.text
    assert page.text.count("[1]") == 2
    for shown in ("It has 18 stops.", "The tram", "2023-09", "a.md"):
        assert shown in page.text
    assert page.links == ["https://example.org/tram"]


def test_a_page_number_is_shown_where_there_is_one() -> None:
    assert "p. 7" in citations_html([replace(CLAIM, citations=(replace(CITATION, page=7),))], "en")
    assert "p. " not in citations_html([CLAIM], "en")


def test_a_citation_of_two_sentences_is_listed_once() -> None:
    page = Page(citations_html([CLAIM, CLAIM], "en"))
    assert page.text.count("[1]") == 1


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize(
    "place", ["claim", "quote", "title", "date", "document_id", "url", "passage", "removed", "reason"]
)
@pytest.mark.parametrize("make", [answered, abstained], ids=["answered", "abstained"])
def test_no_text_is_markup(make: object, text: str, place: str) -> None:
    in_citation: Any = {place: text} if place in ("quote", "title", "date", "document_id", "url") else {}
    citation = replace(CITATION, **in_citation)
    claim = replace(CLAIM, text=text if place == "claim" else CLAIM.text, citations=(citation,))
    changes: Any = {"text": text} if place == "passage" else {place: text} if place in ("title", "date", "url") else {}
    passages = (RetrievedPassage(replace(PASSAGE, passage_id="b#1", **changes), 0.9, 1.0, 1.0),)
    removed = (Removed(text if place == "removed" else "x", text if place == "reason" else "y"),)
    claims = {"claims": (claim,)} if make is answered else {}
    page = Page(answer_html(make(passages=passages, removed=removed, **claims)))  # type: ignore[operator]
    assert set(page.tags) <= {"p", "sup", "div", "strong", "details", "summary", "blockquote", "small", "a", "br"}
    assert all(link.startswith(("http://", "https://")) for link in page.links)


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "JAVASCRIPT:alert(1)",
        " javascript:alert(1)",
        "data:text/html,x",
        "//example.org",
        "file:///etc",
        "",
        "ftp://x",
        "https://example.org/\n\n<b>",
    ],
)
def test_only_web_addresses_are_links(url: str) -> None:
    claim = replace(CLAIM, citations=(replace(CITATION, url=url),))
    assert Page(citations_html([claim], "en")).links == []
    hit = RetrievedPassage(replace(PASSAGE, url=url), 0.9, 1.0, 1.0)
    assert Page(answer_html(abstained(passages=(hit,)))).links == []


def test_a_quote_mark_in_an_address_does_not_end_the_attribute() -> None:
    url = 'https://example.org/"onmouseover="alert(1)'
    assert Page(citations_html([replace(CLAIM, citations=(replace(CITATION, url=url),))], "en")).links == [url]


@pytest.mark.parametrize(
    "quote",
    ["One.\n\nTwo.", "One.\n \t\n\n<b>Two.</b>", "One.\r\n\r\nTwo.", "One.\u2028\u2028Two.", "\n\nOne.\n\nTwo.\n\n"],
)
def test_blank_lines_in_a_quote_do_not_break_out(quote: str) -> None:
    page = citations_html([replace(CLAIM, citations=(replace(CITATION, quote=quote),))], "en")
    assert not re.search(r"\n\s*\n", page)
    assert "<b>" not in page
    assert "One." in page
    assert "Two." in page


@pytest.mark.parametrize("place", ["claim", "title", "passage"])
def test_no_blank_line_from_any_text_breaks_out(place: str) -> None:
    text = "One.\n\n# Two\n\n- three"
    claim = replace(CLAIM, text=text) if place == "claim" else CLAIM
    claim = replace(claim, citations=(replace(CITATION, title=text if place == "title" else CITATION.title),))
    changes: Any = {"text" if place == "passage" else "title": text}
    passage = replace(PASSAGE, passage_id="b#1", **changes)
    page = answer_html(answered(claims=(claim,), passages=(RetrievedPassage(passage, 0.9, 1.0, 1.0),)))
    assert not re.search(r"\n\s*\n", page)


def test_markdown_links_and_images_in_a_quote_are_text() -> None:
    quote = "See [the plan](https://evil.example/x) and ![chart](https://evil.example/y.png) **now**."
    page = Page(citations_html([replace(CLAIM, citations=(replace(CITATION, quote=quote),))], "en"))
    assert page.links == [CITATION.url]
    assert "evil.example" not in page.text
    assert "the plan" in page.text


def test_passages_that_are_not_cited_are_kept_apart() -> None:
    other = RetrievedPassage(replace(PASSAGE, passage_id="b#1", title="The library"), 0.8, 1.0, 0.5)
    page = answer_html(answered(passages=(RetrievedPassage(PASSAGE, 0.9, 1.0, 1.0), other)))
    cited, also = page.split('class="shoko-others"')
    assert "The library" not in cited
    assert "The library" in also
    assert "shoko-others" not in answer_html(answered())


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_abstention_offers_the_nearest_passages(language: str) -> None:
    page = Page(answer_html(abstained(language=language)))
    assert "Nothing." in page.text
    assert PASSAGE.text in page.text
    assert "sup" not in page.tags


@pytest.mark.parametrize("language", LANGUAGES)
def test_extracts_are_marked_and_a_lost_model_is_told(language: str) -> None:
    lost = answer_html(answered(extractive=True, language=language, engine="llama.cpp"))
    without = answer_html(answered(extractive=True, language=language, engine="none"))
    normal = answer_html(answered(language=language))
    assert "shoko-note" in lost
    assert "shoko-note" in without
    assert "shoko-note" not in normal
    assert lost != without


def test_removed_sentences_are_counted_but_faults_of_the_output_are_not() -> None:
    removed = (Removed("A lie.", "figure"), Removed("", "unknown citation Q1"), Removed("Another.", "name"))
    note = re.search(r'<p class="shoko-note">(.*?)</p>', answer_html(answered(removed=removed)))
    assert note is not None
    assert "2" in note.group(1)
    assert "A lie." not in answer_html(answered(removed=removed))


def test_a_draft_is_marked_as_being_checked_and_escaped() -> None:
    page = draft_html([CLAIM], "<b>not yet", "en")
    assert html.escape("<b>not yet") in page
    assert "\n\n" not in draft_html([], "One.\n\n# Two", "en")
    assert "being checked" in page
    assert "being checked" not in draft_html([CLAIM], "", "en")


@pytest.mark.parametrize(("language", "gap"), [("en", " "), ("fr", " "), ("ja", "")])
def test_sentences_are_joined_as_the_language_does(language: str, gap: str) -> None:
    assert claims_html([CLAIM, CLAIM], language).count(f"stops.{gap}<sup>") == 2
