"""How questions are put: with a subject, with something beside it, with a name in place of a pronoun. No model."""

import re

from assistant.follow_up import is_relational

_INVERTED = re.compile(r"(?<![\w-])((?:[nls]['’])?\w+-(?:t-)?(?:il|elle|ils|elles))\b", re.IGNORECASE)
_HIS = re.compile(r"\b(?P<his>son|sa|ses|leurs?) (?P<noun>\w+)(?=\s*\??$)", re.IGNORECASE)
_VOWEL = re.compile(r"[aeiouyéèêœ]|h(?!au|é[rs]|an)", re.IGNORECASE)


def put_for_pronoun(text: str, about: str, language: str) -> str:
    """The question with its first pronoun replaced; where that cannot be done, with what it stands for beside it."""
    return {"fr": _french, "en": _english, "ja": _japanese}[language](text, about)


def with_subject(text: str, about: str, language: str) -> str:
    """A question that lacks its subject, with it: 「いつ始まりましたか」, "Combien a-t-elle investi ?"."""
    if language == "ja":
        noun = re.match(r"[一-鿿ァ-ヺー第\d]+", text)
        return f"{about}の{text}" if noun and is_relational(noun.group(), "ja") else f"{about}は{text}"
    return asked(_INVERTED.sub(rf"{_escaped(about)} \1", text, count=1), "fr")


def attribute(noun: str, about: str, language: str) -> str:
    """Ask for a property of something: "What is the budget of KDDI?"."""
    if language == "ja":
        return f"{about}の{noun}は？"
    if language == "en":
        return f"What is {noun} of {about}?"
    article = re.match(r"(?:du|au|aux|des|le|la|les|l['’])", noun, re.IGNORECASE)
    which = {"la": "Quelle est", "les": "Quels sont", "des": "Quels sont", "aux": "Quels sont"}.get(
        article.group().casefold() if article else "", "Quel est"
    )
    noun = re.sub(
        r"^(?:du|au) ", "le ", re.sub(r"^(?:des|aux) ", "les ", noun, flags=re.IGNORECASE), flags=re.IGNORECASE
    )
    return f"{which} {noun} {of(about)} ?"


def added(question: str, text: str, language: str) -> str:
    """The question with a year, place or currency at its end: "in 2025", "en euros"."""
    if language == "ja":
        return put_beside(question, text, language)
    plain = question.rstrip(" ?？.")
    if language == "en" and not re.match(r"(?:in|on|at|by|for)\b", text, re.IGNORECASE):
        text = f"in {text}"
    if language == "fr" and not re.match(r"(?:en|au|aux|à|le|dans|pour)\b", text, re.IGNORECASE):
        text = f"en {text}" if re.match(r"\d{4}$", text) else f"({text})"
    return asked(f"{plain} {text}", language)


def put_beside(text: str, about: str, language: str) -> str:
    """A question with something in brackets before its mark."""
    plain = re.sub(r"[\s?？。.]+$", "", text)
    if language == "ja":
        return f"{plain}（{about}）"
    return asked(f"{plain} ({about})", language)


def asked(text: str, language: str) -> str:
    """A question with its capital and its mark."""
    plain = re.sub(r"[\s?？.]+$", "", text)
    plain = plain[:1].upper() + plain[1:]
    return plain + {"fr": " ?", "en": "?", "ja": "。"}[language]


def of(about: str) -> str:
    """French "de", with the article and the elision that follow from what comes after."""
    if match := re.match(r"(?:le|les) ", about, re.IGNORECASE):
        return f"{'du' if match.group().casefold() == 'le ' else 'des'} {about[match.end() :]}"
    return f"d’{about}" if about[:1].islower() and _VOWEL.match(about) else f"de {about}"


def _english(text: str, about: str) -> str:
    def take(match: re.Match[str]) -> str:
        word = match.group().casefold()
        if word in ("its", "their", "his", "theirs") or (word == "her" and re.match(r" \w", text[match.end() :])):
            return f"{about}’" if about.endswith("s") else f"{about}’s"
        return about

    found = text
    for words in ("its|it", "their|them|they|he|she|him|his|her", "the (?:company|firm|group)"):
        if found == text:
            found = re.sub(rf"\b(?:{words})\b", take, text, count=1, flags=re.IGNORECASE)
    return asked(found, "en") if found != text else put_beside(text, about, "en")


def _french(text: str, about: str) -> str:
    text = re.sub(r"^(?:lui|elle|eux|elles),\s*", "", text, flags=re.IGNORECASE)
    if _INVERTED.search(text):
        return with_subject(text, about, "fr")
    pronoun = re.compile(r"(?<!-)\b(?:(?P<led>qu|s|lorsqu|puisqu)['’])?(?:il|elle|ils|elles)\b", re.IGNORECASE)
    led = {"qu": "que ", "s": "si ", "lorsqu": "lorsque ", "puisqu": "puisque "}
    found = pronoun.sub(lambda match: led.get((match.group("led") or "").casefold(), "") + about, text, count=1)
    if found == text:
        found = _HIS.sub(lambda match: f"{_the(match)} {of(about)}", text, count=1)
    if found == text:
        found = re.sub(r"\bl['’]entreprise\b|\bla société\b|\ble groupe\b", about, text, count=1, flags=re.IGNORECASE)
    return asked(found, "fr") if found != text else put_beside(text, about, "fr")


def _japanese(text: str, about: str) -> str:
    for pronoun, instead in (
        (r"(?:その|この)(?:会社|企業)|同社|同行|同省|同氏|彼女?", about),
        (r"(?:その|この)(?=[一-鿿ァ-ヺA-Za-z])|(?:その|この)(?=うち|後)", f"{about}の"),
        (r"それ|これ|その", about),
    ):
        found = re.sub(pronoun, _escaped(instead), text, count=1)
        if found != text:
            return found
    return put_beside(text, about, "ja")


def _the(match: re.Match[str]) -> str:
    """French "son président" → "le président"."""
    noun = match.group("noun")
    if match.group("his").casefold() in ("ses", "leurs"):
        return f"les {noun}"
    if _VOWEL.match(noun):
        return f"l’{noun}"
    return f"{'la' if match.group('his').casefold() == 'sa' else 'le'} {noun}"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\")
