"""A name that a Japanese document writes in Japanese, for readers of other languages: shown as it is written.

How 大浦恵子 is read, only its bearer knows for certain: kanji have several readings. So nothing is transliterated that
the table of names does not have.
"""

import re

_NAME = re.compile(r"[\u30a1-\u30fa\u30fc\u4e00-\u9fff々〆ヶA-Za-z0-9・＝=-]{2,16}")
_JAPANESE = re.compile(r"[\u30a1-\u30fa\u4e00-\u9fff]")
_BODY = re.compile(
    r"(?:協議会|協会|機構|会社|大学|研究所|委員会|センター|省|庁|県|市|町|村|局|財団|法人|グループ|連盟|組合)$"
)
_OFFICE = re.compile(r"^.*[、のは]")  # 協議会の会長、大浦恵子
_AFTER_NAME = re.compile(r"(?:さん|氏|様|先生|教授|博士|准教授)?\s*(?:[（(].*)?$")


def japanese_name(words: str, *, of_person: bool = False) -> str:
    """The name in copied words, without title and age, or "" where they are no name in kanji or katakana.

    `of_person`: a person was asked for, and the name of a body is no answer.
    """
    name = _AFTER_NAME.sub("", words.strip(" 「」『』。、"))
    if of_person:
        name = _OFFICE.sub("", name)
    if not _NAME.fullmatch(name) or not _JAPANESE.search(name) or (of_person and _BODY.search(name)):
        return ""
    return name
