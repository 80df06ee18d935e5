"""Sentences that say nothing alone: "It received 7.4 billion." is quoted with the sentence that tells who "it" is.

Patterns, no model. A sentence too many does no harm, a quote about nobody does.
"""

import re

from assistant.names import groups_in

_REFERS_BACK = {
    "fr": re.compile(
        r"\s*(?:[-–—*•]\s*)?(?:(?:ils?|elles?|ce(?:ux|lles?|lui|lle)-(?:ci|là)|ces? derni(?:er|ère)s?"
        r"|ce(?:t|tte|s)?|c['’](?:est|était|étaient|sont|sera)|s(?:on|a|es)|leurs?)\b(?!-)"
        r"|(?:pour cette raison|d['’]où|de ce fait|par conséquent|en conséquence)\b"
        r"|l(?:e (?:groupe|fabricant|ministère|projet|programme)|a (?:société|firme|filiale|somme)"
        r"|['’](?:entreprise|opérateur|agence|accord|installation))\b(?! (?:de|du|des|d['’]|(?-i:[A-ZÀ-Þ«]))))",
        re.IGNORECASE,
    ),
    "en": re.compile(
        r"\s*(?:[-–—*•]\s*)?(?:(?:it|its|they|their|this|these|those|he|she|his|her|both)\b(?! of\b)"
        r"|(?:for (?:this|that|these) reasons?|that(?: is|['’]s| was) why|as a result|hence|consequently|therefore)\b"
        r"|the (?:latter|former|other|company|firm|group|maker|operator|agency|ministry|project|programme|program|site"
        r"|deal|order|sum|machine|system|two|three|four)\b(?! of\b|-| (?-i:[A-Z])))",
        re.IGNORECASE,
    ),
    "ja": re.compile(
        r"同(?:[社省庁氏院市県国者法]|大学|機構|事業|機|年|月|日)|(?:こ|そ)(?:の|れ|れら|こ)(?!ほか|他)|両[社者]"
    ),
}
_CAUSE_BEFORE = re.compile(  # names before it change nothing: "The plan was dropped for this reason"
    r"(?:こ|そ)の(?:反省|結果|ため|理由|経験|教訓|事態|影響|判断|方針)|(?:これ|それ)(?:を受け|により|による|が(?:原因|理由))"
)
_NAMED = re.compile(r"[A-Z][A-Za-z]+|[\u30a1-\u30fa\u30fc]{3,}|[\u4e00-\u9fff]{3,}(?=[はがのを、])")


def needs_antecedent(sentence: str, language: str) -> bool:
    """Whether a sentence refers to what stands before it, and names nothing itself before it does."""
    refers = _REFERS_BACK.get(language)
    if refers is None:
        return False
    if language != "ja":
        return refers.match(sentence) is not None
    if _CAUSE_BEFORE.search(sentence):
        return True
    match = refers.search(sentence)
    if match is None:
        return False
    lead = sentence[: match.start()]
    return _NAMED.search(lead) is None and not groups_in(lead)
