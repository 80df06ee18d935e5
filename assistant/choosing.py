"""Step 7, first half: which of the sentences closest to the question says what is asked?

The model is asked of each sentence by itself and answers with one token; how much likelier "yes" is than "no" ranks
the sentences (pointwise relevance by a language model: Liang et al. 2022, "Holistic Evaluation of Language Models",
section 3.3; Zhuang et al. 2023, "Beyond Yes and No"). A model that is too small to write a reliable answer from a list
of passages still tells well which sentence holds it. The question stands before the sentence, so that all sentences
share what the server has computed of it.
"""

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from assistant.alternatives import alternatives
from assistant.asked import Asked, contains, fits, order_asked, states_absence, what_is_asked
from assistant.chat_protocol import Message
from assistant.context import for_reader, without_markup
from assistant.generator import Generator
from assistant.instructions import without_instructions
from assistant.quoting import ScoredSentence, Sentence, SentenceIndex
from assistant.relevance import Aim
from assistant.subject import missing_subjects, off_subject
from assistant.yes_or_no import margins
from index.records import Passage, RetrievedPassage
from prompts import load

_SURE = 0.8  # from this margin on no other sentence is looked at
_FIRST_LOOK, _LIKELY = 4, 0.0  # nor after so many sentences, where the best has this margin
_LONGEST_SENTENCE = 500  # characters
_ABOUT_AS_GOOD = 0.5
_SAME = 0.95  # cosine
_OWN_LANGUAGE, _OWN_LANGUAGE_PROBED = 0.3, 0.5
_ASKED_AGAIN, _ASKED_AGAIN_SLOWLY = 4, 2  # sentences
_HOPELESS = -1.5  # margin from which on it would not be enough, whatever the second answer
_WEIGHT_OF_SECOND = 1.0
_MUCH_LESS_LIKELY = 3.0
_ASKS = re.compile(r"[?？][\s»”\"'」』)）]*$|(?:です|ます|でした|ました|でしょう|の)か。?$")
_OF_PROBE, _OF_SCORE, _BIAS = 0.72, 12.0, 0.4
_COSTS = {
    "says that it is not known": 4.0,
    "about something else": 2.6,
    "of another name": 0.5,
    "in a passage without the name": 1.6,
    "lacks what is asked": 1.5,
    "lacks what is asked, abroad": 2.4,
}
OBJECTIONS = tuple(_COSTS)
"""What rules may have against a sentence; see `objections`."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A sentence, and the natural logarithm of p(yes) / p(no) that it says what is asked."""

    item: ScoredSentence
    margin: float


def on_subject(
    question: str, language: str, ranked: Sequence[ScoredSentence], hits: Sequence[RetrievedPassage]
) -> list[ScoredSentence]:
    """The sentences of passages that may be about what the question is about; no other may be cited in the end.

    A sentence that asks, as in an interview or a list of questions, is close to the question and answers nothing.
    """
    passages = [hit.passage for hit in hits]
    about_it = {
        one.passage_id for one in passages if not off_subject(question, language, [one], passages, known_only=True)
    }
    return [
        item
        for item in ranked
        if item.hit.passage.passage_id in about_it and not _ASKS.search(without_markup(item.sentence.text))
    ]


def judged(question: str, language: str, ranked: Sequence[ScoredSentence], generator: Generator) -> Iterator[Judged]:
    """Ask the model of each sentence, in the order given, until one is likely enough to be the answer.

    Args:
        question: the stand-alone question.
        language: its language.
        ranked: sentences, closest to the question first; all of them may be looked at.
        generator: the model server. One that does not tell the probabilities of its tokens yields nothing.

    Raises:
        RunError: (while iterating) the server does not answer.
    """
    first = len(ranked) if generator.reads_fast else _FIRST_LOOK
    best = -math.inf
    items = [*_by_passage(ranked[:first]), *_by_passage(ranked[first:])]
    asked = _margins("choose", question, language, items, generator)
    for looked, (item, margin) in enumerate(zip(items, asked, strict=False)):
        yield Judged(item, margin)
        best = max(best, margin)
        if not generator.reads_fast and (best >= _SURE or (looked + 1 >= _FIRST_LOOK and best >= _LIKELY)):
            return


