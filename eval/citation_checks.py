"""What can be checked of the citations of an answer without a model. Each check gives 0 to 1, or None.

A sentence is borne out by quotes when each figure in it agrees with one of theirs (dates also with the passage around
the quote) and each known name in it stands in a quote, its passage or its title, in any script. Recall and precision
follow Gao et al., "Enabling Large Language Models to Generate Text with Citations" (EMNLP 2023), with this check in
place of an entailment model; the numbers are therefore not comparable with published ones.
"""

from collections.abc import Callable, Sequence

from assistant.figures import Figure, compare
from assistant.names import missing_names
from assistant.records import Citation, Claim
from eval.case import Case
from index.table_rows import readable

_BORNE = frozenset({"exact", "rounds to", "derived"})


def hit(case: Case) -> float | None:
    """Whether a cited document is one of those that answer the question."""
    relevant = case.question.relevant_document_ids
    return float(any(citation.document_id in relevant for citation in case.citations)) if relevant else None


def gold_quote(case: Case) -> float | None:
    """Whether a quote overlaps the evidence sentence of its document, or contains an accepted answer."""
    if not case.question.answerable:
        return None
    return float(any(_overlaps(case, citation) or _holds_answer(case, citation) for citation in case.citations))


def verbatim(case: Case) -> float | None:
    """Share of the citations whose quote is `document.text[start:end]`."""
    if not case.citations:
        return None
    return sum(is_verbatim(case, citation) for citation in case.citations) / len(case.citations)


def is_verbatim(case: Case, citation: Citation) -> bool:
    """Whether the quote stands where the citation says, character for character."""
    document = case.library.get(citation.document_id)
    if document is None or not citation.quote:
        return False
    return 0 <= citation.start < citation.end and document.text[citation.start : citation.end] == citation.quote


def cited(case: Case) -> float | None:
    """Share of the sentences with at least one citation."""
    return _share(case, lambda claim: bool(claim.citations))


def supported(case: Case) -> float | None:
    """Share of the sentences that the assistant itself found supported."""
    return _share(case, lambda claim: claim.support == "supported")


def recall(case: Case) -> float | None:
    """Share of the sentences that their citations together bear out."""
    return _share(case, lambda claim: borne_out(case, claim, claim.citations))


def precision(case: Case) -> float | None:
    """Share of the citations that are needed: alone they bear the sentence out, or without them the others do not."""
    needed: list[bool] = []
    for claim in case.answer.claims:
        whole = borne_out(case, claim, claim.citations)
        for citation in claim.citations:
            others = [other for other in claim.citations if other is not citation]
            alone = borne_out(case, claim, [citation])
            needed.append(alone or (whole and not borne_out(case, claim, others)))
    return sum(needed) / len(needed) if needed else None


def wrong_figure(case: Case) -> float | None:
    """Whether a sentence shows a figure that its quotes do not bear out, by its own record or by ours."""
    return float(any(wrong_figures(case, claim) for claim in case.answer.claims))


def wrong_figures(case: Case, claim: Claim) -> list[str]:
    """The figures of a sentence that its citations do not bear out."""
    by_record = [figure.text for figure in claim.figures if figure.verdict not in _BORNE]
    by_us = _unborne(case, claim, claim.citations)
    return list(dict.fromkeys([*by_record, *by_us]))


def borne_out(case: Case, claim: Claim, citations: Sequence[Citation]) -> bool:
    """Whether these citations together bear a sentence out; none bear nothing out."""
    if not citations:
        return False
    texts = [f"{_around(case, citation)}\n{readable(citation.quote)}" for citation in citations]
    return not _unborne(case, claim, citations) and not missing_names(claim.text, texts)


def _unborne(case: Case, claim: Claim, citations: Sequence[Citation]) -> list[str]:
    quoted: list[Figure] = []
    around: list[Figure] = []
    for citation in citations:
        language = _language(case, citation)
        quoted += case.library.figures(readable(citation.quote), language)
        around += case.library.figures(f"{_around(case, citation)}\n{citation.date}", language)
    wrong = []
    for figure in case.library.figures(claim.text, case.language_of(claim.text)):
        evidence = quoted + around if figure.is_date else quoted
        if figure.kind != "ordinal" and not compare(figure, evidence).supported:
            wrong.append(figure.text)
    return wrong


def _around(case: Case, citation: Citation) -> str:
    """The title, the headings above a quote, and the passage that it was taken from."""
    document = case.library.get(citation.document_id)
    above = document.text[: citation.start].split("\n") if document is not None else []
    headings = [line for line in above if line.startswith("#")]
    passage = next((hit.text for hit in case.answer.passages if hit.passage_id == citation.passage_id), "")
    return "\n".join([citation.title, *headings, passage])


def _language(case: Case, citation: Citation) -> str:
    document = case.library.get(citation.document_id)
    return document.language if document is not None else case.question.lang


def _overlaps(case: Case, citation: Citation) -> bool:
    document = case.library.get(citation.document_id)
    if document is None:
        return False
    for evidence in case.question.evidence:
        start = document.text.find(evidence.text) if evidence.document_id == citation.document_id else -1
        if start >= 0 and start < citation.end and citation.start < start + len(evidence.text):
            return True
    return False


def _holds_answer(case: Case, citation: Citation) -> bool:
    return bool(case.accepted.found_in(readable(citation.quote), _language(case, citation)))


def _share(case: Case, check: Callable[[Claim], bool]) -> float | None:
    claims = case.answer.claims
    return sum(check(claim) for claim in claims) / len(claims) if claims else None
