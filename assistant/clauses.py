"""A sentence that sets several facts side by side → its clauses."""

import re

from assistant.figures import find_figures

_BETWEEN = {
    "fr": r",? (?:tandis qu(?:e |['’])|alors qu(?:e |['’])|contre |mais |et )|; ?",
    "en": r",? (?:while |whereas |against |compared (?:with|to) |but |and )|; ?",
    "ja": r"(?:の|である|だ)?のに対し(?:て)?、?|、?一方(?:で)?、|(?<=[るたいだ])が、|、(?=[^、]*は)",
}


def split_clauses(text: str, language: str) -> list[str]:
    """The clauses of a sentence, where each holds a figure of its own; else the whole sentence.

    Args:
        text: one sentence.
        language: "fr", "en" or "ja".
    """
    parts = [part.strip(" ,、。.") for part in re.split(_BETWEEN[language], text)]
    clauses = [part for part in parts if part]
    if len(clauses) > 1 and all(find_figures(clause, language) for clause in clauses):
        return clauses
    return [text]
