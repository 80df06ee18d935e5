"""One question of report.html: what was asked for on the left, what was answered on the right."""

import html
from collections.abc import Sequence

from assistant.records import Citation, Claim
from eval.case import Case, Library
from eval.citation_checks import is_verbatim, wrong_figures
from eval.grading import Grade

FAULTS = ("wrong figure", "not verbatim", "no citation", "other document", "other language", "extract")
_PASSAGES_SHOWN = 5
_TOKENS = {"prompt": "prompt tokens", "cached": "of them cached", "answer": "answer tokens"}


def faults(grade: Grade, library: Library) -> tuple[str, ...]:
    """What is wrong with an answer beside its outcome; see `FAULTS`."""
    if not grade.answer.answered:
        return ()
    case = Case(grade.question, grade.answer, library)
    found = {
        "wrong figure": any(wrong_figures(case, claim) for claim in grade.answer.claims),
        "not verbatim": any(not is_verbatim(case, citation) for citation in case.citations),
        "no citation": grade.values.get("cited", 1.0) < 1.0,
        "other document": grade.values.get("citation_hit") == 0.0,
        "other language": grade.values.get("language") == 0.0,
        "extract": grade.answer.extractive,
    }
    return tuple(name for name in FAULTS if found[name])


def card(grade: Grade, found: Sequence[str], library: Library) -> str:
    """The whole card. Everything that comes from files or models is escaped."""
    question = grade.question
    case = Case(question, grade.answer, library)
    attributes = {
        "lang": question.lang,
        "kind": question.kind,
        "outcome": grade.outcome,
        "flag": "|".join(found),
    }
    data = " ".join(f'data-{name}="{html.escape(value)}"' for name, value in attributes.items())
    flags = "".join(f' <span class="flag wrong">{name}</span>' for name in found if name != "extract")
    return (
        f'<details class="case" {data}><summary><span class="outcome {grade.outcome.replace(" ", "-")}">{grade.outcome}'
        f"</span><span>{html.escape(question.question)}{flags}</span>"
        f'<span class="id">{html.escape(question.id)} · {html.escape(question.kind)}</span></summary>'
        f'<div class="sides"><div>{_wanted(case)}</div><div>{_given(grade, case)}</div></div></details>'
    )


def _wanted(case: Case) -> str:
    question = case.question
    parts = []
    if question.history:
        turns = "".join(f"<li><b>{turn.role}</b>: {html.escape(turn.content)}</li>" for turn in question.history)
        parts.append(f"<h4>Earlier turns</h4><ul>{turns}</ul>")
    if question.answerable:
        aliases = " · ".join(html.escape(alias) for alias in question.answer_aliases)
        parts.append(f"<h4>Reference answer</h4><p><b>{html.escape(question.answer)}</b></p>")
        parts.append(f"<h4>Also accepted</h4><p>{aliases}</p>" if aliases else "")
    else:
        parts.append("<h4>Reference answer</h4><p>none: the documents do not answer it</p>")
    for evidence in question.evidence:
        quoted = f"<blockquote>{html.escape(evidence.text)}</blockquote>"
        parts.append(f"<h4>Evidence in {html.escape(evidence.document_id)}</h4>{quoted}")
    if question.relevant_document_ids:
        parts.append(f"<h4>Relevant documents</h4><p>{html.escape(', '.join(question.relevant_document_ids))}</p>")
    return "".join(parts)


def _given(grade: Grade, case: Case) -> str:
    answer = grade.answer
    if answer.failure:
        return f"<h4>The assistant broke</h4><p>{html.escape(answer.failure)}</p>"
    parts = []
    if answer.standalone_question != answer.question:
        parts.append(f"<h4>Asked as</h4><p>{html.escape(answer.standalone_question)}</p>")
    if answer.answered:
        parts.append("<h4>Answer</h4>" + "".join(_claim(claim, case) for claim in answer.claims))
        if grade.right_wording:
            parts.append(f"<h4>Accepted because of</h4><p>{html.escape(grade.right_wording)}</p>")
    else:
        parts.append(f"<h4>Refused: {html.escape(answer.abstention_reason)}</h4><p>{html.escape(answer.text)}</p>")
    if answer.removed:
        items = "".join(
            f'<li><span class="gone">{html.escape(item.text)}</span> {html.escape(item.reason)}</li>'
            for item in answer.removed
        )
        parts.append(f"<h4>Removed by the check</h4><ul>{items}</ul>")
    relevant = case.question.relevant_document_ids
    hits = "".join(
        f"<li>{'<mark>' if hit.document_id in relevant else ''}{html.escape(hit.document_id)}"
        f"{'</mark>' if hit.document_id in relevant else ''} {html.escape(hit.title)}"
        f"{'' if hit.dense_score is None else f' · {hit.dense_score:.3f}'}</li>"
        for hit in answer.passages[:_PASSAGES_SHOWN]
    )
    parts.append(f"<h4>Retrieved (relevant ones marked)</h4><ul>{hits}</ul>" if hits else "")
    parts.append(f"<h4>Took</h4><p>{html.escape(_took(grade))}</p>")
    return "".join(parts)


def _took(grade: Grade) -> str:
    if "total_s" in grade.unscored:
        return f"not measured ({grade.unscored['total_s']})"
    seconds = [f"{stage.replace('_', ' ')} {taken:.2f} s" for stage, taken in grade.answer.timings_s.items()]
    tokens = [f"{count} {_TOKENS.get(name, name)}" for name, count in grade.answer.tokens.items()]
    return ", ".join([*seconds, *tokens])


def _claim(claim: Claim, case: Case) -> str:
    wrong = wrong_figures(case, claim)
    marks = "".join(f"[{citation.number}]" for citation in claim.citations)
    verdicts = [claim.support, *(f"{figure.text}: {figure.verdict}" for figure in claim.figures)]
    verdicts += [f"not borne out: {text}" for text in wrong]
    return f"<p>{html.escape(claim.text)} {marks} <small>({html.escape(', '.join(verdicts))})</small></p>" + "".join(
        _citation(citation, case) for citation in claim.citations
    )


def _citation(citation: Citation, case: Case) -> str:
    where = f"{citation.document_id}, {citation.start}:{citation.end}"
    doubt = "" if is_verbatim(case, citation) else ' <span class="flag wrong">not verbatim</span>'
    return (
        f"<blockquote>{html.escape(citation.quote)}<br><small>[{citation.number}] {html.escape(where)}</small>{doubt}"
        "</blockquote>"
    )
