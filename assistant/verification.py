"""Step 9: a drafted claim → a claim with its evidence, or the reason why it is not shown.

A claim is supported when every figure in it agrees with the quoted spans, every name in it stands in the cited passage
(in any script), it says something that the question did not, and it is close enough in meaning to its quote.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from assistant import wording
from assistant.asked import asks_yes_or_no, contains, new_names, only_repeats, states_absence
from assistant.citation import Draft
from assistant.clauses import split_clauses
from assistant.context import Context
from assistant.faults import OWN_WORDS, Evidence, find_fault
from assistant.figure_check import check_figures
from assistant.figures import find_figures
from assistant.fragments import is_bare_name, is_fragment
from assistant.instructions import find_instruction
from assistant.lists import leads_to_list
from assistant.names import groups_in, missing_names
from assistant.plain_text import on_one_line
from assistant.quoting import Quote, SentenceIndex
from assistant.records import CheckedFigure, Citation, Claim, Removed
from assistant.relevance import Aim
from assistant.spellings import elsewhere_only
from assistant.subject import heading_and_text, missing_subjects, other_script, under_headings
from assistant.support import WordMatcher
from assistant.words import content_words, fold, share_of
from index.language import detect_language
from index.records import Passage, RetrievedPassage

_LEAST_COVERED = 0.5  # share of a claim's words in its source; below, the claim is not about its source
_OTHER_COVERED = 0.61  # the same for a passage that the claim does not cite
_WELL_COVERED = 0.8  # below, the source's own sentence is shown
_YES_OR_NO = re.compile(r"(?:yes|no|oui|non)\b|はい|いいえ", re.IGNORECASE)
_JAPANESE = re.compile(r"[ぁ-んァ-ヶ一-鿿]")
_FOREIGN_WORD = re.compile(r"(?<![A-Za-z0-9.@/-])[a-zà-ÿ]{5,}(?![A-Za-z0-9.@/-])")  # no address, no product name
_SHORTEST_SHARE = 0.8  # a quote much shorter than the model's sentence is a piece of a list or glossary, no sentence
NOT_KNOWN = "says that it is not known"
TOO_MUCH = "says more than its source"


@dataclass(frozen=True, slots=True)
class Checked:
    """The outcome for one drafted claim: exactly one of the two is set."""

    claim: Claim | None = None
    removed: Removed | None = None


class Verifier:
    """Checks the claims of one answer."""

    def __init__(
        self, question: str, language: str, context: Context, sentences: SentenceIndex, least_cosine: float
    ) -> None:
        self._question = question
        self._language = language
        self._aim = Aim(question, language)
        self._context = context
        self._sentences = sentences
        self._least_cosine = least_cosine
        self.to_translate: dict[str, Quote] = {}  # by code: what may answer once it is translated
        self._numbers: dict[tuple[str, int, int], int] = {}

    def check(self, draft: Draft, *, is_translated: bool = False) -> Checked:
        """Verify one drafted claim against the passages it cites; `is_translated`: it is a quote in another language.

        A claim that fails against what it cites, or cites nothing, is tried against every other passage of the
        context: small models often write the right sentence under the wrong code. It is kept only where the same
        checks pass. Citations are numbered in the order in which they first appear in the answer.
        """
        if detect_language(draft.text) not in (self._language, "und") and not is_bare_name(draft.text):
            if self._aim.asked.kind:  # a free answer could be anything
                self._leave_to_translation(draft)
            return _removed(draft, "wrong language")
        if states_absence(draft.text) and not states_absence(self._question):
            return _removed(draft, NOT_KNOWN)
        if find_instruction(draft.text):
            return _removed(draft, "gives an instruction")
        if only_repeats(draft.text, self._question, self._language):
            return _removed(draft, "repeats the question")
        others = [(code,) for code in self._context.by_code if (code,) != draft.codes]
        reasons = []
        for codes in [draft.codes, *others] if draft.codes else others:
            least_covered = _LEAST_COVERED if codes == draft.codes else _OTHER_COVERED
            hits = [self._context.by_code[code] for code in codes]
            outcome = self._against(draft, hits, least_covered, is_translated=is_translated)
            if outcome.claim is not None:
                return outcome
            reasons.append(outcome.removed.reason if outcome.removed else "")
        if (claim := self._by_clauses(draft.text)) is not None:
            return Checked(claim=claim)
        return _removed(draft, reasons[0] if draft.codes else "no citation")

    def _mixes_languages(self, text: str) -> bool:
        """Whether a Japanese sentence took over words of its foreign source, or names that have a Japanese form."""
        if self._language != "ja":
            return False
        places = (group for group in groups_in(text) if group.kind == "place" and _JAPANESE.search(group.ja))
        words = _FOREIGN_WORD.findall(text)
        return any(group.ja not in text for group in places) or any(word not in self._question for word in words)

    def _by_clauses(self, text: str) -> Claim | None:
        """A claim that sets facts of several passages side by side ("A has 3, while B has 5"): each clause has its own.

        Taken together the passages would also bear out the figure of the one said of the other.
        """
        clauses = split_clauses(text, self._language)
        if len(clauses) < 2:
            return None
        citations: list[Citation] = []
        figures: list[CheckedFigure] = []
        for clause in clauses:
            found = next(
                filter(None, (self._clause(clause, hit.passage) for hit in self._context.by_code.values())), None
            )
            if found is None:
                return None
            quote, passage, checked = found
            citation = self._cite(passage, quote)
            citations += [citation] if citation not in citations else []
            figures += checked
        return Claim(text, "supported", tuple(figures), tuple(citations))

    def _clause(self, clause: str, passage: Passage) -> tuple[Quote, Passage, tuple[CheckedFigure, ...]] | None:
        quote = self._sentences.quote(clause, self._language, passage)
        figures, wrong = check_figures(clause, self._language, [quote], [passage])
        fault = find_fault(clause, self._language, _evidence([quote], [passage]), self._sentences.words)
        if (
            (fault and not fault.startswith(OWN_WORDS))
            or wrong
            or missing_names(clause, [under_headings(passage, quote.text)])
        ):
            return None
        if self._covered(clause, [passage], [quote]) < _LEAST_COVERED:
            return None
        return quote, passage, figures

    def _against(
        self, draft: Draft, hits: Sequence[RetrievedPassage], least_covered: float, *, is_translated: bool
    ) -> Checked:
        text = draft.text
        passages = [hit.passage for hit in hits]
        foreign = all(passage.language != self._language for passage in passages)
        if foreign and not is_translated and (asks_yes_or_no(self._question, self._language) or _YES_OR_NO.match(text)):
            self._leave_to_translation(draft)
            return Checked(removed=Removed(text, "yes or no from another language"))
        if foreign and self._mixes_languages(text):
            return Checked(removed=Removed(text, "wrong language"))
        quotes = [self._sentences.quote(text, self._language, passage) for passage in passages]
        around = [self._sentences.around(quote, passage) for quote, passage in zip(quotes, passages, strict=True)]
        missed = [
            self._aim.missed_by(quote.text, passage, after)
            for quote, passage, (_, after) in zip(quotes, passages, around, strict=True)
        ]
        if all(missed):
            return Checked(removed=Removed(text, missed[0]))
        elsewhere = all(
            missing_subjects(
                self._question, quote.text, passage, before, known_only=other_script(self._language, passage.language)
            )
            for quote, passage, (before, _) in zip(quotes, passages, around, strict=True)
        )
        if elsewhere and (is_fragment(text, self._language) or self._aim.of_another_name(text, passages)):
            return Checked(removed=Removed(text, "about another subject"))  # a bare figure belongs to its sentence
        if foreign and self._aim.chosen_date(text, quotes[0].figures):
            self._leave_to_translation(draft)
            return Checked(removed=Removed(text, "one of several dates in another language"))
        figures, wrong = check_figures(text, self._language, quotes, passages)
        if invented := [figure for figure in wrong if not self._only_taken_up(figure)]:
            return Checked(removed=Removed(text, f"figure not in the source: {', '.join(invented)}"))
        if (
            foreign
            and self._aim.asked.kind in ("figure", "date")
            and (said := self._said_of_another(text, quotes[0], passages[0]))
        ):
            return Checked(removed=Removed(text, f"about another subject: not {said}"))
        if missing := self._invented(text, passages, quotes, foreign=foreign):
            return Checked(removed=Removed(text, f"name not in the source: {', '.join(missing)}"))
        if max(quote.cosine for quote in quotes) < self._least_cosine:
            return Checked(removed=Removed(text, "not close to what it cites"))
        covered = self._covered(text, passages, quotes)
        if covered < least_covered:
            return Checked(removed=Removed(text, TOO_MUCH))
        # Where the quote will be shown instead, words of the model's own do not matter, and need not be looked for.
        replaced = not foreign and covered < _WELL_COVERED
        matcher = WordMatcher(None) if replaced else self._sentences.words
        said = f"{self._question}\n{text}" if is_fragment(text, self._language) else text
        fault = find_fault(text, self._language, _evidence(quotes, passages), matcher, said_of=said)
        own_words = fault.startswith(OWN_WORDS)
        if fault and not (own_words and self._answers(quotes[0])):
            return Checked(removed=Removed(text, fault))
        citations = tuple(self._cite(passage, quote) for passage, quote in zip(passages, quotes, strict=True))
        shown = self._wording(text, 0.0 if own_words else covered, passages[0], quotes[0])
        if shown != text:
            figures, wrong = check_figures(shown, self._language, quotes, passages)
        own = tuple(one for one in figures if one.text not in wrong or not self._only_taken_up(one.text))
        return Checked(claim=Claim(shown, "supported", own, citations))

    def _invented(self, text: str, passages: Sequence[Passage], quotes: Sequence[Quote], *, foreign: bool) -> list[str]:
        """The names of a claim that its passages lack.

        A name of the question that the claim repeats has no chance to stand in a passage in another script as it is
        written: it is left to the other checks. What answers a question for a name must stand in the passage as it is.
        """
        evidence = [heading_and_text(passage) for passage in passages]
        missing = [name for name in missing_names(text, evidence) if not self._given(name, passages)]
        if self._aim.asked.kind == "name":
            quoted = " ".join(quote.text for quote in quotes)
            known = groups_in(text) - groups_in(self._question)
            if known and not known & groups_in(quoted):
                missing += [group.en for group in known]
            if not foreign:
                folded = fold(" ".join(evidence))
                new = new_names(text, self._question, self._language) - {group.en for group in known}
                missing += sorted(name for name in new if name not in folded)
        if foreign:  # in another script names of the question cannot be looked for
            other = all(other_script(self._language, one.language) for one in passages)
            return [name for name in missing if name not in self._question or (name.isascii() and not other)]
        return missing

    def _said_of_another(self, text: str, quote: Quote, passage: Passage) -> str:
        """A name of the claim that its passage has, in the other script, in another place than the quote; or ""."""
        return elsewhere_only(text, under_headings(passage, quote.text), heading_and_text(passage))

    def _leave_to_translation(self, draft: Draft) -> None:
        """Note the sentence that a draft took its answer from: it can be shown whole, in the reader's language."""
        said = draft.text.strip(" .。")
        verbatim = [code for code, hit in self._context.by_code.items() if said in hit.passage.text]
        for code in verbatim[:1] or draft.codes:  # small models copy the right words under the wrong code
            passage = self._context.by_code[code].passage
            if passage.language != self._language and code not in self.to_translate:
                self.to_translate[code] = self._sentences.quote(draft.text, self._language, passage)

    def _given(self, name: str, passages: Sequence[Passage]) -> bool:
        """Whether a name that the question gives stands in another passage of the same documents."""
        documents = {passage.document_id for passage in passages}
        others = [hit.passage for hit in self._context.by_code.values() if hit.passage.document_id in documents]
        name, question = fold(name), fold(self._question)
        return name in question and any(name in fold(heading_and_text(passage)) for passage in others)

    def _answers(self, quote: Quote) -> bool:
        """Whether the quote may stand for the claim: it holds what was asked."""
        return contains(self._aim.asked, self._question, quote.text, self._language)

    def _only_taken_up(self, figure: str) -> bool:
        """Whether a figure is a number word of the question ("the two towns"), which the claim only repeats."""
        return not any(map(str.isdigit, figure)) and re.search(rf"\b{re.escape(figure)}\b", self._question) is not None

    def _cite(self, passage: Passage, quote: Quote) -> Citation:
        key = (passage.passage_id, quote.start, quote.end)
        number = self._numbers.setdefault(key, len(self._numbers) + 1)
        return cite(number, passage, quote)

    def _covered(self, text: str, passages: Sequence[Passage], quotes: Sequence[Quote]) -> float:
        """Share of the claim's words that its quotes and the headings above them have; 1 across languages."""
        if any(passage.language != self._language for passage in passages):
            return 1.0
        words = content_words(text, self._language)
        sources = [quote.text for quote in quotes] + [f"{passage.title} {passage.section}" for passage in passages]
        given = {word for source in sources for word in content_words(source, self._language)}
        return share_of(words, given)

    def _wording(self, text: str, covered: float, passage: Passage, quote: Quote) -> str:
        """The model's sentence, or the quoted one where the model's is not as good.

        The quoted sentence is shown instead of a bare figure or name, of a sentence with words of its own, and of one
        that took one of several figures. From another language there is only the model's own sentence.
        """
        if asks_yes_or_no(self._question, self._language) and passage.language == self._language:
            return on_one_line(quote.text)  # a small model says yes whatever the passage says
        fragment = is_fragment(text, self._language)
        if leads_to_list(text) and passage.language == self._language:
            return on_one_line(quote.text)  # with the list that the sentence only announces
        if passage.language != self._language:
            bare = wording.BARE_ANSWER[self._language].format(answer=text.rstrip(".。 "))
            return bare if fragment else text
        amounts = {figure.key for figure in quote.figures if figure.kind == "amount"}
        chosen = {figure.key for figure in find_figures(text, self._language) if figure.kind == "amount"}
        heading = passage.section.split(" › ")[-1]
        copied = "…" in text or " — " in text or (heading and text.startswith(heading))  # of the prompt, no sentence
        if fragment or copied or covered < _WELL_COVERED or (chosen and len(amounts) > len(chosen)):
            quoted = on_one_line(quote.text)
            return text if not fragment and len(quoted) < _SHORTEST_SHARE * len(text) else quoted
        return text


def cite(number: int, passage: Passage, quote: Quote) -> Citation:
    """The citation of a quoted span."""
    return Citation(
        number=number,
        passage_id=passage.passage_id,
        document_id=passage.document_id,
        title=passage.title,
        url=passage.url,
        date=passage.date,
        page=passage.page_at(quote.start),
        quote=quote.verbatim,
        start=quote.start,
        end=quote.end,
    )


def _evidence(quotes: Sequence[Quote], passages: Sequence[Passage]) -> list[Evidence]:
    """What is cited, by language."""
    found = []
    for language in dict.fromkeys(passage.language for passage in passages):
        own = [pair for pair in zip(quotes, passages, strict=True) if pair[1].language == language]
        texts = tuple(quote.text for quote, _ in own)
        found.append(Evidence(texts, tuple(heading_and_text(passage) for _, passage in own), language))
    return found


def _removed(draft: Draft, reason: str) -> Checked:
    return Checked(removed=Removed(draft.text, reason))
