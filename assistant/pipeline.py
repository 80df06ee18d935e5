"""One question, from text to verified answer, in ten steps. Read `_steps` from top to bottom.

An `Assistant` is built once with its models and answers any number of questions, also from several threads.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress

from assistant import abstention, context, extractive, wording
from assistant.chat_protocol import TELLING_ENGINES
from assistant.choosing import about_as_good, judged, likeliest, on_subject, told_beside
from assistant.compared import compared_claim
from assistant.computed import changed_claim, computed_claim
from assistant.condense import condense
from assistant.config import AssistantConfig
from assistant.context import Context
from assistant.copying import copied_from_another_language
from assistant.drafting import drafted
from assistant.finding import read_and_find
from assistant.fingerprint import NO_MODEL, fingerprint
from assistant.generator import Generator
from assistant.instructions import documents_with_instructions
from assistant.pointing import pointer
from assistant.question import parse
from assistant.quoting import ScoredSentence, SentenceIndex
from assistant.record import RecordFile
from assistant.records import Answer, Claim, Event, Question, Removed, Turn
from assistant.result import Result, answer_text
from assistant.rivals import with_rivals
from assistant.stopwatch import Stopwatch
from index.embedder import Embedder
from index.errors import RunError, UsageError
from index.retriever import Retriever

_FURTHER = 0.08  # below the least cosine: Japanese passages are that far from English questions
OWN_WORDS = ("auto", "always", "never")


class Assistant:
    """Answers questions from one index, with one model server or, without any, in extracts.

    Args:
        retriever: the open index.
        embedder: the embedder of that index.
        generator: the client of the model server; None: answers are extractive.
        config: settings.
        revive: brings a lost model server back; called before the question after the one that lost it.
        record: gets every answer.

    Raises:
        UsageError: a setting has no meaning.
    """

    def __init__(
        self,
        retriever: Retriever,
        embedder: Embedder,
        generator: Generator | None,
        config: AssistantConfig,
        *,
        revive: Callable[[], None] | None = None,
        record: RecordFile | None = None,
    ) -> None:
        if config.own_words not in OWN_WORDS:
            raise UsageError(f"own_words must be one of {', '.join(OWN_WORDS)}, not '{config.own_words}'")
        self.retriever = retriever
        self.embedder = embedder
        self.generator = generator
        self.config = config
        self._revive = revive
        self._record = record
        self._lost = False

    def answer(self, question: str, history: Sequence[Turn] = ()) -> Answer:
        """Answer one question.

        Args:
            question: in French, English or Japanese.
            history: the conversation so far, oldest turn first.

        Raises:
            UsageError: the question is empty, too long or not text.
            RunError: the index cannot be read.
        """
        *_, last = self.stream(question, history)
        if last.answer is None:
            raise AssertionError("the stream of events must end with an answer")
        return last.answer

    def stream(self, question: str, history: Sequence[Turn] = ()) -> Iterator[Event]:
        """The same, as events: stages, drafted text, verified claims, and the answer at the end.

        The question is checked before the first event. Closing the iterator stops the generation.
        """
        config = self.config
        parsed = parse(question, history, longest=config.question_characters, turns=config.history_turns)
        return self._steps(parsed)

    def _steps(self, question: Question) -> Iterator[Event]:
        config, watch, language = self.config, Stopwatch(), question.language
        yield _stage("condense" if question.history else "retrieve", language)
        if self._lost and self._revive is not None:
            self._bring_back(self._revive)

        with watch.stage("condense"):
            standalone = condense(question, self.generator)
        with watch.stage("retrieve"):
            standalone, hits = read_and_find(self.retriever, standalone, language, config.retrieved_passages)
        result = Result(question, standalone, hits)
        giving = documents_with_instructions(hit.passage for hit in hits)
        result.removed += [Removed("", f"{document} gives an instruction") for document in giving]

        reason = abstention.before_generation(
            standalone,
            language,
            hits,
            least_dense_score=config.least_dense_score - (_FURTHER if self._asks_of_each else 0.0),
            least_lexical_share=config.least_lexical_share,
        )
        if reason:
            yield self._finish(result, watch, reason)
            return

        sentences = SentenceIndex(self.retriever, self.embedder)
        with watch.stage("context"):
            ranked = sentences.ranked(standalone, language, result.hits[: config.candidate_passages])
        for claim in _decided_by_code(standalone, language, ranked):
            result.claims.append(claim)
            yield Event("claim", claim.text, language, claim=claim)
        if result.claims:
            yield self._finish(result, watch, "")
            return
        if (absence := abstention.stated_absence(standalone, language, ranked)) is not None:
            result.bring_forward(absence)
            yield self._finish(result, watch, "not in the documents")
            return
        if self.generator is None:
            yield from self._extract(result, watch, sentences)
            return

        with watch.stage("context"):
            ranked = on_subject(standalone, language, ranked, result.hits)
        if not ranked:
            yield self._finish(result, watch, "not in the documents")
            return

        try:
            yield from self._choose(result, watch, ranked, sentences)
            known = {claim.text for claim in result.claims}
            result.claims = with_rivals(result.claims, standalone, language, ranked)
            for claim in result.claims:
                if claim.text not in known:
                    yield Event("claim", claim.text, language, claim=claim)
        except RunError as error:
            self._lost = True
            result.removed.append(Removed("", str(error)))
            if not result.claims:
                yield from self._extract(result, watch, sentences)
                return
        checked = not result.reason and not result.pointed
        reason = abstention.after_verification(standalone, language, result.claims) if checked else result.reason
        yield self._finish(result, watch, reason)

    def _choose(
        self, result: Result, watch: Stopwatch, ranked: Sequence[ScoredSentence], sentences: SentenceIndex
    ) -> Iterator[Event]:
        """Step 7: which sentences answer. One in the reader's language is quoted; from others the model tells it."""
        if self.generator is None:
            raise AssertionError("choosing needs a generator")
        question, language, config = result.standalone, result.question.language, self.config
        yield _stage("choose", language)
        with watch.stage("choose"):
            asked_of = list(judged(question, language, ranked[: self._judged_sentences], self.generator))
            likely = likeliest(question, language, asked_of, sentences, self.generator)
        result.margin = max((one.margin for one in likely or asked_of), default=None)
        if not asked_of:  # the server does not tell
            yield from self._draft(result, watch, ranked, sentences)
            return
        written_in = likely[0].item.sentence.language if likely else ""
        least = abstention.least_margin(config, language, written_in, probed=self.generator.probed)
        if not likely or likely[0].margin < least:
            result.reason = "not in the documents"
            return
        best, own = likely[0].item, written_in == language
        claim = changed_claim(question, language, best)
        if claim is None and not own:
            with watch.stage("copy"):
                claim = copied_from_another_language(best, question, language, self.generator)
        if claim is None and (not own or self._words_itself):
            alike = [one.item for one in about_as_good(likely)]
            told = [] if own else [item for item in alike if item.sentence.language != language]
            yield from self._draft(result, watch, alike, sentences, told)
        if claim is None and own and not result.claims:
            other = told_beside(question, language, likely, least if self.generator.probed else None)
            found = extractive.quoted_parts([best, other] if other else [best], sentences, question)
        elif claim is None and not own and not result.claims:
            claim = pointer(best, question, language, sentences)
            found, result.pointed = ([claim], True) if claim else ([], False)
        else:
            found = [] if claim is None else [claim]
        if found:
            watch.mark("first_token")
            result.claims, result.reason = found, ""
            for claim in found:
                yield Event("claim", claim.text, language, claim=claim)

    def _draft(
        self,
        result: Result,
        watch: Stopwatch,
        items: Sequence[ScoredSentence],
        sentences: SentenceIndex,
        told: Sequence[ScoredSentence] = (),
    ) -> Iterator[Event]:
        """Steps 6 to 9 where the model writes."""
        if self.generator is None:
            raise AssertionError("drafting needs a generator")
        chosen = self._context(result, items)
        yield _stage("generate", result.question.language, count=len(chosen.by_code))
        yield from drafted(result, watch, chosen, sentences, self.generator, self.config, answering=told)

    @property
    def _asks_of_each(self) -> bool:
        """Whether the model is asked of each sentence: then it knows best what has nothing to do with the question."""
        return self.generator is not None and self.generator.engine in TELLING_ENGINES

    @property
    def _judged_sentences(self) -> int:
        """Of how many sentences the model is asked whether they answer."""
        if self.generator is None or not self.generator.reads_fast:
            return self.config.judged_sentences
        return self.config.judged_sentences_probed if self.generator.probed else self.config.judged_sentences_fast

    @property
    def _words_itself(self) -> bool:
        """Whether the model words an answer whose source is in the reader's language, too."""
        if self.config.own_words == "auto":
            return self.generator is not None and self.generator.engine == "vllm"
        return self.config.own_words == "always"

    def _context(self, result: Result, ranked: Sequence[ScoredSentence]) -> Context:
        """Step 6: the sentences closest to the question, from the best passages."""
        config = self.config
        return context.select(
            ranked,
            result.hits[: config.candidate_passages],
            most=config.context_passages,
            budget_tokens=config.context_budget_tokens,
            language=result.question.language,
        )

    def _bring_back(self, revive: Callable[[], None]) -> None:
        with suppress(RunError):  # still gone: this answer is made of extracts, too
            revive()
            self._lost = False

    def _extract(self, result: Result, watch: Stopwatch, sentences: SentenceIndex) -> Iterator[Event]:
        """The answer in quoted sentences."""
        with watch.stage("extract"):
            result.claims = extractive.extractive_claims(
                result.standalone, result.question.language, result.hits[: self.config.context_passages], sentences
            )
        result.extractive = True
        for claim in result.claims:
            yield Event("claim", claim.text, result.question.language, claim=claim)
        yield self._finish(result, watch, "" if result.claims else "not in the documents")

    def _finish(self, result: Result, watch: Stopwatch, reason: str) -> Event:
        """Step 10: the one `Answer`."""
        language = result.question.language
        claims = () if reason else tuple(result.claims)
        text = wording.abstention(reason, language, result.absence) if reason else answer_text(claims, language)
        if reason:
            result.removed += [Removed(claim.text, reason) for claim in result.claims]
        answer = Answer(
            question=result.question.text,
            standalone_question=result.standalone,
            language=language,
            status="abstained" if reason else "answered",
            abstention_reason=reason,
            text=text,
            claims=claims,
            passages=tuple(result.hits),
            engine=self.generator.engine if self.generator else NO_MODEL,
            model=self.generator.model if self.generator else NO_MODEL,
            extractive=result.extractive,
            timings_s=watch.timings(),
            fingerprint=self.fingerprint(language),
            removed=tuple(result.removed),
            answer_margin=result.margin,
        )
        if self._record is not None:
            self._record.append(result.question, answer)
        return Event("answer", text, language, answer=answer)

    def fingerprint(self, language: str) -> str:
        """SHA-256 (16 hex characters) of what decides an answer: model, prompts, settings, index generation."""
        return fingerprint(self.generator, self.config, self.embedder, self.retriever, language)


def _decided_by_code(question: str, language: str, ranked: Sequence[ScoredSentence]) -> list[Claim]:
    """What needs no model: a sum, a comparison, two values between which the question asks to decide."""
    claim = computed_claim(question, language, ranked) or compared_claim(question, language, ranked)
    return [claim] if claim else extractive.both_figures_claims(question, language, ranked)


def _stage(name: str, language: str, **values: int) -> Event:
    return Event("stage", wording.STAGES[name][language].format(**values), language)
