"""What a text denies and what it affirms, and whether a claim affirms what its quote denies, or the reverse.

Rules for French, English and Japanese, no parser. A clause ends at punctuation or before a word that turns the sentence
("but", "mais", "ではなく"); a piece too short to say anything goes with the next one ("The grant, however, was not
paid"). A clause is negated when a negating word stands in it that really negates: "not only", "no more than",
"ne … que" and 少なくとも do not. Words that deny in another way ("refused", "sans", 未公表) are weaker: they may mean
either, so they are never held against a claim that denies, nor against one that uses such a word itself.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

from assistant.figures import find_figures
from assistant.names import groups_in
from assistant.words import content_spans, content_words

_NEGATED = " … "  # stands for a negated clause, so that what it kept apart does not come together
_LEAST_SHARED = 0.6  # share of a clause's words in another that is about the same
_LEAST_WORDS = 3  # a shorter piece of a longer claim is an item of a list
_CLOSE = 0.25  # clauses whose shares differ by less are both about it
_ENDS = r"(?<!\bno)\.(?=\s|$) | [!?。！？…;；:：\n()（）「」–—|] | (?<!\d),(?!\d) | ,\s"
# Blanks in the patterns are for reading; those that count are written \s.
_TURNS = {
    "en": r"""(?=\b(?:but|although|though|whereas|while|(?<!,\s)however|rather\sthan|instead\sof
        |and\s(?:not|never))\b)""",
    "fr": r"""(?=\b(?:mais|alors\sque|tandis\sque|bien\sque|(?<!,\s)toutefois|plutôt\sque|au\slieu\sd
        |et\s(?:non|pas))\b)""",
    "ja": r"""(?:では|じゃ|で)なく(?!な) | (?=しかし|ただし|一方) | (?<=[がり])、 | (?<=ず)、""",
}
_BOUNDARIES = {
    "en": rf"{_ENDS} | {_TURNS['en']}",
    "fr": rf"{_ENDS} | {_TURNS['fr']}",
    "ja": rf"{_ENDS} | (?<![はもを])、 | {_TURNS['ja']}",
}
_JOINTS = {"en": r"\s(?=and\s)", "fr": r"\s(?=et\s)", "ja": r"(?<=[がしり])、 | (?<=て)、 | (?<=て)(?=[一-鿿])"}
_NEGATION = {
    "en": r"\b(?:not|no|never|neither|nor|none|nobody|nothing|cannot|rather\sthan|instead\sof)\b | n['’]t\b",
    "fr": r"""\b(?:ne\b|n['’]).*?\b(?:pas|jamais|guère|nullement|rien|personne|plus(?!\s(?:que|d)))\b
        | (?:^|\bet|\bmais)\s*(?:non|pas)\b | \b(?:ni|non\spas|aucune?|plutôt\sque|au\slieu\sd)\b
        | \b(?:rien|personne|nul)\s(?:ne\b|n['’])""",
    "ja": r"な(?:い|かっ|く|き) | ませ[んぬ] | 無[いく] | (?:[な無]しで?|[せれえけきわらか]ず)(?=に|、|。|$)",
}
_NO_NEGATION = {
    "en": r"""\bno\.\s?\d | \bnot\s(?:only|least|before|just|merely|simply)
        | \b(?:no|not)\s(?:more|less|fewer|later|earlier)\sthan
        | (?:\bnot|n['’]t)\s(?=(?:\w+\s)*(?:until|exceed|exceeding)\b) | \bno\sdoubt | \bor\snot\b | \bnothing\sbut
        | \bno\s(?:other|less)\b""",
    "fr": r"""\b(?:non|pas)\sseulement | \bpas\s(?:plus|moins|avant|au-delà)\b | \baucun\sdoute
        | \b(?:ne\s|n['’])(?:\w+\s){0,2}?(?:dépass|excèd|excéd)\w*\s(?:pas|jamais) | \bn['’](?:est|était)\sautre""",
    "ja": r"""(?:だけ|のみ|ばかり|に限ら)(?:では?|じゃ)?な[くい] | のみならず | 少な[くい] | すくなくとも | に限らず
        | を(?:超え|上回ら|下回ら)ない | かもしれ(?:ない|ません) | に?(?:違い|ちがい)な[くい]
        | に(?:過ぎ|すぎ)(?:ない|ません) | しかな[くい] | [ま間]もなく | な(?:ければ|くては)(?:なら|いけ)(?:ない|ません)
        | ないし(?=[\d約]) | (?:関係|問題|例外|絶え間|限り|間違い)なく | [危切]ない""",
}
_WEAKLY = {
    "en": r"""\b(?:without|lack\w*|refus\w+|declin\w+|den(?:y|ied|ies)|fail\w*|reject\w*|cancel\w*|abandon\w*|withdr\w+
        |un(?:known|disclosed|published|available|able|clear|likely|confirmed|certain)|hardly|barely|except\w*|exclud\w+
        |yet\sto|impossible|few|little|far\sfrom|stop\w*|ban\w*|only|absen\w+)\b""",
    "fr": r"""\b(?:sans|manqu\w*|refus\w+|renonc\w+|rejet\w*|annul\w+|abandonn\w+|échou\w+|inconnu\w*|impossible\w*
        |peine|sauf|hors|exclu\w*|dépourvu\w*|absen\w+|indisponible\w*|peu|cess\w+|interdi\w+|improbable\w*|seul\w*|que)\b""",
    "ja": r"拒|断念|中止|撤回|見送|否定|[未非不無][一-鿿]|欠|除[きい]|以外|禁|困難|まだ|のみ|だけ|しか",
}
_CONDITION = {  # says when, not what
    "en": r"^\s*(?:if|when|whenever|where)\b",
    "fr": r"^\s*(?:si\b|s['’]il|lorsqu|quand\b)",
    "ja": r"(?:れば|たら|なら|場合(?:に)?は?|際に?は?)、?$",
}
_LIKE = "en"  # how a text in none of these languages is read


@dataclass(frozen=True, slots=True)
class Clause:
    """A part of a text that affirms or denies something; `weakly` where it uses a word such as "refused" or "sans"."""

    text: str
    negated: bool
    weakly: bool


def is_negated(text: str, language: str) -> bool:
    """Whether a word of a language negates something in a text; turns of phrase that negate nothing do not count."""
    return bool(_pattern(_NEGATION, language).search(_pattern(_NO_NEGATION, language).sub(" ", text.strip())))


def affirmed(text: str, language: str) -> str:
    """The clauses of a text that are not negated, in order; the very same text where none is.

    Args:
        text: any text.
        language: of the text: "fr", "en" or "ja".
    """
    clauses = _cut(text, _BOUNDARIES, language)
    if not any(is_negated(clause, language) for clause in clauses):
        return text
    return "".join(_NEGATED if is_negated(clause, language) else clause for clause in clauses)


def clauses_of(text: str, language: str) -> list[Clause]:
    """The clauses of a text; a piece of one word or none goes with the next piece, unless the sentence turns there."""
    found: list[Clause] = []
    for part in _cut(text, _TURNS, language):
        pending = ""
        for piece in _cut(part, _BOUNDARIES, language):
            pending += piece
            if len(content_spans(pending, language)) > 1:
                found += [_clause(one, language) for one in _uncoordinated(pending, language)]
                pending = ""
        if pending.strip():
            found.append(_clause(pending, language))
    return found


def _uncoordinated(text: str, language: str) -> list[str]:
    """A negated piece cut at "and" where both sides say something: what is denied on one side is not on the other."""
    if not is_negated(text, language):
        return [text]
    for match in _pattern(_JOINTS, language).finditer(text):
        sides = [text[: match.start()], text[match.start() :]]
        enough = all(len(content_spans(side, language)) >= _LEAST_WORDS for side in sides)
        if enough and len({is_negated(side, language) for side in sides}) > 1:
            return sides
    return [text]


def contradiction(claim: str, language: str, quote: str, quote_language: str) -> str:
    """Why a claim and its quote contradict each other by a negation, or "".

    Within one language each clause of the claim is compared with the clause of the quote that shares most of its
    words. Between languages the figures and known names tell which clause is meant; where they tell nothing, only a
    claim that denies while its whole quote denies nothing, or the reverse, contradicts it.
    """
    given, claimed = clauses_of(quote, quote_language), clauses_of(claim, language)
    for clause in claimed:
        short = len(content_spans(clause.text, language)) < _LEAST_WORDS
        if len(claimed) > 1 and (short or _pattern(_CONDITION, language).search(clause.text)):
            continue
        meant = counterparts(clause, language, given, quote_language)
        if not meant or any(other.negated == clause.negated for other in meant):
            continue
        if clause.negated and not any(other.weakly for other in meant):
            return f"denies what its source affirms: {clause.text.strip()}"
        if not clause.negated and not clause.weakly:
            return f"affirms what its source denies: {clause.text.strip()}"
    return ""


def counterparts(clause: Clause, language: str, given: Sequence[Clause], quote_language: str) -> list[Clause]:
    """The clauses of a quote that are about the same as a clause of a claim; none where nothing tells."""
    if language == quote_language:
        return _about_the_same(clause, given, language)
    return _marked_the_same(clause, language, given, quote_language)


def _about_the_same(clause: Clause, given: Sequence[Clause], language: str) -> list[Clause]:
    """The clauses of the same language that share most of a clause's words: none where the best shares too few."""
    words = content_words(clause.text, language)
    if len(words) < 2:
        return []
    shares = [len(words & content_words(other.text, language)) / len(words) for other in given]
    best = max(shares, default=0.0)
    if best < _LEAST_SHARED:
        return []
    return [other for other, share in zip(given, shares, strict=True) if share > best - _CLOSE]


def _marked_the_same(clause: Clause, language: str, given: Sequence[Clause], quote_language: str) -> list[Clause]:
    """The clauses of another language with the most figures and names of a clause; all where none has any."""
    marks = _marks(clause.text, language)
    shared = [len(marks & _marks(other.text, quote_language)) for other in given]
    best = max(shared, default=0)
    return [other for other, count in zip(given, shared, strict=True) if count == best] if best else list(given)


def _marks(text: str, language: str) -> set[object]:
    return {figure.key for figure in find_figures(text, language)} | set(groups_in(text))


def _clause(text: str, language: str) -> Clause:
    return Clause(text, is_negated(text, language), bool(_pattern(_WEAKLY, language).search(text)))


def _cut(text: str, boundaries: dict[str, str], language: str) -> list[str]:
    ends = {match.end() for match in _pattern(boundaries, language).finditer(text)} | {len(text)}
    return [text[start:end] for start, end in pairwise([0, *sorted(ends - {0})])]


def _pattern(patterns: dict[str, str], language: str) -> re.Pattern[str]:
    return _compiled(patterns.get(language, patterns[_LIKE]))


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE | re.VERBOSE)
