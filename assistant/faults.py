"""What is wrong with a claim whose figures and names all stand in its source: the checks that look at the sentence.

A claim may deny what its quote says, give a right figure to the wrong owner, say as done what is only planned, or say
something more. Each check errs on the side of keeping a claim that it does not understand.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from assistant.figure_subject import subject_conflict
from assistant.modality import said_as_done
from assistant.negation import contradiction
from assistant.support import LEAST_SUPPORT, WordMatcher

OWN_WORDS = "not in the source: "  # how the mildest fault begins: a word that the source does not bear out
_LEAST_OF_OTHERS = min(LEAST_SUPPORT.values())


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a claim cites, in one language: the quoted sentences, and the passages around them with their headings."""

    quotes: tuple[str, ...]
    around: tuple[str, ...]
    language: str


def find_fault(claim: str, language: str, evidence: Sequence[Evidence], matcher: WordMatcher, said_of: str = "") -> str:
    """The reason why a claim is not supported, in words for the record, or "".

    Of evidence in several languages one that has no fault is enough. Words are matched within a language only: between
    languages even true claims have words without a near one.

    Args:
        claim: one sentence.
        language: of the claim.
        evidence: what it cites, one entry a language.
        matcher: holds the embedder.
        said_of: the claim with the question before it, where it is a bare figure: whose and when is in the question.
    """
    faults = [_fault(claim, language, one, matcher, said_of or claim) for one in evidence]
    return faults[0] if faults and all(faults) else ""


def _fault(claim: str, language: str, evidence: Evidence, matcher: WordMatcher, said_of: str) -> str:
    quoted = "\n".join(evidence.quotes)
    if reason := contradiction(claim, language, quoted, evidence.language):
        return reason
    if reason := subject_conflict(said_of, language, quoted, evidence.language):
        return f"another subject: {reason}"
    if planned := said_as_done(claim, language, quoted, evidence.language):
        return f"planned, not done: {planned}"
    if evidence.language == language and matcher.compares_meaning:
        found = matcher.match(claim, language, evidence.quotes, evidence.around)
        if found.score < LEAST_SUPPORT.get(language, _LEAST_OF_OTHERS):
            return f"{OWN_WORDS}{found.word}"
    return ""
