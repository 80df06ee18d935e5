"""What the steps have found so far for one question, and the text that people read in the end."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from assistant.plain_text import on_one_line
from assistant.quoting import ScoredSentence
from assistant.records import Claim, Question, Removed
from assistant.verification import NOT_KNOWN, TOO_MUCH
from index.records import RetrievedPassage


@dataclass
class Result:
    """What the steps have found so far for one question."""

    question: Question
    standalone: str
    hits: list[RetrievedPassage]
    claims: list[Claim] = field(default_factory=list)
    removed: list[Removed] = field(default_factory=list)
    reason: str = ""
    margin: float | None = None  # of the best sentence: see `choosing`
    absence: str = ""  # what the documents say of not knowing the answer
    extractive: bool = False
    pointed: bool = False  # the answer says only where it stands: see `pointing`

    def bring_forward(self, absence: ScoredSentence) -> None:
        """Show the passage that says that the answer is not known before the other ones."""
        self.absence = on_one_line(absence.sentence.text)
        self.hits = [absence.hit, *(hit for hit in self.hits if hit is not absence.hit)]


def answer_text(claims: Sequence[Claim], language: str) -> str:
    """The claims as one text, each followed by its citation numbers."""
    sentences = []
    for claim in claims:
        numbers = "".join(f"[{citation.number}]" for citation in claim.citations)
        sentences.append(f"{claim.text}{'' if language == 'ja' else ' '}{numbers}")
    return ("" if language == "ja" else " ").join(sentences)


def says_it_is_not_there(removed: Sequence[Removed]) -> bool:
    """Whether the model wrote that the answer is not known."""
    return any(item.reason == NOT_KNOWN for item in removed)


def beyond_repair(removed: Sequence[Removed]) -> bool:
    """Whether a drafted sentence failed in a way that shows that the passages lack the answer.

    Where the model could only answer about another year or company, or in words that no passage bears out, the
    sentence closest to the question is no answer either.
    """
    return any(item.reason.startswith(("about another", TOO_MUCH)) for item in removed)


def reason_for_nothing(removed: Sequence[Removed]) -> str:
    """Why no sentence is left, by what was removed: a reason of `Answer.abstention_reason`."""
    if says_it_is_not_there(removed):
        return "not in the documents"
    return "wrong language" if any(item.reason == "wrong language" for item in removed) else "not supported"
