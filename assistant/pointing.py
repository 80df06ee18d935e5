"""The last resort for a sentence in another language: it is shown as it stands, its figures in the reader's notation.

A sentence that the model found to answer, but could not tell in the reader's language, is still evidence. The program
says so in its own words, claims nothing of its content, and leaves the reading to the person.
"""

from assistant import wording
from assistant.asked import what_is_asked
from assistant.extractive import quoted_whole
from assistant.figure_check import check_figures
from assistant.figure_rendering import rewrite_figure
from assistant.quoting import Quote, ScoredSentence, SentenceIndex
from assistant.records import Claim
from assistant.which_part import figures_asked

_MOST = 5  # figures
_SMALL = 12  # "Pier 1": a bare number that small is part of a name, or tells nothing


def pointer(item: ScoredSentence, question: str, language: str, sentences: SentenceIndex) -> Claim | None:
    """A claim that says no more than that its quote answers, and which figures stand in it.

    None where a figure or date is asked and the sentence has none of the kind: then it cannot answer.

    Args:
        item: a sentence in another language than the reader's.
        question: the stand-alone question.
        language: its language.
        sentences: those around it.
    """
    asked = what_is_asked(question, language)
    if asked.kind in ("figure", "date") and not figures_asked(
        item.sentence.text, item.hit.passage.language, asked, question, language
    ):
        return None
    [citation] = quoted_whole(item, 1, sentences, question).citations
    passage, sentence = item.hit.passage, item.sentence
    written_in = wording.LANGUAGE_NAMES[language][passage.language]
    told = [one for one in sentence.figures if one.kind != "ordinal" and (one.unit or one.value > _SMALL)]
    values = {one.key: " ".join(rewrite_figure(one, language).split()) for one in told}
    listed = wording.BETWEEN_VALUES[language].join(list(values.values())[:_MOST])
    quote = Quote(sentence.text, sentence.start, sentence.end, sentence.figures, 1.0, citation.quote)
    checked, wrong = check_figures(listed, language, [quote], [passage])
    shown = wording.POINTER_FIGURES[language].format(values=listed) if listed and not wrong else ""
    text = wording.POINTER[language].format(written_in=written_in, figures=shown)
    return Claim(text, "supported", checked if shown else (), (citation,))
