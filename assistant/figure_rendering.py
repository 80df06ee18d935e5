"""Figures in the reader's notation: 114,6 milliards de yens, ¥114.6 billion, 1,146億円."""

import re
from decimal import Decimal

from assistant.calendar_date import CalendarDate
from assistant.currencies import CURRENCIES
from assistant.figure_multiples import is_verb
from assistant.figure_records import Figure, plain_decimal

_OF_UNITED_STATES = re.compile(r"U\.?S|états-unis|américain|米", re.IGNORECASE)
_NARROW = "\u202f"
_FIXED = "\u00a0"
_FRENCH_SCALES = ((10**9, "milliard"), (10**6, "million"))
_ENGLISH_SCALES = ((10**12, "trillion"), (10**9, "billion"), (10**6, "million"))
_JAPANESE_SCALES = ((10**12, "兆"), (10**8, "億"), (10**4, "万"))
_PREFIXES = ((10**18, "E"), (10**15, "P"), (10**12, "T"), (10**9, "G"), (10**6, "M"), (10**3, "k"))
_KILOGRAMS = 1000  # of a tonne
_BYTES = {"fr": "octets", "en": "bytes", "ja": "バイト"}
_PREFIXED = {
    "FLOPS": "FLOPS",
    "OPS": "OPS",
    "W": "W",
    "Wh": "Wh",
    "Hz": "Hz",
    "bit/s": "bit/s",
    "byte/s": "B/s",
    "byte": "B",
    "bit": "bit",
}
_NOUNS = {  # singular and plural in French and English, counter in Japanese
    "company": ("entreprise", "entreprises", "company", "companies", "社"), "person": ("personne", "personnes",
    "person", "people", "人"),
    "GPU": ("GPU", "GPU", "GPU", "GPUs", "基のGPU"), "server": ("serveur", "serveurs", "server", "servers",
    "台のサーバー"),
    "node": ("nœud", "nœuds", "node", "nodes", "ノード"), "system": ("système", "systèmes", "system", "systems",
    "台のシステム"),
    "site": ("site", "sites", "site", "sites", "拠点"), "country": ("pays", "pays", "country", "countries", "か国"),
    "language": ("langue", "langues", "language", "languages", "言語"), "university": ("université", "universités",
    "university", "universities", "大学"),
    "parameter": ("paramètre", "paramètres", "parameter", "parameters", "パラメータ"), "token": ("token", "tokens",
    "token", "tokens", "トークン"),
    "year": ("an", "ans", "year", "years", "年間"), "month": ("mois", "mois", "month", "months", "か月"),
    "day": ("jour",
    "jours", "day", "days", "日間"),
    "hour": ("heure", "heures", "hour", "hours", "時間"), "minute": ("minute", "minutes", "minute", "minutes", "分間"),
    "second": ("seconde", "secondes", "second", "seconds", "秒"), "times": ("fois", "fois", "times", "times", "倍"),
    "percent": ("%", "%", "%", "%", "%"), "points": ("point", "points", "point", "points", "ポイント"),
    "item": ("élément", "éléments", "item", "items", "件"),
    "m2": ("m²", "m²", "m²", "m²", "平方メートル"), "building": ("bâtiment", "bâtiments", "building", "buildings",
    "棟"),
    "centre": ("centre", "centres", "centre", "centres", "拠点"), "device": ("machine", "machines", "machine",
    "machines", "台"),
}  # fmt: skip
_MONTHS = {
    "fr": [
        "janvier",
        "février",
        "mars",
        "avril",
        "mai",
        "juin",
        "juillet",
        "août",
        "septembre",
        "octobre",
        "novembre",
        "décembre",
    ],
    "en": [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ],
}
_SEASONS = {
    "spring": ("au printemps", "spring", "春"),
    "summer": ("à l'été", "summer", "夏"),
    "autumn": ("à l'automne", "autumn", "秋"),
}
_QUALIFIERS = {
    "about": ("environ {}", "about {}", "約{}"), "up to": ("jusqu'à {}", "up to {}", "最大{}"),
    "at least": ("au moins {}", "at least {}", "{}以上"),
    "more than": ("plus de {}", "more than {}", "{}超"),
}  # fmt: skip
_COLUMN = {"fr": 0, "en": 1, "ja": 2}


