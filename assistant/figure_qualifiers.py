"""The words around a figure that bound it: about, up to, at least, more than; and the joints of a range."""

import re

_SP = r"[ \u00a0]"
_BEFORE = {
    "about": r"about|around|approximately|approx\.|roughly|some|nearly|almost|close to|circa|ca\.|c\."
    r"|in the order of|on the order of|an estimated"
    r"|environ|quelque|quelques|près de?|autour de|de l'ordre de|approximativement|à peu près|proche de|presque"
    r"|avoisinant|約|およそ|ほぼ|概ね|おおよそ|凡そ|~|≈",
    "up to": r"up to|as much as|as many as|no more than|not more than|at most|a maximum of|maximum of|maximum|under"
    r"|below|less than|fewer than|capped at|a ceiling of"
    r"|jusqu'à|jusqu'en|au plus|au maximum|un maximum de|maximum de|moins de|plafond de|plafonnée? à"
    r"|dans la limite de|ne dépassant pas|最大で?|上限は?|最高で?|最長で?|≤|<",
    "at least": r"at least|no less than|no fewer than|not less than|a minimum of|minimum of|au moins|au minimum"
    r"|un minimum de|minimum de|pas moins de|少なくとも|最低でも?|最低|≥",
    "more than": r"more than|over|above|exceeding|greater than|upwards of|in excess of|beyond|topping|plus d[eu]?"
    r"|supérieure?s? à|dépassant|au-delà de|excédant|>",
}
_AFTER = {
    "about": r"程度|前後|ほど|弱|強|余り|余|近く|くらい|ぐらい|-ish|"
    + _SP
    + r"environ\b|"
    + _SP
    + r"or so\b|"
    + _SP
    + "or thereabouts",
    "up to": r"以下|未満|以内|まで(?!に?(?:上が|下が|高ま|高め|増|減|引き|落|伸|拡|達|改善|回復|縮|進))"
    + r"|を上限|が上限|を限度|"
    + _SP
    + r"(?:at most|au plus|au maximum|maximum|or less|or fewer|ou moins)\b",
    "at least": r"以上|" + _SP + r"(?:or more|ou plus|at least|au moins|au minimum|minimum)\b",
    "more than": r"超|を超|を上回|あまり|\+(?!\d)",
}


def _before_pattern(words: str) -> str:
    return rf"(?:(?<![A-Za-zÀ-ÿ0-9_])(?:{words}))"


_ARTICLES = rf"(?:{_SP}?(?:the|les|des|de|du|d'|à|a|un|une))?{_SP}*"
_BEFORE_FIGURE = re.compile(
    "(?:"
    + "|".join(f"(?P<{name.replace(' ', '_')}>{_before_pattern(words)})" for name, words in _BEFORE.items())
    + rf"){_ARTICLES}$",
    re.IGNORECASE,
)
_AFTER_FIGURE = re.compile(
    "(?:の)?(?:" + "|".join(f"(?P<{name.replace(' ', '_')}>{words})" for name, words in _AFTER.items()) + ")",
    re.IGNORECASE,
)
_SPAN = 30
_CHANGE_SPAN = 70
JOINT = re.compile(
    rf"{_SP}?(?:–|~|から|ないし|乃至){_SP}?|-(?=[\d$€¥£])|{_SP}(?:to|à)(?:{_SP}(?:about|above|some|environ"
    rf"|plus de))?{_SP}"
    rf"|(?P<and>{_SP}(?:and|et){_SP})"
)
_CHANGES = re.compile(  # "rose from 40 to 48 million": two values, and none between them
    r"\b(?:r[io]se[sn]?|rising|rais\w+|increas\w+|gr[eo]w\w*|jump\w*|climb\w*|went|go(?:es|ing)?|f[ae]ll\w*|cut|reduc\w+"
    r"|lower\w*|drop\w*|declin\w*|changed?|mov(?:ed?|ing)|revis\w+|shr\w+nk|trimm\w+|postpon\w+|delay\w*|extend\w*"
    r"|pass(?:e|é|er|ent|ant|ait)\w?|port(?:é|er)\w*|relev\w+|abaiss\w+|ramen\w+|augment\w+|baiss\w+|rédui\w+|diminu\w+"
    r"|mont(?:e|é|er)\w?|grimp\w+|recul\w+|chut\w+|révis\w+|report\w+|repouss\w+|tomb\w+)\b[^.;:]{0,40}$",
    re.IGNORECASE,
)
_CHANGED_INTO = re.compile(r"[^\d\s、。]{0,6}?(?:に|へ)(?!かけ|わた)")
_FROM_ONE_TO_THE_OTHER = re.compile(r"\s?(?:to|à|から|より|を)\s?(?:about |environ |約)?")
_REST = re.compile(
    "|".join([*_BEFORE.values(), *_AFTER.values()])
    + r"|\b(?:the|a|le|la|les|l'|de|du|des|d'|between|from|entre|in|en|of|and|et|au)\b|[ \u00a0.,。、()「」\n]",
    re.IGNORECASE,
)


def qualifier_around(plain: str, start: int, end: int, kind: str) -> str:
    """The qualifier of the figure `start:end` of a plain text: "", "about", "up to", "at least" or "more than".

    The word that bounds wins over "about" (up to about 20). "over five years" is a duration, not a bound.
    """
    after = _AFTER_FIGURE.match(plain, end)
    found = []
    if after and after.lastgroup and not (kind == "date" and after[0].endswith("まで")):
        found.append(after.lastgroup.replace("_", " "))
    at = start
    for _ in range(2):
        before = _BEFORE_FIGURE.search(plain, max(0, at - _SPAN), at)
        if before is None or not before.lastgroup:
            break
        found.append(before.lastgroup.replace("_", " "))
        if before[0].lower().startswith(("over", "au-delà")) and kind == "duration":
            found.pop()
        at = before.start()
        while at and plain[at - 1] in " \u00a0":
            at -= 1
    return next((name for name in found if name != "about"), found[0] if found else "")


def is_change(before: str, between: str, after: str) -> bool:
    """Whether two figures are the values before and after a change, and no range: "raised from 40 to 48 million".

    Args:
        before: what stands before the first.
        between: what stands between them.
        after: what follows the second.
    """
    if _FROM_ONE_TO_THE_OTHER.fullmatch(between) is None:
        return False
    if between.strip(" 約") in ("から", "より", "を"):
        return _CHANGED_INTO.match(after) is not None
    return _CHANGES.search(before[-_CHANGE_SPAN:]) is not None


def only_qualifiers(rest: str) -> bool:
    """Whether nothing but qualifiers, articles, spaces and punctuation is left."""
    return not _REST.sub("", rest)
