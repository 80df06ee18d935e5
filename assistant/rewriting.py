"""A follow-up and the exchange before it → a question that stands alone, where the pattern is clear. No model.

"And KDDI?" is the earlier question with its company replaced; "when did it open?" gets the subject of the earlier one;
"yes" takes up what the answer offered. What is not clear is None, and left to the model.
"""

import re

from assistant.asked import what_is_asked
from assistant.context import for_reader
from assistant.exchange import Exchange, concern, names_for, subject_of, told_in, topic_words
from assistant.follow_up import FollowUp, offered, pattern, read_follow_up
from assistant.mentions import Mention, distinct, find_mentions, same
from assistant.question_forms import added, asked, attribute, put_beside, put_for_pronoun, with_subject
from assistant.subject_phrase import subject, topic

_HE = {
    "fr": re.compile(r"(?!)"),
    "en": re.compile(r"\b(?:he|she|him|his|her)\b", re.I),
    "ja": re.compile(r"彼|同氏"),
}
_IT = re.compile(r"\b(?:it|its)\b|\b(?:il|elle)\b|それ|その|これ", re.IGNORECASE)
_THING = re.compile(r"それ|これ|そのうち|その中")  # the thing spoken of, rather than the company that has it
_IT_FIRST = re.compile(r"^(?:それ|これ)(?:は|って|が)?")
_ARTICLE = re.compile(r"(?:the|an?|le|la|les|un|une) |l['’]", re.IGNORECASE)
_ORDINAL = re.compile(
    r"(?:the |le |la |les |l['’])?(?:same|m[êe]me|other|others|autres?|first|second|third|last|premi\w+|deuxi\w+"
    r"|troisi\w+|derni\w+|one)(?: (?:one|ones|chose|thing))?$",
    re.IGNORECASE,
)
_YEAR = re.compile(r"(?<!\d)(?:1\d|20)\d\d(?!\d)")
_YEARS_AWAY = {  # years to add for "and the year before?"
    -1: re.compile(
        r"(?:pour |en )?l['’](?:année|exercice) (?:d['’]avant|précédente?)|(?:in |for )?the (?:previous|preceding) year"
        r"|(?:in |for )?the year before(?: that)?|(?:その)?前の?年度?|その前",
        re.IGNORECASE,
    ),
    1: re.compile(
        r"(?:pour |en )?l['’](?:année|exercice) (?:d['’]après|suivante?)|(?:in |for )?the (?:following|next) year"
        r"|(?:in |for )?the year after(?: that)?|(?:その)?翌年度?|(?:その)?次の年度?",
        re.IGNORECASE,
    ),
}
_EXCHANGEABLE = ("company", "body", "name", "person", "term", "law")
_ASK_AGAIN = {
    "money": {
        "fr": "Quel est le montant pour {thing}",
        "en": "How much is it for {thing}",
        "ja": "{thing}はいくらですか",
    },
    "figure": {"fr": "Combien pour {thing}", "en": "How many for {thing}", "ja": "{thing}はいくつですか"},
    "date": {"fr": "À quelle date pour {thing}", "en": "When was it for {thing}", "ja": "{thing}はいつですか"},
}


def rewrite(follow_up: FollowUp, language: str, before: Exchange) -> str | None:
    """The stand-alone form of a follow-up, or None where that is not clear.

    Args:
        follow_up: what the question is, from `read_follow_up`; not "complete".
        language: of the question; the stand-alone form is in it, too.
        before: the exchange that it follows.
    """
    match follow_up.kind:
        case "complete":
            return follow_up.rest
        case "agreement":
            return _agreed(follow_up.rest, language, before)
        case "correction" | "ellipsis":
            return _replaced(follow_up.rest, language, before)
        case "attribute":
            about = subject_of(language, before)
            return attribute(follow_up.rest, about, language) if about else None
        case "pronoun":
            return _without_pronoun(follow_up.rest, language, before)
        case "no subject" if pattern("event", language).search(follow_up.rest):
            return beside(follow_up.rest, language, before) if language == "fr" else _told_of(follow_up.rest, before)
        case "no subject":
            about = subject_of(language, before, whole=True)
            return with_subject(follow_up.rest, about, language) if about else None
        case "bare" if language == "ja":
            return _told_of(follow_up.rest, before)
    return None