def render_figure(value: Decimal | int | str, unit: str, language: str) -> str:
    """Write a canonical value for readers of a language; what is written reads back to the same value.

    Args:
        value: number in `unit`, or for dates the ISO form of `Figure.iso`.
        unit: canonical unit of `Figure.unit`; "date", "year" or "fiscal_year" for dates.
        language: "fr" (no-break spaces, decimal comma), "en" or "ja" (兆, 億, 万); anything else is written as English.

    Raises:
        ValueError: a date that is not of the forms of `Figure.iso`, or a value that is no number.

    """
    language = language if language in _COLUMN else "en"
    if unit in ("date", "year", "fiscal_year"):
        return _date(f"FY{value}" if unit == "fiscal_year" and str(value).isdecimal() else str(value), language)
    return _number(value, unit, language)


def _number(value: Decimal | int | str, unit: str, language: str) -> str:
    try:
        number = Decimal(value)
    except ArithmeticError as error:
        raise ValueError(f"{value!r} is not a number; give digits with a point, without separators") from error
    sign, number = ("-" if number < 0 else ""), abs(number)
    if unit in CURRENCIES:
        return sign + _amount(number, unit, language)
    if unit in _PREFIXED:
        return sign + _measure(number, _PREFIXED[unit], language)
    if unit == "kg" and number >= _KILOGRAMS:
        return f"{sign}{_grouped(number / _KILOGRAMS, language)}{_space(language)}{'トン' if language == 'ja' else 't'}"
    if unit in ("m", "kg", "°C"):
        return f"{sign}{_grouped(number, language)}{_space(language)}{unit}"
    if unit == "second" and number < 1:
        return f"{sign}{_grouped(number * 1000, language)}{_space(language)}ms"
    return sign + _counted(number, unit, language)


def rewrite_figure(figure: Figure, language: str) -> str:
    """Write a figure that was read, with its qualifier or range, in the notation of another language.

    An ordinal and a multiple in one word ("doubled") stay as they are written. Where the thing counted has no name in
    the table the number stands alone. Dollars that are not said to be of the United States are not said to be so.
    """
    language = language if language in _COLUMN else "en"
    column = _COLUMN[language]
    if figure.kind == "ordinal" or is_verb(figure.text):
        return figure.text
    if figure.is_date:
        return render_figure(figure.iso, "date", language)
    text = _number(figure.value, figure.unit, language)  # also "2 years", whose unit is that of a date elsewhere
    if figure.qualifier == "range" and figure.high is not None:
        upper = _number(figure.high, figure.unit, language)
        text = (f"{text} à {upper}", f"{text} to {upper}", f"{text}~{upper}".replace("~", "〜"))[column]
    elif figure.qualifier:
        text = _QUALIFIERS[figure.qualifier][column].format(text)
    if figure.unit == "USD" and not _OF_UNITED_STATES.search(figure.text):
        text = text.replace("US$", "$")
    return text


def _space(language: str) -> str:
    return "" if language == "ja" else _FIXED


def _grouped(number: Decimal, language: str) -> str:
    whole, _, rest = plain_decimal(number).partition(".")
    separator, point = (_NARROW, ",") if language == "fr" else (",", ".")
    whole = re.sub(r"(?<=\d)(?=(?:\d{3})+$)", separator, whole)
    return f"{whole}{point}{rest}" if rest else whole


def _short(number: Decimal, factor: int) -> bool:
    """Whether number / factor needs at most three decimals."""
    return number >= factor and number * 1000 % factor == 0


def _scaled(number: Decimal, language: str) -> tuple[str, bool]:
    """The number with a scale word where that is exact and short; whether a word was used (French then needs "de")."""
    if language == "ja":
        return _japanese(number), False
    for factor, word in _FRENCH_SCALES if language == "fr" else _ENGLISH_SCALES:
        if _short(number, factor):
            count = number / factor
            plural = "s" if language == "fr" and count >= 2 else ""
            return f"{_grouped(count, language)}{_space(language) if language == 'fr' else ' '}{word}{plural}", True
    return _grouped(number, language), False


def _japanese(number: Decimal) -> str:
    if number < 10**4 or number != number.to_integral_value():
        return _grouped(number, "ja")
    text = ""
    for factor, word in _JAPANESE_SCALES:
        count, number = divmod(number, factor)
        text += f"{_grouped(count, 'ja')}{word}" if count else ""
    return text + (plain_decimal(number) if number else "")


def _amount(number: Decimal, unit: str, language: str) -> str:
    text, word = _scaled(number, language)
    currency = CURRENCIES[unit]
    if language == "ja":
        return text + currency.japanese[0].replace("・", "")
    if language == "en":
        sign = currency.written or "".join(currency.codes[:1])
        if not sign:  # no country is said: 9.1 million francs
            return f"{text} {currency.english[0 if number == 1 else 1]}"
        return f"{sign} {text}" if sign[-1].isalpha() else sign + text
    name = currency.french[1 if number >= 2 else 0]
    of = ("d'" if name[0] in "aeiou" else f"de{_FIXED}") if word else ""
    return f"{text}{_FIXED}{of}{name}"


