"""Where another passage gives another value for the same thing: both are shown, the newest first, never averaged."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace

from assistant.antecedent import needs_antecedent
from assistant.disagreement import Statement, disagreements
from assistant.extractive import quoted_claim
from assistant.quoting import ScoredSentence
from assistant.records import Claim
from assistant.relevance import Aim
from assistant.subject import off_subject
from assistant.words import content_words
from index.sentences import sentence_spans

_CLOSEST = 12  # sentences among which another value is looked for
_SHARED = 0.4  # of the words of the shorter sentence


def with_rivals(claims: Sequence[Claim], question: str, language: str, ranked: Sequence[ScoredSentence]) -> list[Claim]:
    """The claims, and beside the only one the sentence that contradicts its figure, if there is one.

    Args:
        claims: verified claims of a question for a figure or a date; others are given back as they are.
        question: the stand-alone question.
        language: its language; only sentences in it are shown beside.
        ranked: sentences of the passages found, closest first.
    """
    aim = Aim(question, language)
    if len(claims) != 1 or len(claims[0].citations) != 1 or aim.asked.kind not in ("figure", "date"):
        return list(claims)
    [claim] = claims
    [citation] = claim.citations
    shown = {(figure.value, figure.unit) for figure in claim.figures}
    words = content_words(citation.quote, language)
    cited = next((item for item in ranked if item.hit.passage.passage_id == citation.passage_id), None)
    if cited is None or needs_antecedent(citation.quote, language) or len(sentence_spans(claim.text)) > 1:
        return [claim]  # what does not say by itself whom it is about contradicts nothing
    passage = cited.hit.passage
    own = Statement(citation.quote, passage.language, passage.date, passage.status)
    for item in ranked[:_CLOSEST]:
        other = item.hit.passage
        if other.language != language or other.passage_id == passage.passage_id:
            continue
        if not _may_contradict(item, words, shown) or needs_antecedent(item.sentence.text, language):
            continue  # most sentences: cheaper than all that follows
        if off_subject(question, language, [other]) or aim.missed_by(item.sentence.text, other):
            continue
        stated = Statement(item.sentence.text, other.language, other.date, other.status)
        for pair in disagreements([own, stated]):
            if pair.newer is pair.older:
                continue
            ours = pair.newer_figure if pair.newer.text == own.text else pair.older_figure
            if ours.key in shown:
                rival_first = other.date > passage.date
                rival = quoted_claim(item, 1 if rival_first else 2)
                return [rival, _numbered(claim, 2)] if rival_first else [_numbered(claim, 1), rival]
    return [claim]


def _may_contradict(item: ScoredSentence, words: AbstractSet[str], shown: AbstractSet[tuple[str, str]]) -> bool:
    """Whether a sentence has another figure of a unit that is shown, and shares words with what is quoted."""
    units = {unit for _, unit in shown}
    if not any(figure.unit in units and figure.key not in shown for figure in item.sentence.figures):
        return False
    return len(words & item.sentence.words) >= _SHARED * min(len(words), len(item.sentence.words))


def _numbered(claim: Claim, number: int) -> Claim:
    [citation] = claim.citations
    return replace(claim, citations=(replace(citation, number=number),))
