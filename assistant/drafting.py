"""Steps 7 to 9 where the model writes: generate, cite and verify, claim by claim, as the text comes in; one repair."""

from collections.abc import Callable, Iterator, Sequence

from assistant import abstention
from assistant.asked import asks_yes_or_no
from assistant.citation import Draft, DraftReader, answer_schema
from assistant.config import AssistantConfig
from assistant.context import Context
from assistant.faithful import is_faithful
from assistant.generator import Generator
from assistant.instructions import may_be_shown_unchecked
from assistant.quoting import ScoredSentence, SentenceIndex
from assistant.records import Claim, Event, Removed
from assistant.repair import quoted_in_full, repair, told_in_another_language
from assistant.result import Result, beyond_repair, reason_for_nothing, says_it_is_not_there
from assistant.stopwatch import Stopwatch
from assistant.verification import Verifier
from index.errors import RunError
from prompts import load

_UNFAITHFUL = "does not say what its source says"
_DRAFT_STEP = 12  # characters by which a drafted sentence grows before it is shown again: each look at it is checked


def drafted(
    result: Result,
    watch: Stopwatch,
    chosen: Context,
    sentences: SentenceIndex,
    generator: Generator,
    config: AssistantConfig,
    *,
    answering: Sequence[ScoredSentence],
) -> Iterator[Event]:
    """Let the model write from a context; what is verified goes into the result.

    Args:
        result: of this question; gets claims, what was removed, or the reason for nothing.
        watch: its times.
        chosen: what the model reads.
        sentences: the sentences of its passages.
        generator: the model server.
        config: settings.
        answering: sentences in another language of which the model has said that they answer, the best first.

    Yields:
        Drafted text, verified claims, removed sentences.

    Raises:
        RunError: the server failed; what was complete is in the result.
    """
    language = result.question.language
    verifier = Verifier(result.standalone, language, chosen, sentences, config.least_claim_cosine)
    reader = DraftReader(tuple(chosen.by_code))
    messages = load("answer", language).render(passages=chosen.text, question=result.standalone)
    stream = generator.stream(
        messages,
        schema=answer_schema(tuple(chosen.by_code)),
        max_tokens=config.answer_tokens,
        language=language,
    )
    foreign = {one.passage.passage_id: one.passage.language for one in chosen.by_code.values()}
    foreign = {passage_id: written_in for passage_id, written_in in foreign.items() if written_in != language}

    def faithful(claim: Claim) -> bool:
        with watch.stage("compare"):
            return is_faithful(claim, result.standalone, language, foreign, generator)

    written, system = "", messages[0]["content"]
    pending: list[Draft] = []  # verified when the next begins or the stream ends: the model wants both cores
    try:
        for delta in watch.timed("generate", stream):
            pending += reader.feed(delta)
            text = reader.partial()
            grown = not text.startswith(written) or len(text) - len(written) >= _DRAFT_STEP
            if text and (not written or grown) and may_be_shown_unchecked(text, system):
                watch.mark("first_token")
                written = text
                yield Event("draft", text, language)
            if text:
                yield from _verify(result, watch, verifier, pending, config.claims, faithful)
            if len(result.claims) >= config.claims:
                break
    except RunError:  # what was complete still counts
        yield from _verify(result, watch, verifier, pending, config.claims, faithful)
        raise
    yield from _verify(result, watch, verifier, [*pending, *reader.finish()], config.claims, faithful)
    result.removed += [Removed("", fault) for fault in reader.faults]
    lacking = abstention.after_verification(result.standalone, language, result.claims)
    if lacking:  # true sentences, but not what was asked
        result.removed += [Removed(claim.text, lacking) for claim in result.claims]
        result.claims = quoted_in_full(result.standalone, language, result.claims, chosen)
    if not result.claims:
        with watch.stage("repair"):
            claim = _mended(result, chosen, sentences, generator, verifier, reader, answering)
        if claim is not None and not faithful(claim):
            result.removed.append(Removed(claim.text, _UNFAITHFUL))
        elif claim is not None:
            result.claims.append(claim)
            yield Event("claim", claim.text, language, claim=claim)
    if not result.claims:
        result.reason = reason_for_nothing(result.removed) if reader.answerable else "not in the documents"


def _mended(
    result: Result,
    chosen: Context,
    sentences: SentenceIndex,
    generator: Generator,
    verifier: Verifier,
    reader: DraftReader,
    answering: Sequence[ScoredSentence],
) -> Claim | None:
    """The one repair, where no sentence of the model's stood."""
    question, language = result.standalone, result.question.language
    codes = {hit.passage.passage_id: code for code, hit in chosen.by_code.items()}
    for item in answering:
        if (code := codes.get(item.hit.passage.passage_id)) is not None:
            return told_in_another_language(item, code, question, language, verifier, generator)
    hopeless = says_it_is_not_there(result.removed) or beyond_repair(result.removed)
    # Small models find no answer in a sentence that denies what was asked; but it is one, and is quoted anyway.
    if hopeless or not (reader.answerable or asks_yes_or_no(question, language)):
        return None
    return repair(question, language, chosen, sentences, verifier, generator, denials_only=not reader.answerable)


def _verify(
    result: Result,
    watch: Stopwatch,
    verifier: Verifier,
    pending: list[Draft],
    most: int,
    faithful: Callable[[Claim], bool],
) -> Iterator[Event]:
    """Check drafted claims, emptying the list."""
    while pending:
        draft = pending.pop(0)
        if len(result.claims) >= most:
            continue
        with watch.stage("verify"):
            checked = verifier.check(draft)
        if checked.claim is not None and any(checked.claim.text == claim.text for claim in result.claims):
            continue  # said already
        if checked.claim is not None and not faithful(checked.claim):
            result.removed.append(Removed(checked.claim.text, _UNFAITHFUL))
            yield Event("removed", checked.claim.text, result.question.language)
        elif checked.claim is not None:
            result.claims.append(checked.claim)
            yield Event("claim", checked.claim.text, result.question.language, claim=checked.claim)
        elif checked.removed is not None:
            result.removed.append(checked.removed)
            yield Event("removed", checked.removed.text, result.question.language)
