"""PDF: text, page numbers, headings and tables from places alone; pages that cannot be trusted are left out by name."""

from itertools import pairwise, zip_longest

import pytest

from index.extract import RefusedError
from index.passages import split_document
from index.read_pdf import MOST_PAGES, read_pdf
from index.records import Document
from tests.sample_files import FRENCH, JAPANESE, SCAN, Place, box, lines, pdf

PROSE = "The ministry supports the construction of data centres in several regions of the country."


def test_french_and_japanese_text_with_properties() -> None:
    content = pdf(
        [f"{FRENCH}\nL'aide couvre la moitié des coûts.", f"{JAPANESE}\n二行目の文である。"],
        {"Title": "Rapport 報告", "Author": "A. Autrice", "CreationDate": "D:20240510120000+09'00'"},
    )
    extract = read_pdf(content)
    assert FRENCH in extract.text
    assert f"{JAPANESE}二行目の文である。" in extract.text, "lines of Japanese join without a space"
    assert extract.title == "Rapport 報告"
    assert extract.metadata == {"author": "A. Autrice", "date": "2024-05-10"}
    assert [(extract.text[start], number) for start, number in extract.pages] == [("L", 1), ("経", 2)]
    assert extract.noticed == ()


@pytest.mark.parametrize(
    ("title", "kept"),
    [("Microsoft Word - plan_v3.docx", ""), ("無題", ""), ("report.pdf", ""), ("PowerPoint プレゼンテーション", ""),
     ("Un vrai titre", "Un vrai titre")],
)  # fmt: skip
def test_titles_that_programs_invent_are_no_titles(title: str, kept: str) -> None:
    assert read_pdf(pdf([PROSE], {"Title": title})).title == kept


