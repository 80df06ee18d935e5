"""Steps 5 and 10: when to say nothing. Before the model runs, from what was retrieved; after, from what was asked.

What was asked is read from the question (`asked`), and so is what it is about (`subject`); an answer must contain the
one and be about the other.
"""

from collections.abc import Sequence

from assistant.asked import contains, states_absence, what_is_asked
from assistant.config import AssistantConfig
from assistant.names import groups_in
from assistant.quoting import ScoredSentence
from assistant.records import Claim
from assistant.subject import PRODUCT, heading_and_text, off_subject, unknown_names
from assistant.words import content_words, fold, share_of
from index.records import RetrievedPassage

_CLOSEST = 6  # sentences looked at for one that says that the answer is not known
_MARGIN = 0.1  # below the closest one
_SHARED_WORDS = 2  # content words that it shares with the question, in the same language


def before_generation(
    question: str,
    language: str,
    passages: Sequence[RetrievedPassage],
    *,
    least_dense_score: float,
    least_lexical_share: float,
) -> str:
    """The reason to stop before a model call, or "".

    "nothing relevant": no passage is close to the question, in meaning or in words. "not in the documents": a company,
    person or product that the question names stands in none of the passages.
    """
    texts = [heading_and_text(hit.passage) for hit in passages]
    close = any((hit.dense_score or 0.0) >= least_dense_score for hit in passages)
    if not passages or not (close or _share_of_words(question, language, texts) >= least_lexical_share):
        return "nothing relevant"
    mentioned = {group for text in texts for group in groups_in(text)}
    named = {group for group in groups_in(question) if group.kind in ("company", "person")}
    products = {match.group() for match in PRODUCT.finditer(question)}
    if named - mentioned or any(not any(product in text for text in texts) for product in products):
        return "not in the documents"
    return ""


def _share_of_words(question: str, language: str, texts: Sequence[str]) -> float:
    """The largest share of the question's content words in one text."""
    words = content_words(question, language)
    return max((share_of(words, content_words(text, language)) for text in texts), default=0.0)


def least_margin(config: AssistantConfig, language: str, written_in: str, *, probed: bool = False) -> float:
    """The least margin (`assistant.choosing`) of the best sentence: below it the model doubts that the answer is there.

    The thresholds were fitted for the default model, for each language of the question by itself, and for sentences
    `written_in` another one. A probe needs one for each of both cases.
    """
    if probed:
        return config.least_logit if written_in == language else config.least_logit_abroad
    if written_in != language:
        return config.least_margin_abroad
    return {"fr": config.least_margin_fr, "en": config.least_margin_en, "ja": config.least_margin_ja}[language]


def stated_absence(question: str, language: str, ranked: Sequence[ScoredSentence]) -> ScoredSentence | None:
    """A sentence close to the question that says that the answer is not known, or None.

    It must be among the closest, share words with the question, and not hold what is asked after all.
    """
    asked, words = what_is_asked(question, language), content_words(question, language)
    names = unknown_names(question) | {fold(form) for group in groups_in(question) for form in group.forms}
    words = words - content_words(" ".join(names), language)  # what is known of the same company is another matter
    for item in ranked[:_CLOSEST]:
        sentence, passage = item.sentence, item.hit.passage
        if item.score < ranked[0].score - _MARGIN:
            break
        if not states_absence(sentence.text) or off_subject(question, language, [passage]):
            continue
        if passage.language == language and len(words & sentence.words) < _SHARED_WORDS:
            continue
        if asked.kind in ("figure", "date") and contains(asked, question, sentence.text, language, passage.language):
            continue
        return item
    return None


def after_verification(question: str, language: str, claims: Sequence[Claim]) -> str:
    """The reason to abstain although claims are supported, or "": together they lack what was asked."""
    text = " ".join(claim.text for claim in claims)
    asked = what_is_asked(question, language)
    return "" if contains(asked, question, text, language) else "not in the documents"
