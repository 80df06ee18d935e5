"""Whether a question asks why, and whether a sentence gives a reason. Patterns, no model.

A reason often stands beside what it explains: "The listing was called off. The banks had lost interest." The model
then finds the first sentence, and only both together answer.
"""

import re
from collections.abc import Mapping, Sequence

_WHY = {
    "fr": (r"pourquoi|raisons?|causes?|à quoi (?:est|sont|tient)|qu['’]est-ce qui",),
    "en": (r"why|reasons?|caused?|causes|how come", r"what (?:led|made|makes|was behind|explains)"),
    "ja": ("なぜ|何故|どうして|理由|原因|わけは|背景は|何のため",),
}
_REASON = {
    "fr": (
        r"car|puisque?|parce qu\w*|en raison|à cause|faute d\w*|afin|pour (?:que|ne|\w+[ei]r)|grâce",
        r"s['’]expli\w+|tien(?:t|nent) (?:à|au)|prov(?:ien|en|oqu)\w+|attribu\w+|raisons?|causes?|dus?|dues?",
        r"résult\w+|(?:à la )?suite (?:à|d\w*)|compte tenu|sous l['’]effet|entraîn\w+|motif\w*|craign\w+|étant donné",
    ),
    "en": (
        r"because|due to|owing to|since|so (?:that|as)|in order|to avoid|attribut\w+|blam\w+|reasons?|caus\w+",
        r"results? of|resulted from|thanks to|as a result|led to|driven by|fear\w*|prompted|explain\w*|given that",
        "in response to",
    ),
    "ja": ("ため|から(?:だ|で|、|。)|ので|理由|原因|により|による|影響|受けて|結果|背景|せい|おかげ|ことから|とみて",),
}


def asks_why(question: str, language: str) -> bool:
    """Whether a question asks for a reason."""
    return _finds(_WHY, language, question)


def gives_reason(sentence: str, language: str) -> bool:
    """Whether a sentence says of something why it is so; what stands there without such a word may do so, too."""
    return _finds(_REASON, language, sentence)


def _finds(patterns: Mapping[str, Sequence[str]], language: str, text: str) -> bool:
    joined = "|".join(patterns.get(language, ()))
    pattern = joined if language == "ja" else rf"\b(?:{joined})\b"
    return bool(joined) and re.search(pattern, text, re.IGNORECASE) is not None
