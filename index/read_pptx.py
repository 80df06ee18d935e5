"""Reads presentations: every slide is a page, with title, texts from top to bottom, tables, charts, diagrams, notes."""

import io
from collections.abc import Iterator
from typing import Any

from pptx import Presentation
from pptx.enum.shapes import MSO_SHAPE_TYPE, PP_PLACEHOLDER
from pptx.exc import PackageNotFoundError, PythonPptxError

from index.archive import DAMAGE, open_archive
from index.extract import Extract, RefusedError, joined_pages, named_pages, one_line
from index.markdown import heading, item, table
from index.office_properties import office_properties
from index.smart_art import diagram_list, diagram_parts

_NOT_TEXT = (PP_PLACEHOLDER.DATE, PP_PLACEHOLDER.FOOTER, PP_PLACEHOLDER.SLIDE_NUMBER, PP_PLACEHOLDER.HEADER)
_MOST_SLIDES = 5_000
_DEEPEST = 20


def read_pptx(content: bytes) -> Extract:
    """Read a presentation; hidden slides and slides that are only pictures are left out and named.

    Raises:
        RefusedError: damaged, encrypted, a ZIP bomb, no presentation, or no slide with text.
    """
    open_archive(content).close()
    faults: list[tuple[int, str]] = []
    slides: list[tuple[int, str]] = []
    try:
        presentation = Presentation(io.BytesIO(content))
        if len(presentation.slides) > _MOST_SLIDES:
            raise RefusedError(f"{len(presentation.slides):,} slides; at most {_MOST_SLIDES:,} are read: split it")
        for number, slide in enumerate(presentation.slides, start=1):
            if slide._element.get("show") == "0":
                faults.append((number, "hidden"))
                continue
            text = "\n\n".join(block for block in _slide(slide) if block)
            if text:
                slides.append((number, text))
            elif any(shape.shape_type == MSO_SHAPE_TYPE.PICTURE for shape in slide.shapes):
                faults.append((number, "no text, only a picture"))
        title, metadata = office_properties(presentation.core_properties)
    except (PackageNotFoundError, PythonPptxError, *DAMAGE) as error:
        raise RefusedError(f"a damaged file, or no presentation ({str(error)[:80]})") from None
    noticed = tuple(named_pages("slide", faults))
    if not slides:
        raise RefusedError("no slide can be read" + (": " + "; ".join(noticed) if noticed else ""))
    text, starts = joined_pages(slides)
    return Extract(text, title, metadata, starts, noticed)


def _slide(slide: Any) -> Iterator[str]:  # noqa: ANN401  (the library has no types)
    title = slide.shapes.title
    if title is not None:
        yield heading(2, one_line(_plain(title.text_frame.text)))
    own = None if title is None else title.shape_id
    shapes = [shape for shape in slide.shapes if shape.shape_id != own]
    for shape in sorted(shapes, key=_place):
        yield from _shape(shape, 0)
    if slide.has_notes_slide and slide.notes_slide.notes_text_frame is not None:
        yield "\n".join(line.strip() for line in _lines(slide.notes_slide.notes_text_frame) if line.strip())


def _place(shape: Any) -> tuple[int, int]:  # noqa: ANN401
    """Order of reading: rows of half an inch from the top, then from the left."""
    return (shape.top or 0) // 457_200, shape.left or 0


def _shape(shape: Any, depth: int) -> Iterator[str]:  # noqa: ANN401
    if shape.is_placeholder and shape.placeholder_format.type in _NOT_TEXT:
        return
    if shape.shape_type == MSO_SHAPE_TYPE.GROUP and depth < _DEEPEST:
        for inner in sorted(shape.shapes, key=_place):
            yield from _shape(inner, depth + 1)
    elif getattr(shape, "has_table", False) and shape.has_table:
        yield table(_rows(shape.table))
    elif getattr(shape, "has_chart", False) and shape.has_chart:
        yield from _chart(shape.chart)
    elif diagrams := list(diagram_parts(shape._element)):
        yield from (diagram_list(shape.part.related_part(identity).blob) for identity in diagrams)
    elif shape.has_text_frame:
        paragraphs = [(one.level, _paragraph(one)) for one in shape.text_frame.paragraphs]
        paragraphs = [(level, text) for level, text in paragraphs if text.strip()]
        if len(paragraphs) == 1:
            yield one_line(paragraphs[0][1])
        else:
            yield "\n".join(item(one_line(text), level) for level, text in paragraphs)


def _paragraph(paragraph: Any) -> str:  # noqa: ANN401
    return _plain(paragraph.text)


def _plain(text: str) -> str:
    return text.replace("\v", "\n")  # a line end inside a paragraph


def _lines(frame: Any) -> Iterator[str]:  # noqa: ANN401
    for paragraph in frame.paragraphs:
        yield _paragraph(paragraph)


def _rows(found: Any) -> Iterator[list[str]]:  # noqa: ANN401
    """Lay out the cells of a table; a cell over several rows or columns is repeated in each of them."""
    texts: dict[tuple[int, int], str] = {}
    for at, row in enumerate(found.rows):
        for column, cell in enumerate(row.cells):
            if not cell.is_spanned:
                text = one_line(_plain(cell.text_frame.text))
                down, across = (cell.span_height, cell.span_width) if cell.is_merge_origin else (1, 1)
                texts.update({(at + i, column + j): text for i in range(down) for j in range(across)})
        yield [texts.get((at, column), "") for column in range(len(row.cells))]


def _chart(chart: Any) -> Iterator[str]:  # noqa: ANN401
    """Write the numbers behind a chart as a table: a row per category, a column per series."""
    if chart.has_title and chart.chart_title.has_text_frame:
        yield " ".join(chart.chart_title.text_frame.text.split())
    for plot in chart.plots:
        names = [str(series.name or "") for series in plot.series]
        values = [list(series.values) for series in plot.series]
        rows = [["", *names]]
        for at, category in enumerate(plot.categories):
            rows.append([str(category), *(_number(column[at]) if at < len(column) else "" for column in values)])
        yield table(rows)


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.10g}"