def beside(text: str, language: str, before: Exchange) -> str:
    """The follow-up with what the exchange before was about put beside it: always possible."""
    about = topic(before.question, language) if before.language == language else names_for(language, before)
    return put_beside(text, about, language) if about else text


def _told_of(rest: str, before: Exchange) -> str | None:
    """A Japanese question without a subject, about all that the one before was about: 「いつですか」."""
    about = topic(before.question, "ja") if before.language == "ja" else ""
    ends_in_noun = re.search(r"[一-鿿ァ-ヺーA-Za-z]$", about) is not None
    link = "について、" if re.match(r"もっと|詳しく|具体|例えば", rest) else "は"
    return f"{about}{link}{_IT_FIRST.sub('', rest)}" if about and ends_in_noun else None


def _agreed(rest: str, language: str, before: Exchange) -> str | None:
    """What the answer offered, and what the person added to the yes."""
    extra = read_follow_up(rest, language) if rest else None
    if extra is not None and extra.kind == "complete" and find_mentions(rest, language):
        return rest
    offer = offered(before.answer, language)
    if not offer:
        if before.language != language:
            return None
        if extra is None:
            return before.question
        return None if extra.kind == "agreement" else rewrite(extra, language, before)
    about = subject_of(language, before, whole=True)
    named = _one_named(offer, language)
    if language == "ja":
        stated = offer if offer.endswith(("か", "は")) else f"{offer}は？"
        return f"{about}について、{stated}" if about and not named else stated
    named_offer = _without_pronoun(offer, language, before) if _leans(offer, language) else offer
    stated = re.sub(r"[\s?.]+$", "", named_offer or offer)
    if about and not named and about.casefold() not in stated.casefold():
        stated = f"{stated} ({about})"
    return asked(f"{stated}, {'et' if language == 'fr' else 'and'} {rest}" if rest else stated, language)


def _replaced(thing: str, language: str, before: Exchange) -> str | None:
    """The earlier question about another thing, year or currency."""
    if year := _neighbouring_year(thing, language, before):
        return year
    new = find_mentions(thing, language)
    if before.language != language:
        return _asked_again(thing, language, before)
    old = find_mentions(before.question, language)
    question = before.question
    led = _ARTICLE.match(thing) is not None and re.search(r" (?:for|pour) ", thing) is None
    if _ORDINAL.match(thing) or (not new and not led and language != "ja"):
        return None
    if not new or led:
        about = subject(question, language)
        clear = about and question.count(about) == 1 and not re.search(r" (?:of|de|du|des) ", "" if new else thing)
        if clear and not _has_pronoun(thing, language):
            if language == "ja" and re.fullmatch(r"[一-鿿]{1,6}(?<![市町村県社省庁])", thing):
                return f"{about}の{thing}は？"  # a common noun: more likely a property than another subject
            return question.replace(about, _fitting(thing, question.index(about), question))
        if not new:
            return None
    if len(new) > 1 and len({mention.kind for mention in new}) == 1:
        if not (place := _places(new[0], old)):
            return None
        return _put_in(question, [place[0]], thing)
    more = []
    for mention in new:
        current = find_mentions(question, language)
        places = _places(mention, current)
        if places and any(same(mention, place) for place in places):
            continue
        if places:
            whole = thing if len(new) == 1 and led else mention.text
            question = _put_in(question, places, _fitting(whole, places[0].start, question))
        elif mention.kind == "product":
            question = put_beside(question, mention.text, language)
        elif mention.kind in ("date", "place", "currency"):
            more.append(thing if len(new) == 1 else mention.text)
        else:
            return None
    for text in dict.fromkeys(more):
        question = added(question, text, language)
    return question


def _neighbouring_year(thing: str, language: str, before: Exchange) -> str:
    """The earlier question about the year before or after the one it names, or ""."""
    step = next((step for step, said in _YEARS_AWAY.items() if said.fullmatch(thing.strip(" ?？、"))), 0)
    years = _YEAR.findall(before.question)
    if not step or before.language != language or len(set(years)) != 1:
        return ""
    return before.question.replace(years[0], str(int(years[0]) + step))