def _measure(number: Decimal, symbol: str, language: str) -> str:
    if symbol == "B":
        if not _short(number, 1000):
            return f"{_grouped(number, language)}{_space(language)}{_BYTES[language]}"
        symbol = "o" if language == "fr" else "B"
    for factor, prefix in _PREFIXES:
        if _short(number, factor):
            return f"{_grouped(number / factor, language)}{_space(language)}{prefix}{symbol}"
    return f"{_grouped(number, language)}{_space(language)}{symbol}"


def _counted(number: Decimal, unit: str, language: str) -> str:
    number = number.quantize(Decimal("0.1")) if unit == "percent" and len(number.as_tuple().digits) > 12 else number
    names = _NOUNS.get(unit)
    scaled, word = (
        _scaled(number, language) if unit not in ("percent", "points", "times") else (_grouped(number, language), False)
    )
    if names is None:
        return scaled
    if language == "ja":
        return scaled + names[4]
    if unit == "percent" and language == "en":
        return f"{scaled}%"
    name = names[(1 if number >= 2 else 0) if language == "fr" else (2 if number == 1 else 3)]
    of = ("d'" if name[0] in "aeéiou" else f"de{_FIXED}") if word and language == "fr" else ""
    return f"{scaled}{_FIXED if language == 'fr' else ' '}{of}{name}"


_ISO = re.compile(
    r"(?P<fy>FY)?(?P<y>\d{4})(?:-(?P<part>[HQ][1-4]|spring|summer|autumn)|-(?P<m>\d\d)(?:-(?P<d>\d\d))?)?"
)
_NO_YEAR = re.compile(r"--(?P<m>\d\d)?(?:-(?P<d>\d\d))?")


def _date(iso: str, language: str) -> str:
    if "/" in iso:
        start, _, until = iso.partition("/")
        joint = {"fr": " à ", "en": " – ", "ja": "〜"}[language]
        return _date(start, language) + joint + _date(until, language)
    match = _ISO.fullmatch(iso) or _NO_YEAR.fullmatch(iso)
    if match is None:
        raise ValueError(f"{iso!r} is not a date; give YYYY-MM-DD, YYYY-MM, YYYY, FYYYYY or --MM-DD")
    fields = match.groupdict()
    month, day = int(fields["m"] or 0) or None, int(fields["d"] or 0) or None
    date = CalendarDate(
        int(fields["y"]) if fields.get("y") else None, month, day, bool(fields.get("fy")), fields.get("part") or ""
    )
    date.days()  # a ValueError here names the day that does not exist
    return _japanese_date(date) if language == "ja" else _western_date(date, language)


def _japanese_date(date: CalendarDate) -> str:
    text = f"{date.year}年" if date.year else ""
    if date.fiscal:
        text += "度"
    if date.part in _SEASONS:
        return text + _SEASONS[date.part][2]
    if date.part:
        return text + (f"第{date.part[1]}四半期" if date.part[0] == "Q" else "前半" if date.part == "H1" else "後半")
    return text + (f"{date.month}月" if date.month else "") + (f"{date.day}日" if date.day else "")


def _western_date(date: CalendarDate, language: str) -> str:
    french = language == "fr"
    year = str(date.year) if date.year else ""
    if date.fiscal:
        year = f"l'exercice {year}" if french and date.part else f"exercice {year}" if french else f"FY{year}"
    if date.part in _SEASONS:
        return (
            f"{_SEASONS[date.part][0].split(' ', 1)[1].removeprefix(chr(108) + chr(39))} {year}"
            if french
            else f"{date.part} {year}"
        )
    if date.part:
        return _part(date.part, year, french=french, fiscal=date.fiscal)
    if not date.month:
        return year or ("le " if french else "the ") + str(date.day)
    day = "1er" if french and date.day == 1 else str(date.day or "")
    month = _MONTHS[language][date.month - 1]
    return " ".join(word for word in (day, month, year) if word)


def _part(part: str, year: str, *, french: bool, fiscal: bool) -> str:
    number = int(part[1])
    if french:
        name = (
            ("premier", "deuxième", "troisième", "quatrième")[number - 1]
            if part[0] == "Q"
            else ("premier", "second")[number - 1]
        )
        return f"{name} {'trimestre' if part[0] == 'Q' else 'semestre'} {'de ' if fiscal else ''}{year}"
    name = ("first", "second", "third", "fourth")[number - 1]
    return f"{name} {'quarter' if part[0] == 'Q' else 'half'} of {year}"