def likeliest(
    question: str, language: str, found: Sequence[Judged], sentences: SentenceIndex, generator: Generator
) -> list[Judged]:
    """Of sentences that the model was asked of, those that may answer, best first.

    They pass the rules (`fitting`), or are `weighed` where a probe judges, and then `confirmed`.

    Raises:
        RunError: the server does not answer.
    """
    fit = weighed if generator.probed else fitting
    return confirmed(question, language, fit(question, language, found, sentences), generator)


def confirmed(question: str, language: str, found: Sequence[Judged], generator: Generator) -> list[Judged]:
    """The likeliest sentences, best first, after the model was asked of them once more in other words.

    A probe (`assistant.probe`) tells more than both, and is not asked again.

    Two ways of asking err in different places. On 120 questions about documents that nothing was chosen by, the
    sentence with the largest sum answered 69 of the 90 answerable ones (the largest first margin: 64), and the area
    under the curve of right sentences against those for unanswerable questions rose from .82 to .93.

    Args:
        question: the stand-alone question.
        language: its language; of sentences about as likely those in it come first.
        found: sentences that may answer.
        generator: the model server.

    Returns:
        Some of the sentences, their margins now the sum of both.

    Raises:
        RunError: the server does not answer.
    """

    def preference(one: Judged) -> float:
        own = _OWN_LANGUAGE_PROBED if generator.probed else _OWN_LANGUAGE
        return one.margin + (own if one.item.sentence.language == language else 0.0)

    ordered = sorted(found, key=preference, reverse=True)
    if generator.probed:
        return ordered  # it has learned what both ways of asking tell
    best = ordered[: _ASKED_AGAIN if generator.reads_fast else _ASKED_AGAIN_SLOWLY]
    best = [one for one in best if one.margin > _HOPELESS] or ordered[:1]
    again = _margins("confirm", question, language, [one.item for one in best], generator)
    both = [Judged(one.item, one.margin + _WEIGHT_OF_SECOND * more) for one, more in zip(best, again, strict=False)]
    return sorted(both, key=preference, reverse=True)


def about_as_good(likely: Sequence[Judged]) -> list[Judged]:
    """Of sentences, the best first, those that are about as likely."""
    return [one for one in likely if one.margin >= likely[0].margin - _ABOUT_AS_GOOD]


def told_beside(question: str, language: str, likely: Sequence[Judged], least: float | None) -> ScoredSentence | None:
    """The sentence to be quoted beside the likeliest one, in the reader's language, or None.

    Args:
        question: the stand-alone question.
        language: its language.
        likely: from `likeliest`.
        least: the margin from which on a sentence may answer; None where no probe judges.
    """
    other = of_the_other(question, language, likely)
    return other if other or least is None else told_in_two(question, language, likely, least)


def told_in_two(question: str, language: str, likely: Sequence[Judged], least: float) -> ScoredSentence | None:
    """The second of two sentences that a probe finds as good, or that answer an open question together, or None.

    Where two are about as likely the reader is shown both: on documents that the probe had not seen the second was the
    right one in 10 of 37 such cases, and both were in 7. And the answer to an open question often is two sentences of
    one passage: a rule and its exception, or what happened and why.

    Arguments as for `told_beside`.
    """
    first, *others = likely
    second = next((one for one in others if one.item.sentence.language == language), None)
    if second is None:
        return None
    asked = what_is_asked(question, language)
    if second.margin >= max(least, first.margin - _ABOUT_AS_GOOD):
        return None if _says_the_same(first.item.sentence, second.item.sentence, asked) else second.item
    if asked.kind or second.margin < max(_LIKELY, first.margin - _MUCH_LESS_LIKELY):
        return None
    same = second.item.hit.passage.passage_id == first.item.hit.passage.passage_id
    return second.item if same else None


def _says_the_same(first: Sentence, second: Sentence, asked: Asked) -> bool:
    """Whether a second sentence adds nothing: it is as good as the first, or has no other figure of the kind asked."""
    if asked.kind in ("figure", "date"):
        told = {figure.key for figure in first.figures}
        return not fits(asked, second.figures, told)
    return float(first.vector @ second.vector) >= _SAME