def _places(new: Mention, old: list[Mention]) -> list[Mention]:
    """The mentions that a new one stands in place of: of its kind, else the only one of an exchangeable kind."""
    alike = [mention for mention in old if mention.kind == new.kind]
    if len(distinct(alike)) == 1 or (alike and new.kind == "date"):
        return alike if new.kind != "date" else alike[-1:]
    if alike or new.kind not in _EXCHANGEABLE:
        return []
    for kinds in (("company", "person", "name", "term", "law"), ("body",)):
        others = [mention for mention in old if mention.kind in kinds]
        if others:
            return others if len(distinct(others)) == 1 else []
    return []


def _put_in(question: str, places: list[Mention], text: str) -> str:
    for place in sorted(places, key=lambda mention: -mention.start):
        question = question[: place.start] + text + question[place.end :]
    return question


def _fitting(text: str, at: int, question: str) -> str:
    """The new thing without the article that the old one keeps: "the Corvanne dam", "and the Orrin lighthouse?"."""
    led = re.search(r"(?:\b(?:the|le|la|les) |\bl['’])$", question[:at], re.IGNORECASE)
    return re.sub(r"^(?:the |le |la |les |l['’])", "", text, flags=re.IGNORECASE) if led else text


def _without_pronoun(text: str, language: str, before: Exchange) -> str | None:
    """The question with its pronoun replaced by what it stands for, or with that beside it."""
    person = _HE[language].search(text) is not None
    about = subject_of(language, before, person=person, whole=_THING.search(text) is not None)
    if not about:
        return None
    whole = topic(before.question, language) if before.language == language else concern(about, language, before)
    comma = "、" if language == "ja" else ", "
    told = [name for name in told_in(language, before) if _IT.search(text) and not person]
    if pattern("vague", language).search(text):
        return None if language == "ja" else put_beside(text, whole, language)
    if pattern("event", language).search(text) and _IT.search(text):
        if language == "ja":
            return with_subject(_IT_FIRST.sub("", text), whole, "ja")
        return put_beside(text, comma.join([whole, *told]), language)
    done = put_for_pronoun(text, about, language)
    told = [name for name in told if name not in done]
    if not person and before.language == language and not find_mentions(about, language):  # "the construction": whose?
        kinds = ("company", "name", "place", "product")
        told += [
            one.text for one in find_mentions(before.question, language) if one.kind in kinds and one.text not in done
        ]
    return put_beside(done, comma.join(told), language) if told else done


def _one_named(text: str, language: str) -> bool:
    """Whether a text names what it is about: a company, or a name that stands in no table."""
    return any(mention.kind in ("company", "name", "person", "law") for mention in find_mentions(text, language))


def _asked_again(thing: str, language: str, before: Exchange) -> str | None:
    """What the earlier question asks, of another thing and in another language; its own words are left behind."""
    wanted = what_is_asked(before.question, before.language)
    kind = "money" if wanted.unit in ("money", "JPY", "USD", "EUR") else wanted.kind
    if kind not in _ASK_AGAIN:
        return None
    question = asked(_ASK_AGAIN[kind][language].format(thing=thing), language)
    new = find_mentions(thing, language)
    kept = [
        for_reader(mention.text, before.language, language)
        for mention in find_mentions(before.question, before.language)
        if not any(_exchanges(mention, other) for other in new)
    ]
    words = topic_words(before.question, before.language, language)
    return put_beside(question, ("、" if language == "ja" else ", ").join(dict.fromkeys([*words, *kept])), language)


def _exchanges(old: Mention, new: Mention) -> bool:
    return old.kind == new.kind or (old.kind in ("company", "name") and new.kind in ("company", "name"))


def _has_pronoun(text: str, language: str) -> bool:
    return pattern("pronoun", language).search(text) is not None


def _leans(text: str, language: str) -> bool:
    return read_follow_up(text, language).kind in ("pronoun", "no subject") or (
        re.search(r"\b(?:the company|l['’]entreprise|la société)\b", text) is not None
    )
