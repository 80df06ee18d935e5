"""The exchange before a follow-up, and what it was about: what "it" may stand for."""

import re
from dataclasses import dataclass

from assistant.context import for_reader
from assistant.follow_up import topics
from assistant.mentions import distinct, find_mentions, same
from assistant.question_forms import of
from assistant.subject_phrase import noun_phrase, subject

_MOST_BESIDE = 2
_ASKS_FOR_COMPANY = {
    "fr": re.compile(
        r"^quell?e?s? (?:entreprise|société|groupe|organisme|fournisseur|constructeur|fabricant)s?\b", re.IGNORECASE
    ),
    "en": re.compile(
        r"^(?:which|what) (?:company|firm|group|agency|provider|vendor|maker|body)(?:ies|s)?\b", re.IGNORECASE
    ),
    "ja": re.compile(r"どの(?:会社|企業|社|団体|機関|メーカー)|(?:会社|企業|社|メーカー)(?:は|って)どこ"),
}
_SUPERLATIVE = {
    "fr": re.compile(
        r"\b(?:le|la|les) (?:plus|moins|premi[eè]re?s?|derni[eè]re?s?|seule?s?|meilleure?s?)\b", re.IGNORECASE
    ),
    "en": re.compile(r"\bthe (?:\w{3,}est|most|first|last|only)\b", re.IGNORECASE),
    "ja": re.compile(r"最[一-鿿]|一番|初の|初めて|唯一"),
}
_LONGEST_CLAUSE_WORDS = 12
_LONGEST_CLAUSE = 40  # characters, in Japanese
_SUBJECTS = ("company", "person", "name", "body", "law", "term")


@dataclass(frozen=True, slots=True)
class Exchange:
    """The question before, in its stand-alone form, its language, and the answer that it got."""

    question: str
    language: str
    answer: str = ""


def subject_of(language: str, before: Exchange, *, person: bool = False, whole: bool = False) -> str:
    """What the exchange before was about, as written in a language, or "".

    Args:
        language: of the follow-up.
        before: the exchange.
        person: a person is wanted.
        whole: the whole phrase ("KDDI's centre in Sakai") rather than the company in it.
    """
    if person or (not whole and _ASKS_FOR_COMPANY[before.language].search(before.question)):
        names = [m for m in find_mentions(before.answer, before.language) if m.kind in ("person", "company", "name")]
        if person:
            names = [m for m in names if m.kind in ("person", "name")]
        asked = find_mentions(before.question, before.language)
        names = [name for name in names if not any(same(name, other) for other in asked)]
        if len(distinct(names)) == 1:
            return for_reader(names[0].text, before.language, language)
    about = noun_phrase(before.question, before.language) if whole and before.language == language else ""
    about = about or subject(before.question, before.language, person=person)
    if before.language == language:
        return about
    names = [mention for mention in find_mentions(about, before.language) if mention.kind in _SUBJECTS]
    return for_reader(names[0].text, before.language, language) if len(names) == 1 else ""


def told_in(language: str, before: Exchange) -> list[str]:
    """What the answer brought in and the question did not have: perhaps what "it" is.

    Names and places; where the question asked for the largest or the first of something, what the answer says it is.
    """
    if before.language != language:
        return []
    first = re.split(r"(?<=[.!?。])\s*", before.answer, maxsplit=1)[0]
    if _SUPERLATIVE[language].search(before.question):
        clause = re.split(r"[,、;:]\s|、|[.。]$", first, maxsplit=1)[0].strip()
        short = len(clause) <= _LONGEST_CLAUSE if language == "ja" else len(clause.split()) <= _LONGEST_CLAUSE_WORDS
        clause = re.sub(r"^(?:An?|The|Une?|Le|La|Les)\b", lambda article: article.group().lower(), clause)
        return [clause] if clause and short else []
    asked = find_mentions(before.question, language)
    names = [mention for mention in find_mentions(first, language) if mention.kind in ("name", "place", "term")]
    return [name.text for name in names if not any(same(name, other) for other in asked)][:_MOST_BESIDE]


def concern(about: str, language: str, before: Exchange) -> str:
    """The subject and what was asked of it, in another language: "SoftBank" → "SoftBank investment"."""
    words = topic_words(before.question, before.language, language)
    if not words:
        return about
    return {"fr": f"{words[0]} {of(about)}", "en": f"{about} {words[0]}", "ja": f"{about}の{words[0]}"}[language]


def names_for(language: str, before: Exchange) -> str:
    """What was asked of, and the names and dates in the question, as another language writes them."""
    mentions = find_mentions(before.question, before.language)
    written = [for_reader(mention.text, before.language, language) for mention in mentions]
    words = topic_words(before.question, before.language, language)
    return ("、" if language == "ja" else ", ").join(dict.fromkeys([*words, *written]))


def topic_words(question: str, written_in: str, language: str) -> list[str]:
    """What a question is concerned with (a subsidy, an investment ...), in the words of another language."""
    return [say[language] for say in topics() if re.search(say[f"in_{written_in}"], question, re.IGNORECASE)][:2]
