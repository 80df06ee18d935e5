"""Whether what the model tells from another language says what its source says; the model itself is asked.

Figures and names are checked by code before. Of the rest a small model writes nonsense now and then, which the
cosine of embeddings does not show; but it recognises most of it. It is asked whether source and claim say the same, in
both orders, and, where a probe judges well what answers, whether the claim still answers: a translation that lost the
point does not, and one that only repeats the question does not say what its source says. Of 48 sentences told from
other languages 20 were right and 19 wrong or nonsense; 14 of the right ones pass, and 4 of the wrong ones.
"""

from collections.abc import Mapping

from assistant import wording
from assistant.context import for_reader, without_markup
from assistant.generator import Generator
from assistant.probe import CHOOSE
from assistant.records import Claim
from assistant.yes_or_no import margins
from prompts import load

_LEAST_MARGIN = 0.7
_LEAST_REVERSED = 0.9  # the claim as the source, and the source as the claim
_LEAST_ANSWERING = 2.5  # of the claim, for a probe
_LONGEST_SOURCE = 500  # characters


def is_faithful(claim: Claim, question: str, language: str, foreign: Mapping[str, str], generator: Generator) -> bool:
    """Whether a claim says what its sources say; True where none is foreign, or the server does not tell.

    Args:
        claim: checked by code already.
        question: the stand-alone question.
        language: of the question and the claim.
        foreign: passages in another language: id → language.
        generator: the model server.

    Raises:
        RunError: the server does not answer.
    """
    if claim.text.startswith(wording.BARE_ANSWER[language].partition("{answer}")[0]):
        return True  # words of the source, checked as such
    read = [
        for_reader(citation.quote, foreign[citation.passage_id], language)
        for citation in claim.citations
        if citation.passage_id in foreign
    ]
    if not read:
        return True
    source, same = without_markup(" ".join(read))[:_LONGEST_SOURCE], load("same", language)
    asked = [(_LEAST_MARGIN, same.render(source=source, claim=claim.text))]
    asked.append((_LEAST_REVERSED, same.render(source=claim.text, claim=source)))
    if generator.probed:
        answering = load(CHOOSE, language).render(question=question, heading="", sentence=claim.text)
        asked.append((_LEAST_ANSWERING, answering))
    found = margins([messages for _, messages in asked], generator)
    return all(margin >= least for margin, (least, _) in zip(found, asked, strict=False))
