"""Currencies, scales and units of measure in French, English and Japanese, to canonical units."""

import re
from collections.abc import Iterable
from decimal import Decimal

from assistant.currencies import CURRENCIES, Currency

Unit = tuple[str, str, Decimal]
"""Canonical unit, kind of figure, and factor to the canonical unit."""

_ONE = Decimal(1)

_ACCENTS = {"é": "[eé]", "è": "[eè]", "ï": "[iï]", "É": "[EÉ]", "ó": "[oó]", "ł": "[lł]"}
_LETTERED = re.compile(r"[A-Za-zÀ-ÿ]$")
_KATAKANA = re.compile(r"[ァ-ヴー]$")


def _literal(name: str) -> str:
    """A name as a pattern that any space, a missing accent or a missing ・ fits, but not the start of a longer word."""
    text = "".join({" ": "[ \u00a0]", "・": "・?"}.get(c) or _ACCENTS.get(c) or re.escape(c) for c in name)
    if _KATAKANA.search(name):
        return text + "(?![ァ-ヴー])"  # 3レイヤー
    return text + "(?![A-Za-zÀ-ÿ0-9_])" if _LETTERED.search(name) else text


def _any_of(names: Iterable[str]) -> str:
    return "|".join(map(_literal, sorted(set(names), key=len, reverse=True)))


def _after(currency: Currency, *, large: bool) -> str:
    """What names a currency after a number; after a large one also its words that mean something else too."""
    exact = [*currency.signs, *(currency.large if large else ()), *(currency.codes if large else currency.plain_codes)]
    ways = [*currency.patterns, _any_of((*currency.french, *currency.english, *currency.japanese))]
    ways += [f"(?-i:{_any_of(exact)})"] if exact else []
    unless = f"(?!{currency.not_before})" if currency.not_before else ""
    return f"(?P<{currency.code}>(?:{'|'.join(ways)}){unless})"


def _after_number(*, large: bool) -> re.Pattern[str]:
    return re.compile(
        r"(?:[ \u00a0-]?(?:(?:de|of)[ \u00a0]|d')?)(?:"
        + "|".join(_after(currency, large=large) for currency in CURRENCIES.values())
        + r")(?!\d)",
        re.IGNORECASE | re.ASCII,
    )


_CURRENCY_AFTER = {large: _after_number(large=large) for large in (False, True)}
_BEFORE = {sign: c.code for c in CURRENCIES.values() for sign in (*c.signs, *c.before, *c.codes)}
_GUARDED = {code for c in CURRENCIES.values() if c.guarded for code in c.codes}
_AMPLE = (
    r"[ \u00a0]?(?:\d{1,3}(?:[, \u00a0]\d{3})+(?!\d)|\d{3}(?![\d.])|\d{5}|\d+(?:[.,]\d+)?[ \u00a0]?"
    r"(?:[KkMBT](?![A-Za-z])|million|milliard|billion|trillion|thousand|mille|bn|[Mm]n|tn|Mds?|Mrds?|[万億兆]))"
)
_LETTER_SIGNS = "|".join(sign for sign in _BEFORE if len(sign) == 1 and sign.isalpha())
_SCALED = (
    r"[ \u00a0]?(?:\d{1,3}(?:,\d{3})+(?!\d)|\d+(?:[.,]\d+)?[ \u00a0]?"
    r"(?:million|milliard|billion|trillion|[bm]n(?![a-z])|[万億兆]))"
)
_DOLLARS = frozenset(c.code for c in CURRENCIES.values() if any(sign.endswith("$") for sign in c.signs))
SHARED_SIGNS = {"$": _DOLLARS, "¥": frozenset({"JPY", "CNY"})}
"""Signs of several currencies, of which one that follows the number tells which: $5 million CAD."""
CURRENCY_BEFORE = re.compile(
    # Most places are no currency; a digit near by is the quickest test.
    r"(?<![A-Za-z])(?=\D{1,6}\d)("
    + "|".join(
        sign.replace(" ", "[ \u00a0]") if sign.isalpha() or " " in sign else re.escape(sign)
        for sign in sorted(_BEFORE.keys() - _GUARDED, key=len, reverse=True)
        if len(sign) > 1 or not sign.isalpha()
    )
    + rf"|(?:{_LETTER_SIGNS})(?={_SCALED})"
    + rf"|(?:{'|'.join(sorted(_GUARDED))})(?={_AMPLE}))[ \u00a0]?(?=\d)"
)


