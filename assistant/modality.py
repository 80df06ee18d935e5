"""Whether a claim says as done what its quote only plans. Rules for French, English and Japanese, no parser.

"The site opened in December 2024" is not borne out by "the opening was planned for December 2024". A claim is held
against its quote only where it says with a verb of a known list that something is over or running, has no word of
planning itself, and where each clause of the quote about the same has such a word and no verb of completion.
"""

import re
from functools import cache

from assistant.negation import clauses_of, counterparts

# Blanks in the patterns are for reading; those that count are written \s.
_DONE = {
    "en": r"""\b(?:opened|completed|built|finished|launched|started|began|begun|achieved|reached|installed|delivered
        |spent|invested|bought|purchased|received|paid|doubled|deployed|entered\s(?:service|operation)|is\srunning|are\srunning
        |is\sin\soperation|has\sbeen|have\sbeen)\b""",
    "fr": r"""\b(?:a|ont|est|sont|été|avait|était)\s(?:\w+\s)?(?:ouvert|achevé|construit|terminé|lancé|commencé|installé
        |livré|dépensé|investi|acheté|reçu|payé|versé|atteint|démarré|doublé|déployé|mis)(?:e|es|s)?\b
        |en\sservice\sdepuis""",
    "ja": r"""(?:開業|開所|完成|完了|稼働|開始|建設|導入|投資|購入|受領|達成|設置|納入|運用)(?:し|され)
        (?:た|ている|ています|ました)
        |始(?:ま|め)(?:った|た)|受け取った|買った|造った""",
}
_PLANNED = {
    "en": r"""\b(?:plan(?:s|ned|ning)?|will|would|shall|should|may|might|could|due|expect(?:s|ed)?|scheduled
        |intend(?:s|ed)?|aim(?:s|ed)?|target(?:s|ed)?|propos(?:al|ed)|fores(?:ees?|aw)|envisag\w+|goal|(?:is|are|was|were)\sto|until
        |if|hop(?:es?|ed)|promis\w+|not|no|never)\b | n['’]t\b""",
    "fr": r"""\b(?:prévo\w+|prévu\w*|prévision\w*|plan|plans|dev(?:rait|raient|ait|aient)|doi(?:t|vent)|pourr\w+
        |peu(?:t|vent)|envisag\w+|projet\w*|compt(?:e|ent|ait)|attendu\w*|vis(?:e|ent|ait)|objectif\w*|\w{3,}(?:era|eront|ira|iront)|sera
        |seront|serait|aura|auront|aurait|promis|promet\w*|ne|jamais)\b | \bn['’]""",
    "ja": r"""予定|計画|見込|見通|目指|方針|構想|検討|目標|めど|かもしれ|だろう|でしょう|ことになる|する考え|可能性|約束
        |な(?:い|かっ|く)|ません""",
}
_LIKE = "en"  # how a text in none of these languages is read


_ASKED_AS_DONE = {
    "en": r"""\b(?:did|has|have|was|were)\b.{2,100}\b(?:open(?:ed)?|start(?:ed)?|beg[iu]n|launch(?:ed)?|finish(?:ed)?
        |completed?|enter(?:ed)?|closed?|built|build|reach(?:ed)?|deliver(?:ed)?|install(?:ed)?|inaugurated?)\b""",
    "fr": r"""\b(?:a|ont|est|sont)(?:-t)?-(?:il|elle|ils|elles|on)\s(?:\w+\s)?(?:ouvert|achevé|construit|terminé|lancé
        |commencé|installé|livré|atteint|démarré|entré|inauguré)(?:e|es|s)?\b
        |\b(?:a|ont)\s(?:été\s)?(?:ouvert|lancé|commencé|inauguré|achevé|démarré)(?:e|es|s)?\b""",
    "ja": r"""(?:開業|開所|完成|完了|稼働|開始|発売|導入|達成|設置|納入|始動|オープン)(?:し|され)(?:た|ました)
        |始(?:ま|め)(?:った|りました|た)""",
}


_AT_FIRST = {  # of a value that a later one has replaced
    "en": r"\b(?:originally|initially|at\sfirst|first\splanned|earlier\s(?:estimate|plan|forecast))\b",
    "fr": r"\b(?:initialement|à\sl['’]origine|au\sdépart|d['’]abord\sprévu\w*|au\sdébut)\b(?!\sd[eu]\b|\sd['’])",
    "ja": r"当初|はじめは|最初の(?:計画|見込み|予定)",
}
_SINCE = {
    "en": r"\b(?:now|revised|raised|lowered|increased|reduced|postponed|delayed|actual(?:ly)?|instead|later)\b",
    "fr": r"\b(?:désormais|maintenant|révisé\w*|porté\w*|relevé\w*|abaissé\w*|ramené\w*|repoussé\w*|reporté\w*"
    r"|final\w*|actuel\w*)\b",
    "ja": r"改め|変更|見直|増額|減額|引き上げ|引き下げ|延期|現在は|実際|最終的|実績|ずれ込|修正",
}


def since_replaced(sentence: str, following: str, language: str) -> bool:
    """Whether a sentence gives what was planned "originally", and the one after it what holds now."""
    said = _finds(_AT_FIRST, language, sentence) and not _finds(_SINCE, language, sentence)
    return said and _finds(_SINCE, language, following)


def asks_for_the_first_plan(question: str, language: str) -> bool:
    """Whether a question wants what was planned before it changed."""
    return _finds(_AT_FIRST, language, question) or _finds(_PLANNED_BEFORE, language, question)


_PLANNED_BEFORE = {
    "en": r"\b(?:planned|expected|supposed|budgeted|announced|before|earlier|first|previous(?:ly)?)\b",
    "fr": r"\b(?:prévu\w*|attendu\w*|annoncé\w*|devai\w+|avant|premi\w+|précédent\w*)\b",
    "ja": r"予定|計画|見込み|予算|以前|前の|最初",
}


def asked_as_done(question: str, language: str) -> bool:
    """Whether a question takes for granted that something has happened: "when did it open?"."""
    return _finds(_ASKED_AS_DONE, language, question)


def only_planned(text: str, language: str) -> bool:
    """Whether a text speaks of plans, and of nothing that is over or running."""
    return _finds(_PLANNED, language, text) and not _finds(_DONE, language, text)


def said_as_done(claim: str, language: str, quote: str, quote_language: str) -> str:
    """The clause of a claim that says as done what the quote only plans, or "".

    Args:
        claim: one sentence.
        language: of the claim.
        quote: the quoted sentences.
        quote_language: of the quote.
    """
    given = clauses_of(quote, quote_language)
    if not _finds(_DONE, language, claim) or _finds(_PLANNED, language, claim):
        return ""
    for clause in clauses_of(claim, language):
        meant = counterparts(clause, language, given, quote_language)
        if not meant or not _finds(_DONE, language, clause.text):
            continue
        if all(only_planned(other.text, quote_language) for other in meant):
            return clause.text.strip()
    return ""


def _finds(patterns: dict[str, str], language: str, text: str) -> bool:
    return _compiled(patterns.get(language, patterns[_LIKE])).search(text) is not None


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE | re.VERBOSE)
