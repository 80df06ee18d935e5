"""Step 9, the one repair: when no drafted claim survived, the best-fitting sentence of the context is quoted instead.

In the reader's language the quoted sentence itself is the claim. From another language it is translated by the model,
figures already in the reader's notation, and the translation goes through the same checks as any claim.
"""

import json

from assistant.asked import contains, states_absence, what_is_asked
from assistant.citation import Draft
from assistant.context import Context, for_reader
from assistant.extractive import quoted_claim
from assistant.generator import Generator
from assistant.quoting import SentenceIndex
from assistant.records import Claim
from assistant.subject import off_subject
from assistant.verification import Verifier
from prompts import load

_MARGIN = 0.06  # a sentence that is further below the closest one than this is no answer
_MARGIN_OF_KIND = 0.30  # the same where the question tells what an answer must contain, and the sentence does
_SCHEMA = {
    "type": "object",
    "properties": {"text": {"type": "string", "maxLength": 400}},
    "required": ["text"],
    "additionalProperties": False,
}


def repair(
    question: str,
    language: str,
    chosen: Context,
    sentences: SentenceIndex,
    verifier: Verifier,
    generator: Generator,
) -> Claim | None:
    """A supported claim from one sentence of the context, or None where none answers the question."""
    codes = {hit.passage.passage_id: code for code, hit in chosen.by_code.items()}
    asked = what_is_asked(question, language)
    ranked = sentences.ranked(question, language, list(chosen.by_code.values()))
    least = ranked[0].score - (_MARGIN_OF_KIND if asked.kind else _MARGIN) if ranked else 0.0
    for extract in ranked:
        passage = extract.hit.passage
        if extract.score < least:
            return None
        if states_absence(extract.sentence.text):
            return None
        if off_subject(question, language, [passage]):
            continue
        if not contains(asked, question, extract.sentence.text, language, passage.language):
            continue
        claim = quoted_claim(extract, 1)
        if passage.language != language:
            text = _translate(for_reader(claim.text, passage.language, language), language, generator)
            checked = verifier.check(Draft(text, (codes[passage.passage_id],))).claim if text else None
            if checked is None:
                return None  # one translation at most: each costs seconds
            claim = checked
        return claim
    return None


def _translate(sentence: str, language: str, generator: Generator) -> str:
    messages = load("translate", language).render(sentence=sentence)
    written = "".join(generator.stream(messages, schema=_SCHEMA, max_tokens=160, language=language))
    try:
        return str(json.loads(written)["text"]).strip()
    except (json.JSONDecodeError, KeyError, TypeError):
        return ""
