"""What a question is about, as a phrase that a pronoun can be replaced by or that can stand beside a follow-up.

`subject`: "How tall is the Corvanne dam?" → "the Corvanne dam"; a company or a person where one is named.
`topic`: the question without its asking words: "six providers certified by METI". Patterns, no parser.
"""

import re

from assistant.follow_up import is_relational, pattern
from assistant.mentions import Mention, distinct, find_mentions

_LONGEST_WORDS = 12
_LONGEST_CHARACTERS = 25  # in Japanese
_AUXILIARY = "is|are|was|were|do|does|did|has|have|had|will|would|can|could|should|may|must"


def _words(listed: str) -> frozenset[str]:
    return frozenset(listed.split())


_VERB_FORMS = _words(
    """expect cost invest open use make build grant give receive get plan announce certify employ hold have pay spend
    start begin end launch choose select support want need cover own run sell buy produce consume emit weigh reach sign
    pass adopt publish release say promise award fund finance offer provide create develop work live serve carry connect
    take look mean come go stand lie close fall rise grow know known become serve train contain include join lead built
    made given paid held taken founded chosen set put done said sold bought begun run won spent born written named
    located based expected due supposed going able long tall big high large old far much many wide heavy
    once itself also ever been"""
)
_ENGLISH_NP = re.compile(
    rf"^(?:(?:who|what|which|when|where|why|how|since when)\b.*?\s)?(?P<aux>{_AUXILIARY})\s+(?P<np>.+)$", re.IGNORECASE
)
_FRENCH_IS = re.compile(
    r"^(?:qu(?:e|i|oi)\s+(?:est|sont|était|étaient)|quel(?:le)?s?\s+(?:est|sont|était|étaient|fut|sera)"
    r"|qu['’]est[- ]ce que?|où (?:est|sont|se trouve(?:nt)?)|parle[- ]moi (?:de|du)|c['’]est quoi)\s*(?P<np>.+)$",
    re.IGNORECASE,
)
_FRENCH_INVERTED = re.compile(
    r"^(?:combien|quand|où|pourquoi|comment|depuis quand|à quelle date|en quelle année|de quoi)\s+"
    r"(?P<np>(?:(?:le|la|les|un|une|ce|cette)\s|l['’]|(?-i:[A-ZÀ-Þ])).*?)\s+(?:[nsl]['’]|se |ne )?\w+"
    r"-(?:t-)?(?:il|elle|ils|elles)\b",
    re.IGNORECASE,
)
_JAPANESE_TOPIC = re.compile(
    r"^(?P<np>[^、。？?]{1,40}?)(?:について|に関して|とは|って|には|では|は(?!じ)|(?:の(?:こと|概要))?を(?:すべて|全て|簡単に)?(?:教え|説明|挙げ|知り))"
)
_JAPANESE_ASKING = re.compile(r"何|いつ|どこ|どの|どれ|どんな|誰|だれ|いくら|なぜ")
_ASKED_SUBJECT = re.compile(
    r"(?:which|what|how many|whose) [\w-]+(?: [\w-]+)? (?:was|were|is|are|has been|have been) \w+(?:ed|en)\b",
    re.IGNORECASE,
)
_SMALL = frozenset(("of", "in", "on", "at", "by", "to", "for", "and", "or", "with", "from", "as", "is", "was", "are"))
_DETERMINERS = ("the", "a", "an", "its", "their", "this", "that")
_TAIL = re.compile(r"\s+(?:in|on|since|by|until|during|en|depuis|le|au|dans|before|after)\s+[^ ]*(?:\s?\d[\w]*)+$")
_ASKING_FRAME = {
    "fr": re.compile(
        r"^(?:combien (?:de |d['’])?|quel(?:le)?s? (?:est |sont |était |étaient |fut )?"
        r"|qu(?:i|e|oi) (?:est |sont |a |ont )?|qu['’]est[- ]ce (?:que |qu['’])"
        r"|quand |où |pourquoi |comment |est[- ]ce (?:que |qu['’])|à quelle date )+",
        re.IGNORECASE,
    ),
    "en": re.compile(
        r"^(?:(?:how (?:much|many|long|tall|big|far|old)|what|who|whom|which|when|where|why|how)\b\s*"
        rf"|(?:{_AUXILIARY})\b\s*)+",
        re.IGNORECASE,
    ),
    "ja": re.compile(r"^(?:いつ|なぜ|どうして|誰が|どこで)[、,]?"),
}
_JAPANESE_ENDING = re.compile(
    r"(?:は|が|を|って)?(?:いつ|いくら|どこ|誰|何[一-鿿]?|なぜ|どう|どの|どんな)[^、]*$|(?:を|について)?(?:教えて(?:ください)?|説明して(?:ください)?)[。]?$"
)


