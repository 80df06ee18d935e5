"""Whether a question that the model rewrote can be used: a small model answers instead, or brings in other names."""

from assistant.asked import what_is_asked
from assistant.exchange import Exchange
from assistant.figures import find_figures
from assistant.follow_up import pattern, read_follow_up
from assistant.instructions import find_instruction
from assistant.names import missing_names
from assistant.words import content_words
from index.language import detect_language

_LONGEST = 300
_LEAST_KEPT = 0.5  # share of the follow-up's own words


def fault(rewritten: str, question: str, language: str, before: Exchange) -> str:
    """Why a rewrite cannot be used, or "".

    Args:
        rewritten: what the model wrote.
        question: the follow-up.
        language: of the follow-up.
        before: the exchange that the model was shown.
    """
    sources = [question, before.question, before.answer]
    if not rewritten or len(rewritten) > _LONGEST:
        return "empty or too long"
    if detect_language(rewritten) not in (language, "und"):
        return "in another language"
    if missing := missing_names(rewritten, sources):
        return f"brings in {', '.join(missing)}"
    given = {
        figure.key
        for text in sources
        for spoken in (language, before.language)
        for figure in find_figures(text, spoken)
    }
    if any(figure.key not in given for figure in find_figures(rewritten, language)):
        return "brings in a figure"
    if find_instruction(rewritten):
        return "gives an instruction"
    asking = pattern("asking", language)
    asked, asks = (set(asking.findall(text.casefold())) for text in (question, rewritten))
    if asked and not asked & asks:
        return "asks something else, or nothing"
    wanted = what_is_asked(question, language)
    if wanted.kind and what_is_asked(rewritten, language).kind != wanted.kind:
        return "asks something else"
    own = content_words(question, language)
    if own and len(own & content_words(rewritten, language)) / len(own) < _LEAST_KEPT:
        return "leaves the question out"
    if rewritten.casefold() in (before.question.casefold(), question.casefold()):
        return "adds nothing"
    if read_follow_up(rewritten, language).kind != "complete":
        return "does not stand alone"
    return ""