def currency_before(match: re.Match[str]) -> str:
    """The canonical unit of a match of CURRENCY_BEFORE."""
    return _BEFORE[match[1].replace("\u00a0", " ")]


def read_currency(text: str, pos: int, *, large: bool) -> tuple[int, str] | None:
    """Read a currency at `pos` of a plain text, after a number: its end and canonical unit.

    `large` tells that the number is one of hundreds or has a scale word: only then "won" or "lei" are money.
    """
    match = _CURRENCY_AFTER[large].match(text, pos)
    return (match.end(), match.lastgroup or "") if match else None


def _power(exponent: int) -> Decimal:
    return _ONE.scaleb(exponent)


SCALES = {
    "hundred": 2, "thousand": 3, "mille": 3, "millier": 3, "milliers": 3, "million": 6, "millions": 6, "mil.": 6,
    "mn": 6,
    "mln": 6, "milliard": 9, "milliards": 9, "md": 9, "mds": 9, "mrd": 9, "billion": 9, "billions": 9, "bil.": 9,
    "bn": 9,
    "trillion": 12, "trillions": 12, "tril.": 12, "tn": 12, "trn": 12,
    "lakh": 5, "lakhs": 5, "crore": 7, "crores": 7,
}  # fmt: skip
FRENCH_LONG_SCALE = {"billion": 12, "billions": 12, "trillion": 18, "trillions": 18}
SCALE_WORD = re.compile(
    r"(?:[ \u00a0-]?)("
    + "|".join(re.escape(w) for w in sorted(SCALES, key=len, reverse=True))
    + r")(?![A-Za-zÀ-ÿ0-9_])",
    re.IGNORECASE,
)
SCALE_LETTER = re.compile(r"[kKMBTG](?![A-Za-zÀ-ÿ0-9²³/]|\.\d)")
CURRENCY_LETTER = re.compile(r"(?:bn|mn|tn|[kKmMbBtT]|[ \u00a0]?[Cc]r)(?![A-Za-z])")
LETTERS = {"k": 3, "K": 3, "M": 6, "m": 6, "B": 9, "b": 9, "G": 9, "T": 12, "t": 12, "cr": 7, "Cr": 7}
SHORT_SCALE = re.compile(  # before a currency only: 740 M$, 12 Md de pesos
    r"[ \u00a0]?(k|M|Mds|Mrds|Mrd|Md|mds|md|G|T)(?:[ \u00a0](?:de[ \u00a0]|d')?|(?![a-zÀ-ÿ0-9]))"
)

_PREFIXES = {"": 0, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18, "Z": 21}
_PREFIX_WORDS = {
    "kilo": 3, "mega": 6, "méga": 6, "giga": 9, "tera": 12, "téra": 12, "peta": 15, "péta": 15, "exa": 18, "zetta": 21,
    "キロ": 3, "メガ": 6, "ギガ": 9, "テラ": 12, "ペタ": 15, "エクサ": 18, "ゼタ": 21, "": 0,
}  # fmt: skip


