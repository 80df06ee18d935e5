"""Is extracted text fit to be quoted? Finds mojibake, words without spaces between them, and numbers run together.

Text of this kind looks like text to an index, and a figure checked against it blames the reader. Each rule is a share
that real French, English and Japanese text (tables, addresses and reference lists included) stays far below.
"""

import re

_NOT_PROSE = re.compile(r"(?<![!-~])[!-~]*?(?:[/\\_=&@]|www\.)[!-~]*+")  # addresses, paths, code
_LATIN_WORD = re.compile(r"[A-Za-zÀ-ÖØ-öø-ÿŒœ]+")
_LONGEST_WORD = 28  # letters; German compounds and "anticonstitutionnellement" (25) stay below
_MOST_LONG_SHARE = 0.12  # of the Latin letters in words longer than that
_LEAST_WORDS = 20
_LEAST_LETTERS_SHARE = 0.3  # a Latin name inside Japanese text says little of the page
_MOST_SINGLE_SHARE = 0.6  # of the words being one letter: "T h e  l e t t e r s"
_FREQUENT = frozenset("etaoinsrETAOINSRéèàÉÈÀ")  # more than half of the letters of every European language
_LEAST_FREQUENT_SHARE = 0.35
_LEAST_LETTERS = 100


def _words(listed: str) -> frozenset[str]:
    return frozenset(listed.split())


_COMMON = _words(
    """the of and to in is for that with on are as by at from this de la le les des et un une du en est que pour
    dans au der die das und den von zu mit el los las del por con il di che per da do dos em um het een van"""
)

# UTF-8 read as Windows-1252 or Latin-1, and Shift-JIS read as the same.
_MISREAD_UTF8 = re.compile("[ÃÂâãäåæçèé][\u0080-\u00bf€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]")
_MISREAD_SJIS = re.compile("[ƒ‚][^\\s]")  # the first byte of kana
_STRANGE = re.compile("[\ufffd\ue000-\uf8ff\ud800-\udfff\\x00-\\x08\\x0e-\\x1f\\x7f-\\x9f\U000f0000-\U0010ffff]")
_HALF_WIDTH_KANA = re.compile(r"[\uff61-\uff9f]")
_MOST_MISREAD_SHARE = 0.01  # of the characters
_MOST_STRANGE_SHARE = 0.03
_LEAST_CHARS = 20

_NUMBER = re.compile(r"(?<![A-Za-z0-9.,])\d[\d.,%％¥￥$€£]*")
_YEARS = re.compile(r"(?:(?:19|20)\d\d){2,}")
_TWO_IN_ONE = re.compile(r"[%％]\d|\d[¥￥$€£]\d")
_DIGITS_IN_WORD = re.compile(r"(?<![a-zß-ÿ])[a-zß-ÿ]{4,}+\d[\d.,]*+[A-Za-zÀ-ÿ]{4}")
_LONGEST_NUMBER = 17  # digits; account and registration numbers are shorter
_LEAST_GLUED, _MOST_GLUED, _MOST_GLUED_SHARE = 3, 10, 0.1


def page_fault(text: str) -> str:
    """Say why a page must not be indexed; "" where nothing is wrong with it."""
    return mojibake(text) or glued_words(text) or glued_numbers(text)


def mojibake(text: str) -> str:
    """Say why a text was not decoded properly; "" where it was."""
    sample = "".join(text.split())
    if len(sample) < _LEAST_CHARS:
        return ""
    misread = 2 * max(len(_MISREAD_UTF8.findall(sample)), len(_MISREAD_SJIS.findall(sample)))
    if misread > max(_MOST_MISREAD_SHARE * len(sample), 5):
        return "mojibake: its characters were read in the wrong encoding"
    strange = len(_STRANGE.findall(sample))
    if strange > max(_MOST_STRANGE_SHARE * len(sample), 3):
        return f"mojibake: {strange / len(sample):.0%} of its characters have no meaning"
    kana = _HALF_WIDTH_KANA.findall(sample)
    if len(kana) > 0.3 * len(sample) and sum(map("ｱｲｳｶｷｸｼｽﾀﾃﾄﾅﾆﾉﾗﾘﾙﾚﾝｰﾞﾟ".count, kana)) < 0.5 * len(kana):
        return "mojibake: its characters were read in the wrong encoding"
    words = _LATIN_WORD.findall(_without_addresses(text))
    letters = "".join(words)
    if len(letters) < _LEAST_LETTERS or _COMMON.intersection(map(str.lower, words)):
        return ""
    frequent = sum(letter in _FREQUENT for letter in letters)
    return "mojibake: its letters form no words" if frequent < _LEAST_FREQUENT_SHARE * len(letters) else ""


def glued_words(text: str) -> str:
    """Say whether the spaces between words are lost, or stand between letters; "" where words are words."""
    words = _LATIN_WORD.findall(_without_addresses(text))
    letters = sum(map(len, words))
    mixed = _DIGITS_IN_WORD.findall(text)
    if len(mixed) > max(4, 0.05 * len(words)):
        return f"words and numbers run together ('{mixed[0][:40]}')"
    longer = [word for word in words if len(word) > _LONGEST_WORD]
    if (
        letters >= _LEAST_LETTERS_SHARE * len(text)
        and letters >= 60
        and sum(map(len, longer)) > _MOST_LONG_SHARE * letters
    ):
        return f"words without spaces between them ('{longer[0][:40]}')"
    single = sum(len(word) == 1 for word in words)
    if len(words) >= 2 * _LEAST_WORDS and single > _MOST_SINGLE_SHARE * len(words):
        return "spaces between the letters of its words"
    return ""


def glued_numbers(text: str) -> str:
    """Say whether numbers run into each other; "" where they are few or none."""
    numbers = _NUMBER.findall(_without_addresses(text))
    glued = [number for number in numbers if is_glued(number)]
    if len(glued) >= _MOST_GLUED or (len(glued) >= _LEAST_GLUED and len(glued) > _MOST_GLUED_SHARE * len(numbers)):
        return f"numbers run together ('{glued[0][:40]}')"
    return ""


def is_glued(number: str) -> bool:
    """Tell whether a run of digits and points must be several numbers: "42.1108.5", "1,5002,300", "20232024"."""
    token = number.rstrip(".,")
    if _TWO_IN_ONE.search(token) or _YEARS.fullmatch(token) or (token.isdecimal() and len(token) > _LONGEST_NUMBER):
        return True
    points, commas = token.split("."), token.split(",")
    if len(points) > 2 and not re.match(r"0\d", token):  # a telephone number begins so
        inner = [sum(map(str.isdecimal, part)) for part in points[1:-1]]
        grouped = all(count == 3 for count in [*inner, len(points[-1])])
        address = len(points) == 4 and all(part.isdecimal() and int(part) < 256 for part in points)
        if max(inner) > 2 and not grouped and not address:
            return True
    if len(commas) > 2 and "." not in "".join(commas[:-1]):
        inner_groups = [part for part in commas[1:-1] if not re.fullmatch(r"(?:19|20)\d\d", part)]
        return any(len(part) > 3 for part in inner_groups)
    return False


def _without_addresses(text: str) -> str:
    return _NOT_PROSE.sub(" ", text)