def subject(question: str, language: str, *, person: bool = False) -> str:
    """The one thing that a stand-alone question is about, or "" where that is not clear.

    Args:
        question: understandable alone.
        language: of the question.
        person: whether a person is wanted ("he"); then only a person is given.
    """
    mentions = find_mentions(question, language)
    wanted = _one([mention for mention in mentions if mention.kind == ("person" if person else "company")])
    if wanted or person:
        return wanted
    if any(mention.kind == "company" for mention in mentions):
        return ""
    phrase = noun_phrase(question, language)
    if not phrase and language == "en" and _ASKED_SUBJECT.match(question):
        return ""  # the subject is what is asked
    others = ("name", "body", "person", "law", "term")
    name = phrase or _one([mention for mention in mentions if mention.kind in others])
    return name if phrase or not name else _with_its_noun(name, question)


def _with_its_noun(name: str, question: str) -> str:
    """The name with the noun it belongs to: "the Corvanne dam" for Corvanne in "who runs the Corvanne dam?"."""
    found = re.search(rf"\bthe {re.escape(name)}((?: [a-z]+){{1,2}})", question)
    words = []
    for word in found.group(1).split() if found else []:
        if word in _VERB_FORMS or word in _SMALL or re.search(r"(?:ed|ing)$", word):
            break
        words.append(word)
    return f"the {name} {' '.join(words)}" if words else name


def noun_phrase(question: str, language: str) -> str:
    """The grammatical subject of a question, or ""."""
    text = re.sub(r"[\s?？。.!]+$", "", question)
    if language == "ja":
        return _japanese_topic(text)
    if language == "fr":
        match = _FRENCH_INVERTED.match(text) or _FRENCH_IS.match(text)
        phrase = _TAIL.sub("", match.group("np").strip()) if match else ""
        return phrase if _is_phrase(phrase, "fr") else ""
    return _english_subject(text)


def _english_subject(text: str) -> str:
    if _ASKED_SUBJECT.match(text):
        return ""
    match = _ENGLISH_NP.match(text.partition("?")[0])
    if match is None:
        return ""
    words: list[str] = []
    ended = False
    for word in _TAIL.sub("", match.group("np")).split():
        verb = word.casefold() in _VERB_FORMS or re.fullmatch(r"[a-z]+(?:ed|ing)", word) is not None
        ended = bool(words) and verb and words[-1].casefold() not in _DETERMINERS
        if ended:
            break
        words.append(word)
    if not ended and match.group("aux").casefold() not in ("is", "are", "was", "were", "has", "have", "had"):
        before = next((at for at, word in enumerate(words) if at and word in _SMALL and word != "of"), len(words))
        words = words[:before]
        if words and not re.match(r"[A-Z0-9]", words[-1]):  # the verb
            words.pop()
    phrase = " ".join(words)
    if owner := re.fullmatch(r"(.*[A-Z].*)[’']s? [a-z]+(?: [a-z]+)?", phrase):
        phrase = owner.group(1)
    named = re.match(r"[A-Z0-9]", phrase) is not None or (words and words[0].casefold() in _DETERMINERS)
    return phrase if named and _is_phrase(phrase, "en") else ""


def topic(question: str, language: str) -> str:
    """A stand-alone question without its asking words: what it is about, for putting beside a follow-up."""
    text = re.sub(r"[\s?？。.!]+$", "", question)
    text = _ASKING_FRAME[language].sub("", text)
    if language == "ja":
        text = _JAPANESE_ENDING.sub("", text)
        return text[: 2 * _LONGEST_CHARACTERS]
    text = re.sub(r"-(?:t-)?(?:il|elle|ils|elles|on)\b", "", text) if language == "fr" else text
    if language == "en":
        text = re.sub(r"\b(?:is|are|was|were|did|does|do|will)\s+(?=\w+)", "", text)
    return " ".join(text.split()[: 2 * _LONGEST_WORDS])


def _japanese_topic(text: str) -> str:
    match = _JAPANESE_TOPIC.match(text)
    phrase = match.group("np").strip() if match else ""
    if phrase.endswith("の") or phrase.count("「") != phrase.count("」"):
        return ""
    if not phrase or _JAPANESE_ASKING.search(phrase) or pattern("pronoun", "ja").search(phrase):
        return ""
    while "の" in phrase and is_relational(phrase.rpartition("の")[2], "ja"):
        phrase = phrase.rpartition("の")[0].rstrip("へでにとから")
    return "" if is_relational(phrase, "ja") or len(phrase) > _LONGEST_CHARACTERS else phrase


def _is_phrase(phrase: str, language: str) -> bool:
    """Whether a phrase can stand for a thing: of some words, with a noun, and no pronoun of its own."""
    words = phrase.split()
    if not words or len(words) > _LONGEST_WORDS or pattern("pronoun", language).search(phrase):
        return False
    if language == "en" and words[0].casefold() in ("it", "there", "you", "we", "i", "any", "not"):
        return False
    return not is_relational(phrase, language) and any(len(word) > 2 and word[:1].isalnum() for word in words)


def _one(mentions: list[Mention]) -> str:
    names = distinct(mentions)
    return names[0].text if len(names) == 1 else ""