def _symbols() -> dict[str, Unit]:
    table: dict[str, Unit] = {}
    for prefix, exponent in _PREFIXES.items():
        factor = _power(exponent)
        for name in ("FLOPS", "FLOP/s", "FLOPs", "FLOP", "Flops", "Flop/s", "flops", "flop/s"):
            table[prefix + name] = ("FLOPS", "measure", factor)
        for name, unit in (
            ("W", "W"),
            ("Wh", "Wh"),
            ("Hz", "Hz"),
            ("OPS", "OPS"),
            ("bps", "bit/s"),
            ("bit/s", "bit/s"),
            ("bE", "bit/s"),
            ("B/s", "byte/s"),
        ):
            table[prefix + name] = (unit, "measure", factor)
        if exponent:
            table[prefix + "b/s"] = ("bit/s", "measure", factor)
            table[prefix + "b"] = table[prefix + "bit"] = ("bit", "measure", factor)
            table[prefix + "B"] = ("byte", "measure", factor)
            if exponent < 18:
                table[prefix.upper() + "o"] = table[prefix + "o"] = ("byte", "measure", factor)
            table[prefix.upper() + "iB"] = ("byte", "measure", Decimal(1024) ** (exponent // 3))
    table["KB"] = table["kB"]
    lengths = {"km": "1e3", "m": "1", "cm": "0.01", "mm": "0.001", "µm": "1e-6", "nm": "1e-9"}
    table |= {symbol: ("m", "measure", Decimal(factor)) for symbol, factor in lengths.items()}
    table |= dict.fromkeys(("m²", "m2", "㎡", "sq m", "sqm", "sq. m"), ("m2", "measure", _ONE))
    table |= {s: ("m2", "measure", _power(6)) for s in ("km²", "km2", "㎢")} | {"ha": ("m2", "measure", _power(4))}
    table |= {
        "㎞": table["km"],
        "㎿": table["MW"],
        "㎾": table["kW"],
        "℃": ("°C", "measure", _ONE),
        "°C": ("°C", "measure", _ONE),
    }
    table |= {
        "kg": ("kg", "measure", _ONE),
        "t": ("kg", "measure", _power(3)),
        "µs": ("second", "duration", _power(-6)),
    }
    table |= {
        "ms": ("second", "duration", _power(-3)),
        "s": ("second", "duration", _ONE),
        "min": ("minute", "duration", _ONE),
    }
    table |= {"h": ("hour", "duration", _ONE), "%": ("percent", "percentage", _ONE), "pp": ("points", "points", _ONE)}
    table |= {"pts": ("points", "points", _ONE), "pt": ("points", "points", _ONE)}
    table |= {"x": ("times", "measure", _ONE), "×": ("times", "measure", _ONE)}
    return table


def _words() -> dict[str, Unit]:
    table: dict[str, Unit] = {}
    for prefix, exponent in _PREFIX_WORDS.items():
        bases = [("フロップス", "FLOPS"), ("フロップ", "FLOPS"), ("FLOPS", "FLOPS"), ("ワット", "W"), ("ワット時",
        "Wh"), ("バイト",
        "byte"), ("ヘルツ", "Hz"),
                 ("ビット", "bit"), ("flops", "FLOPS"), ("flop/s", "FLOPS"), ("flop", "FLOPS"), ("watts", "W"), ("watt",
                 "W"), ("wattheures", "Wh"),
                 ("octets", "byte"), ("octet", "byte"), ("bytes", "byte"), ("byte", "byte"), ("hertz", "Hz"),
                 ("bits", "bit"), ("bit", "bit")]  # fmt: skip
        for name, unit in bases:
            table[prefix + name] = (unit, "measure", _power(exponent))
    squares = "square metres|square meters|square metre|square meter|mètres carrés|mètre carré|平方メートル|平米"
    table |= dict.fromkeys(squares.split("|"), ("m2", "measure", _ONE))
    squares = "square kilometres|square kilometers|kilomètres carrés|平方キロメートル|平方キロ"
    table |= dict.fromkeys(squares.split("|"), ("m2", "measure", _power(6)))
    table |= dict.fromkeys(["hectares", "hectare", "ヘクタール"], ("m2", "measure", _power(4)))
    table |= dict.fromkeys(
        ["kilometres", "kilometers", "kilometre", "kilomètres", "kilomètre", "キロメートル"],
        ("m", "measure", _power(3)),
    )
    table |= dict.fromkeys(["metres", "meters", "metre", "mètres", "mètre", "メートル"], ("m", "measure", _ONE))
    table |= dict.fromkeys(["nanometres", "nanometers", "nanomètres", "ナノメートル"], ("m", "measure", _power(-9)))
    table |= dict.fromkeys(["tonnes", "tons", "トン"], ("kg", "measure", _power(3)))
    table |= dict.fromkeys(["times", "time", "fold", "-fold", "fois", "倍"], ("times", "measure", _ONE))
    del table["time"]
    table |= dict.fromkeys(
        ["percent", "per cent", "pour cent", "pour 100", "p. 100", "パーセント"], ("percent", "percentage", _ONE)
    )
    points = "percentage points|percentage point|points de pourcentage|point de pourcentage|points|point|ポイント"
    table |= dict.fromkeys(points.split("|"), ("points", "points", _ONE))
    for unit, names, factor in (
        ("year", "years|year|ans|an|années|année|歳|年間|か年|カ年|ヵ年|ヶ年", 1), ("month",
        "months|month|mois|か月間|ヶ月間|カ月間|か月|ヶ月|カ月|ヵ月|ヵ月間|箇月", 1),
        ("day", "days|day|jours|jour|日間", 1), ("day", "weeks|week|semaines|semaine|週間", 7), ("hour",
        "hours|hour|heures|heure|時間", 1),
        ("minute", "minutes|minute|分間", 1), ("second", "seconds|secondes|seconde|秒間|秒", 1), ("second",
        "milliseconds|millisecondes|ミリ秒", "1e-3"),
        ("second", "microseconds|microsecondes|マイクロ秒", "1e-6"),
    ):  # fmt: skip
        table |= dict.fromkeys(names.split("|"), (unit, "duration", Decimal(factor)))
    return table


SYMBOLS = _symbols()
WORDS = _words()
_FRENCH_ONLY = frozenset(symbol for symbol, unit in SYMBOLS.items() if unit[0] == "byte" and symbol.endswith("o"))


def _any(keys: dict[str, Unit]) -> str:
    return "|".join(re.escape(key) for key in sorted(keys, key=len, reverse=True))


_SYMBOL = re.compile(r"[ \u00a0]?(" + _any(SYMBOLS) + r")(?![A-Za-zÀ-ÿ0-9²])")
_WORD = re.compile(r"[ \u00a0-]?(" + _any(WORDS) + r")(?![A-Za-zÀ-ÿ0-9])", re.IGNORECASE)
_JAPANESE_TENTH = re.compile(r"割(?![合当り安高引])")
_DAYS = re.compile(r"日(?=後|前(?!後)|分|以内|以上|程度|足らず|ほど)")
_MINUTES = re.compile(r"分(?:(?=から)|(?![のか野割析類散業岐離配布量科]))")


def read_unit(text: str, pos: int, language: str) -> tuple[int, Unit] | None:
    """Read a unit of measure, a percentage, points or a duration at `pos` of a plain text, spaces or a hyphen first."""
    match = _SYMBOL.match(text, pos)
    if (
        match
        and not (match[1] in _FRENCH_ONLY and language == "en")
        and not (match[1] in "x×" and match.start(1) != pos)
    ):
        return match.end(), SYMBOLS[match[1]]
    match = _WORD.match(text, pos)
    if match:
        return match.end(), WORDS[match[1].lower()] if match[1].lower() in WORDS else WORDS[match[1]]
    if _JAPANESE_TENTH.match(text, pos):
        return pos + 1, ("percent", "percentage", Decimal(10))
    if _DAYS.match(text, pos):
        return pos + 1, ("day", "duration", _ONE)
    if _MINUTES.match(text, pos):
        return pos + 1, ("minute", "duration", _ONE)
    return None