def test_every_sentence_maps_to_its_page_also_inside_a_passage_over_several() -> None:
    sentences = [f"Sentence number {number} ends on its own page." for number in range(1, 6)]
    extract = read_pdf(pdf(sentences))
    document = Document("d", "t", extract.text, "en", pages=extract.pages)
    [draft] = split_document(document, lambda texts: [len(text) // 8 for text in texts], 400)
    passage = draft.passage
    assert (passage.page, [page for _, page in passage.pages]) == (1, [2, 3, 4, 5])
    for number, sentence in enumerate(sentences, start=1):
        start = extract.text.index(sentence)
        assert document.page_at(start) == passage.page_at(start) == passage.page_at(start + 20) == number


def test_a_passage_that_begins_within_a_page_knows_it() -> None:
    extract = read_pdf(pdf([f"{PROSE}\n" * 3, f"{PROSE}\n" * 30]))
    document = Document("d", "t", extract.text, "en", pages=extract.pages)
    passages = [draft.passage for draft in split_document(document, lambda texts: [len(t) // 4 for t in texts], 120)]
    assert len(passages) > 4
    for before, after in pairwise(passages):
        assert before.page is not None
        assert before.page <= (after.page or 0)
    assert passages[-1].page == 2
    assert all(passage.page_at(passage.start) == passage.page for passage in passages)


def test_a_sentence_over_a_page_end_stays_in_one_paragraph() -> None:
    extract = read_pdf(
        pdf(["The second site of the programme will be", "built in Sakai near Osaka. It opens in 2026."])
    )
    assert "will be\nbuilt in Sakai" in extract.text
    extract = read_pdf(pdf([f"{PROSE}", "Another paragraph begins."]))
    assert ".\n\nAnother" in extract.text


def test_divided_words_and_ligatures_are_mended() -> None:
    text = read_pdf(
        pdf(["The programme has an organi-\nsation that uses GPT-\n4 and llm-jp-172b-\ninstruct, not ELYZA-\nJapan."])
    ).text
    assert text == "The programme has an organisation that uses GPT-4 and llm-jp-172b-instruct, not ELYZA-Japan."


LEFT = (
    "The ministry supports the construc-\ntion of data centres in several\nregions of the country. The aid\n"
    "covers half of the costs of each\nsite."
)
RIGHT = (
    "The second part describes the six\nproviders. Each of them has signed\nan agreement with the ministry and\n"
    "must report twice a year on it."
)
COLUMNS = (
    "The ministry supports the construction of data centres in several regions of the country. The aid covers half of "
    "the costs of each site.\n\nThe second part describes the six providers. Each of them has signed an agreement with "
    "the ministry and must report twice a year on it."
)
JAPANESE_COLUMNS = (
    "経済産業省は国内の計算基盤を整備す\nるため、六つの事業者を認定した。助\n"
    "成額は合計で千百四十六億円である。\n各社は設備を整える。"
)


@pytest.mark.parametrize("woven", [False, True], ids=["one after the other", "line by line"])
def test_two_columns_are_read_one_after_the_other(woven: bool) -> None:
    left, right = lines(LEFT, size=10, left=60), lines(RIGHT, size=10, left=310)
    page = [part for row in zip_longest(left, right) for part in row if part] if woven else [*left, *right]
    assert read_pdf(pdf([page])).text == COLUMNS
    left, right = lines(JAPANESE_COLUMNS, left=60), lines(JAPANESE_COLUMNS, left=310)
    page = [part for row in zip_longest(left, right) for part in row if part] if woven else [*left, *right]
    assert read_pdf(pdf([page])).text == "\n\n".join(["".join(JAPANESE_COLUMNS.split())] * 2)


def test_upright_lines_are_read_from_right_to_left() -> None:
    columns = ["経済産業省はソフトバンクに助成", "する。計画は認定された。また", "第三の行がここにある。"]
    page = [
        (500 - 20 * at, 700 - 12 * row, 12, sign) for at, text in enumerate(columns) for row, sign in enumerate(text)
    ]
    assert read_pdf(pdf([page])).text == "".join(columns)


def test_readings_above_characters_are_left_out() -> None:
    page = [(70, 712, 5, "とまこまい"), (70, 700, 11, "苫小牧に建設する計画である。"), (70, 680, 11, "次の行。")]
    assert "とまこまい" not in read_pdf(pdf([page, JAPANESE])).text


def test_larger_lines_are_headings_and_marks_make_items() -> None:
    page: list[Place | str] = [
        (70, 780, 22, "Programme de cloud"),
        (70, 740, 15, "Les aides"),
        *lines(f"{FRENCH}\n• Premier point\n• Second point, qui est\nplus long\nFin.", top=710),
    ]
    text = read_pdf(pdf([page, PROSE])).text
    assert text.startswith("# Programme de cloud\n\n## Les aides\n\nLe ministère")
    assert "- Premier point\n- Second point, qui est plus long" in text


def _table(rows: list[list[str]], top: float = 700, step: float = 20) -> list[Place | str]:
    xs = (70, 200, 300, 420)
    parts: list[Place | str] = []
    for row, texts in enumerate(rows):
        for column, text in enumerate(texts):
            parts.append(box(xs[column], top - step * (row + 1), xs[column + 1], top - step * row))
            parts.append((xs[column] + 4, top - step * (row + 1) + 6, 10, text))
    return parts


def test_a_ruled_table_keeps_rows_and_columns() -> None:
    rows = [["企業", "助成額（億円）", "年"], ["ソフトバンク", "421", "2024"], ["さくら", "501", "2025"]]
    text = read_pdf(pdf([[(70, 750, 11, "次の表に示す。"), *_table(rows), *lines("以上。", top=600)]])).text
    assert (
        "| 企業 | 助成額（億円） | 年 |\n| --- | --- | --- |\n| ソフトバンク | 421 | 2024 |\n| さくら | 501 | 2025 |"
        in text
    )
    assert text.startswith("次の表に示す。\n\n|")
    assert text.endswith("|\n\n以上。")


def test_a_cell_over_two_rows_is_repeated_and_a_line_end_in_a_cell_is_none() -> None:
    page = [
        box(70, 660, 200, 700), box(200, 680, 300, 700), box(200, 660, 300, 680), box(70, 700, 200, 720),
        box(200, 700, 300, 720), (74, 706, 10, "Company"), (204, 706, 10, "Aid"), (74, 690, 10, "SoftBank"),
        (74, 676, 10, "Corp."), (204, 686, 10, "421"), (204, 666, 10, "53"),
    ]  # fmt: skip
    assert (
        read_pdf(pdf([page])).text
        == "| Company | Aid |\n| --- | --- |\n| SoftBank Corp. | 421 |\n| SoftBank Corp. | 53 |"
    )


def test_a_grid_that_is_drawn_at_once_is_a_table_too() -> None:
    grid = " ".join(
        [f"{x} 660 m {x} 720 l" for x in (70, 200, 300)] + [f"70 {y} m 300 {y} l" for y in (660, 680, 700, 720)] + ["S"]
    )
    page = [f"q 2 0 0 2 -70 -720 cm 0.5 0 0 0.5 35 360 cm {grid} Q"]
    cells = {(74, 706): "Company", (204, 706): "Aid", (74, 686): "KDDI", (204, 686): "102", (74, 666): "NTT"}
    page += [(x, y, 10, text) for (x, y), text in cells.items()]
    assert read_pdf(pdf([page])).text == "| Company | Aid |\n| --- | --- |\n| KDDI | 102 |\n| NTT |  |"


def test_columns_without_lines_are_a_table_too() -> None:
    page = [
        (x, 700 - 16 * row, 10, text)
        for row, texts in enumerate(
            [["Entreprise", "Aide", "Année"], ["SoftBank", "42,1", "2024"], ["KDDI", "10,2", "2025"]]
        )
        for x, text in zip((70, 220, 330), texts, strict=True)
    ]
    assert "| SoftBank | 42,1 | 2024 |" in read_pdf(pdf([page])).text


def test_a_map_of_thousands_of_lines_takes_no_time_to_look_for_tables() -> None:
    drawn = " ".join(f"{70 + number % 97} {200 + number // 97} 9 9 re S" for number in range(4_000))
    assert read_pdf(pdf([[drawn, *lines(PROSE)]])).text == PROSE


def test_boxes_of_a_drawing_are_no_table() -> None:
    page = [box(70, 600, 300, 700), (80, 640, 11, "A framed remark."), *lines(PROSE, top=560)]
    assert "|" not in read_pdf(pdf([page])).text


def test_raised_digits_do_not_run_into_figures() -> None:
    page = [(70, 700, 12, "The aid is 421"), (148, 705, 7, "3"), (156, 700, 12, "billion.")]
    assert "421[3]" in read_pdf(pdf([page])).text


def test_running_heads_and_page_numbers_are_left_out() -> None:
    pages = [
        [
            (70, 810, 8, f"Annual report, page {n}"),
            *lines(f"{PROSE} Part {n}."),
            (290, 30, 8, f"- {n} -" if n < 3 else "－ 3 －"),
        ]
        for n in (1, 2, 3)
    ]
    text = read_pdf(pdf(pages)).text
    assert "Annual report" not in text
    assert "- 2 -" not in text
    assert "－" not in text
    assert text.count(PROSE) == 3


SHIFTED = "".join(
    chr(ord(letter) - 29) if letter.islower() else letter for letter in f"{PROSE.lower()} ".replace(".", "") * 4
)


@pytest.mark.parametrize(
    ("page", "reason"),
    [
        ([SCAN], "no text layer"),
        ([SCAN, (290, 30, 9, "7")], "no text layer"),
        (["0 0 m 100 100 l 200 50 l S"], "no text layer"),
        (lines("\n".join(["".join(PROSE.split())] * 3)), "words without spaces"),
        (lines("Aid 1,5002,300 and 42.1108.5 and 20232024 and 12.5%13.2% for SoftBank."), "numbers run together"),
        (lines(FRENCH.encode().decode("cp1252") + "\n" + "à côté, élevé, été".encode().decode("latin-1")), "mojibake"),
        (lines("\n".join(SHIFTED[at : at + 60] for at in range(0, len(SHIFTED), 60))), "mojibake"),
    ],
    ids=["scan", "scan with a page number", "drawing", "glued words", "glued numbers", "misread", "shifted letters"],
)
def test_bad_pages_are_left_out_by_name(page: list[Place | str], reason: str) -> None:
    extract = read_pdf(pdf([PROSE, page, [], f"Page four. {PROSE}", page]))
    [noticed] = extract.noticed
    assert noticed.startswith("pages 2, 5: ")
    assert reason in noticed
    assert [number for _, number in extract.pages] == [1, 4], "and a blank page is no fault"
    assert extract.text == f"{PROSE}\n\nPage four. {PROSE}"
    with pytest.raises(RefusedError, match=rf"no page can be read: page 1: .*{reason}"):
        read_pdf(pdf([page]))


ENCRYPTED = "/ID [<00><00>] /Encrypt << /Filter /Standard /V 1 /R 2 /Length 40 /P -4 " + (
    f"/O <{'11' * 32}> /U <{'22' * 32}> >>"
)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (pdf([PROSE], trailer=ENCRYPTED), "encrypted"),
        (b"%PDF-1.7 garbage", "damaged"),
        (b"", "damaged"),
        (pdf([PROSE])[:300], "damaged|without pages"),
        (pdf([[]]), "blank"),
        (pdf([[]] * (MOST_PAGES + 1)), "pages; at most"),
    ],
    ids=["encrypted", "garbage", "empty", "cut off", "blank", "too many pages"],
)
def test_what_cannot_be_read_is_refused(content: bytes, reason: str) -> None:
    with pytest.raises(RefusedError, match=reason):
        read_pdf(content)
