"""A name that a Japanese document writes in Japanese, for readers of other languages: shown as it is written.

How 大浦恵子 is read, only its bearer knows for certain: kanji have several readings. So nothing is transliterated that
the table of names does not have.
"""

import re

_NAME = re.compile(r"[\u30a1-\u30fa\u30fc\u4e00-\u9fff々〆ヶA-Za-z0-9・＝=-]{2,16}")
_JAPANESE = re.compile(r"[\u30a1-\u30fa\u4e00-\u9fff]")
_AFTER_NAME = re.compile(r"(?:さん|氏|様|先生|教授|博士|准教授)?\s*(?:[（(].*)?$")


def japanese_name(words: str) -> str:
    """The name in copied words, without title and age, or "" where they are no name in kanji or katakana."""
    name = _AFTER_NAME.sub("", words.strip(" 「」『』。、"))
    return name if _NAME.fullmatch(name) and _JAPANESE.search(name) else ""