def of_the_other(question: str, language: str, likely: Sequence[Judged]) -> ScoredSentence | None:
    """The sentence about the other of two things that a question compares, where the likeliest one tells of one only.

    It has a figure of the same unit, so that both can be set side by side. None where nothing is compared.
    """
    compared = alternatives(question, language)
    if compared is None:
        return None
    best = likely[0].item
    named = [one.is_in(best.with_heading) for one in compared]
    if all(named) or not any(named):
        return None
    other, same = compared[named.index(False)], compared[named.index(True)]
    in_time = order_asked(question, language) in ("earlier", "later")
    units = {figure.unit for figure in best.sentence.figures if figure.is_date == in_time}
    return next(
        (
            item
            for item in (one.item for one in likely[1:])
            if item.sentence.language == language
            and other.is_in(item.with_heading)
            and not same.is_in(item.sentence.text)
            and any(figure.is_date == in_time and figure.unit in units for figure in item.sentence.figures)
        ),
        None,
    )


def _by_passage(items: Sequence[ScoredSentence]) -> list[ScoredSentence]:
    """The sentences of a passage one after the other: the server keeps what it has computed of their heading."""
    places: dict[str, int] = {}
    for item in items:
        places.setdefault(item.hit.passage.passage_id, len(places))
    return sorted(items, key=lambda item: places[item.hit.passage.passage_id])


def _heading(passage: Passage, language: str) -> str:
    section = passage.section.split(" › ")[-1]
    about = f"{passage.title}, {section}" if section and section != passage.title else passage.title
    return without_markup(for_reader(without_instructions(about), passage.language, language))


def _margins(
    prompt: str, question: str, language: str, items: Sequence[ScoredSentence], generator: Generator
) -> Iterator[float]:
    """The margins of sentences, in their order."""
    return margins([asking(prompt, question, language, item) for item in items], generator)


def asking(prompt: str, question: str, language: str, item: ScoredSentence) -> Sequence[Message]:
    """What the model is asked of a sentence, to be answered by yes or no."""
    passage = item.hit.passage
    read = without_markup(for_reader(item.sentence.text, passage.language, language))
    return load(prompt, language).render(
        question=question, heading=_heading(passage, language), sentence=read[:_LONGEST_SENTENCE]
    )


def fitting(question: str, language: str, found: Sequence[Judged], sentences: SentenceIndex) -> list[Judged]:
    """The sentences that no rule finds to be about something else, or to lack the kind of thing that is asked."""
    aim = Aim(question, language)
    return [one for one in found if not any(objections(aim, one.item, sentences))]  # the first is enough


def weighed(question: str, language: str, found: Sequence[Judged], sentences: SentenceIndex) -> list[Judged]:
    """Sentences that a probe has judged, its log-odds weighed with what the rules say and with how close they are.

    A probe that is sure is right more often than a rule: of 585 answerable questions about documents that the probe had
    not seen, 408 got the right sentence where the rules only cost, 393 where they took sentences out, with as many of
    192 unanswerable ones refused. The eight weights were fitted on these questions, by a conditional logit (`python -m
    eval probe`); fitted on four of the sets they gave the same picture on the fifth: 78 instead of 73 of 132.
    """
    aim, closest = Aim(question, language), max((one.item.score for one in found), default=0.0)
    return [
        Judged(
            one.item,
            _OF_PROBE * one.margin
            + _BIAS
            - _OF_SCORE * (closest - one.item.score)
            - sum(_COSTS[objection] for objection in objections(aim, one.item, sentences)),
        )
        for one in found
    ]


def objections(aim: Aim, item: ScoredSentence, sentences: SentenceIndex) -> Iterator[str]:
    """What the rules have against a sentence as the answer, of `OBJECTIONS`."""
    sentence, passage = item.sentence, item.hit.passage
    own = passage.language == aim.language
    before, after = sentences.around(sentence, passage)
    if states_absence(sentence.text):
        yield "says that it is not known"
    if aim.missed_by(sentence.text, passage, after):
        yield "about something else"
    if missing_subjects(aim.question, sentence.text, passage, before, known_only=True):
        yield "of another name"
    if own and missing_subjects(aim.question, passage.text, passage):
        yield "in a passage without the name"  # that no table has: it may stand anywhere in the passage
    if not own and aim.asked.kind == "name":
        return  # names are written in another way there
    if not contains(aim.asked, aim.question, sentence.text, aim.language, passage.language):
        yield "lacks what is asked" if own else "lacks what is asked, abroad"
