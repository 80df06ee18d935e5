"""How much nearer a question looks to texts in its own language than to texts in another, about whatever subject.

Multilingual embedding models keep the language of a text in its vector ("self language bias": Yang, Yang, Cer, Law,
Darve 2021, EMNLP), so that in a mixed collection the passage which holds the answer ranks below any in the language of
the question. The bias is nearly the same for every pair of texts; it is given back to the scores before languages are
ranked against each other. A collection of one language is not touched.
"""

from collections.abc import Mapping
from dataclasses import dataclass

_SHARE = 0.9  # of the bias: all of it, and more foreign passages would displace those of the question's language
_SHARE_OF_TRANSLATED = 0.3  # the same where the question's language has the document, too


@dataclass(frozen=True, slots=True)
class Returned:
    """What is added to the cosine of a passage, and to its score of late interaction."""

    cosine: float = 0.0
    rerank: float = 0.0


@dataclass(frozen=True, slots=True)
class LanguageOffsets:
    """The bias against passages of each language; a language that is not named has none."""

    bias: Mapping[str, Returned]

    def __bool__(self) -> bool:
        return bool(self.bias)

    def of(self, language: str, *, translated: bool) -> Returned:
        """What a passage of a language gets back.

        Args:
            language: of the passage.
            translated: whether the document exists in the language of the question, too.
        """
        bias = self.bias.get(language, NOTHING)
        share = _SHARE_OF_TRANSLATED if translated else _SHARE
        return Returned(share * bias.cosine, share * bias.rerank)


NOTHING = Returned()

# Mean score of a question with all passages of its own language, minus that with all passages of the other: the
# shipped documents, which say the same in three languages, and the dev questions.
_MEASURED: Mapping[str, Mapping[str, LanguageOffsets]] = {
    "multilingual-e5-small": {
        "fr": LanguageOffsets({"en": Returned(0.0270, 0.0524), "ja": Returned(0.0380, 0.0721)}),
        "en": LanguageOffsets({"fr": Returned(0.0273, 0.0477), "ja": Returned(0.0361, 0.0583)}),
        "ja": LanguageOffsets({"fr": Returned(0.0323, 0.0908), "en": Returned(0.0296, 0.0770)}),
    }
}


def offsets_for(embedder: str, query_language: str) -> LanguageOffsets:
    """The offsets of an embedding model, by its identity; none where they were not measured.

    Args:
        embedder: name with revision or digest, such as "multilingual-e5-small@sha256:1571fc982750".
        query_language: "fr", "en" or "ja"; others get none, and "" is for a collection without foreign passages.
    """
    name = embedder.split("@")[0].rsplit("/", 1)[-1]
    return _MEASURED.get(name, {}).get(query_language, LanguageOffsets({}))
