"""Web pages and EPUB books: the main text without menus and scripts, structure kept, nothing fetched or expanded."""
# ruff: noqa: E501  (samples are easier to read on one line)

import pytest

from index.extract import RefusedError
from index.read_epub import read_epub
from index.read_html import read_html
from tests.sample_files import FRENCH, JAPANESE, archive, epub

PAGE = f"""<!DOCTYPE html><html lang="ja"><head><meta charset="CHARSET"><title>計画 | 経済産業省</title>
<meta name="author" content="経済産業省"><meta property="article:published_time" content="2024-05-10T10:00:00+09:00">
<link rel="canonical" href="https://example.org/plan"><style>p {{ color: red }}</style></head><body>
<header><a href="/">ロゴ</a></header><nav><ul><li>メニュー</li></ul></nav><div class="breadcrumb">ホーム</div>
<main><h1>計算基盤の<br>整備</h1><p>{JAPANESE}</p><p>{FRENCH}</p><script>alert("x")</script>
<ul><li>第一<ul><li>内側</li></ul></li><li><p>第二</p></li></ul>
<table><caption>額</caption><tr><th>企業<th colspan=2>額</tr><tr><td rowspan=2>SB<td>421<td>a</tr><tr><td>53<td>b</tr></table>
<dl><dt>所在地</dt><dd>北海道</dd></dl><div hidden>隠し</div><div style="display: none">隠し</div></main>
<footer>フッター</footer></body></html>"""


@pytest.mark.parametrize("charset", ["utf-8", "shift_jis", "euc-jp"])
@pytest.mark.parametrize("declared", [True, False])
def test_the_main_text_in_any_encoding(charset: str, declared: bool) -> None:
    french = FRENCH.translate(str.maketrans("éèàîô", "eeaio"))  # which the Japanese encodings do not have
    page = PAGE.replace(FRENCH, french).replace("CHARSET", charset if declared else "x-unknown")
    extract = read_html(page.encode(charset))
    assert extract.text == (
        f"# 計算基盤の整備\n\n{JAPANESE}\n\n{french}\n\n- 第一\n  - 内側\n- 第二\n\n額\n\n"
        "| 企業 | 額 | 額 |\n| --- | --- | --- |\n| SB | 421 | a |\n| SB | 53 | b |\n\n- 所在地: 北海道"
    )
    assert (extract.title, extract.metadata["author"]) == ("計画 | 経済産業省", "経済産業省")
    assert extract.metadata["date"] == "2024-05-10T10:00:00+09:00"
    assert extract.metadata["url"] == "https://example.org/plan"


def test_a_bad_byte_does_not_make_a_page_unreadable() -> None:
    page = f"<html><head><meta charset=utf-8></head><body><p>{JAPANESE * 100}".encode() + b"\xff"
    assert read_html(page).text == JAPANESE * 100 + "\ufffd"


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("<p>経済産業省は、\n  計算基盤を\n整備する。</p>", "経済産業省は、計算基盤を整備する。"),
        ("<p>two\n words</p>", "two words"),
        ("<p>a<br>b<br><br>c</p>", "a\nb\nc"),
        ("<p><ruby>苫小牧<rp>（</rp><rt>とまこまい</rt><rp>）</rp></ruby>に</p>", "苫小牧に"),
        ("<p>421<sup>3</sup> and 10<sup>4</sup> m<sup>2</sup> and 1<sup>er</sup></p>", "421[3] and 10^4 m² and 1er"),
        ("text<p>para</p>tail", "text\n\npara\n\ntail"),
        ("<div><span>one <b>bold</b></span><div>two</div></div>", "one bold\n\ntwo"),
        ("<form id=aspnet><p>inside a form</p><input value=no><button>no</button></form>", "inside a form"),
        ("<table><tr><td><h2>Layout</h2><p>x</p></td><td>side</td></tr></table>", "## Layout\n\nx\n\nside"),
        ("<table><tr><td>one</td></tr><tr><td>column</td></tr></table>", "one\n\ncolumn"),
        ("<table><tr><td colspan=99999999>a</td><td>b</td></tr><tr><td>c</td></tr></table>", None),
        ("<pre>a  b\n c</pre>", "```\na  b\n c\n```"),
        ("<article><p>one</p></article><article><p>two</p></article>", "one\n\ntwo"),
        ("<main><p>x</p></main><p>" + "Much more text stands outside. " * 9 + "</p>", "x\n\n" + "Much more text stands outside. " * 8 + "Much more text stands outside."),
        ("<p>&eacute;&nbsp;&amp;&#x65e5;</p>", "é\u00a0&日"),
    ],
)  # fmt: skip
def test_pieces_of_pages(body: str, text: str | None) -> None:
    found = read_html(f"<html><body>{body}</body></html>".encode()).text
    assert found == text if text is not None else found


def test_entities_are_not_expanded() -> None:
    page = (
        '<!DOCTYPE html [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY x SYSTEM "file:///etc/passwd">]>'
        "<html><body><p>&b;&x; text</p></body></html>"
    )
    text = read_html(page.encode()).text
    assert "aaaa" not in text
    assert "root:" not in text
    assert "text" in text


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"<div>" * 400 + b"x", "nested too deeply"),
        (b"", "no text"),
        (b"\x89PNG\r\n\x1a\n", "PNG"),
        (b"<!-- -->", "no HTML"),
    ],
    ids=["nesting", "empty", "binary", "comment"],
)
def test_what_cannot_be_read_is_refused(content: bytes, reason: str) -> None:
    with pytest.raises(RefusedError, match=reason):
        read_html(content)


def test_a_book_in_reading_order() -> None:
    extract = read_epub(
        epub({"b.xhtml": f"<h1>Chapitre un</h1><p>{FRENCH}</p>", "a.xhtml": f"<h1>第二章</h1><p>{JAPANESE}</p>"})
    )
    assert extract.text == f"# Chapitre un\n\n{FRENCH}\n\n# 第二章\n\n{JAPANESE}"
    assert extract.title == "Le livre"
    assert extract.metadata == {"author": "A. Autrice, 作者", "date": "2024-05-10", "declared_language": "fr"}


ENCRYPTION = '<encryption><enc:EncryptedData><EncryptionMethod Algorithm="%s"/></enc:EncryptedData></encryption>'


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (epub({"a.xhtml": "<p>x</p>"}, {"META-INF/encryption.xml": ENCRYPTION % "http://www.w3.org/2001/04/xmlenc#aes128-cbc"}), "protected"),
        (epub({"a.xhtml": '<p>x</p><!ENTITY a "b">'}), "XML entities"),
        (epub({"a.xhtml": "<p>x</p>"}, opf="<package"), "not XML"),
        (archive({"a.txt": "x"}), "no META-INF/container.xml"),
        (b"garbage", "damaged"),
    ],
    ids=["protected", "entities", "no package", "no container", "garbage"],
)  # fmt: skip
def test_books_that_cannot_be_read_are_refused(content: bytes, reason: str) -> None:
    with pytest.raises(RefusedError, match=reason):
        read_epub(content)


def test_obfuscated_fonts_do_not_protect_a_book() -> None:
    fonts = {"META-INF/encryption.xml": ENCRYPTION % "http://www.idpf.org/2008/embedding"}
    assert read_epub(epub({"a.xhtml": "<p>Texte.</p>"}, fonts)).text == "Texte."
