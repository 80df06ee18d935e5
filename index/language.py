"""Which of our three languages a text is written in, told from its script and its small words, without a model.

Japanese is told by its script. French and English share one, so function words, accents, elisions and a few typical
endings vote; names (SoftBank, KDDI) and numbers say nothing. It has to work on a question of three words.
"""

import re
from collections.abc import Iterable

LANGUAGES = ("fr", "en", "ja")
UNDETERMINED = "und"

_SAMPLE_CHARS = 20_000  # enough for any document, and constant time for long ones

_KANA = re.compile(r"[぀-ヿㇰ-ㇿｦ-ﾟ]")
_JAPANESE = re.compile(r"[぀-ヿㇰ-ㇿｦ-ﾟ㐀-䶿一-鿿\uf900-\ufaff々〆]")
_OTHER_SCRIPT = re.compile(r"[Ͱ-ϿЀ-ԯ֐-׿؀-ۿऀ-ॿ฀-๿가-힯]")
_SIMPLIFIED = frozenset(
    "这们吗说对时为发动话经现应门车见长马东问间个么样过还进关开电业产书买卖华义实际"
)  # not used in Japanese
_LATIN_LETTER = re.compile(r"[A-Za-zÀ-ÖØ-öø-ÿŒœŸ]")
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_ELISION = re.compile(r"^(?:l|d|qu|j|n|s|t|m|c|jusqu|lorsqu|puisqu|quoiqu)['’](?=[^\W\d_]{2,})")
_ENGLISH_CONTRACTION = re.compile(r"(?:n['’]t|['’](?:s|re|ve|ll|d|m))$")
_ENDS_IN_HIRAGANA = re.compile(r"[ぁ-ん][。？?！!\s]*$")  # a Japanese sentence around a Latin name or title
_SHORT_CHARS = 300
_JAPANESE_SHARE = 0.6
_JAPANESE_CHAR_WEIGHT = 2.5  # one Japanese character carries about as much as 2.5 Latin letters


def _words(listed: str) -> frozenset[str]:
    return frozenset(listed.split())


# Words that stand in both languages with similar frequency (on, plan, date, six) are left out.
_FRENCH = _words(
    """le la les un une des du de et est en dans que qui quoi quel quelle quels quelles combien pourquoi comment où
    quand pour par sur avec au aux ce cet cette ces son sa ses leur leurs mon ma mes notre nos votre vos il elle ils
    elles nous vous je tu lui eux y ne pas plus moins ou mais donc car si sont était étaient été être avoir ont avait
    avaient eu fait faire fut sera seront peut peuvent doit doivent sous entre vers chez sans depuis pendant avant
    après selon contre dont lequel laquelle lesquels ceux celui celle afin ainsi aussi très bien tout tous toute
    toutes autre autres même quelque quelques chaque aucun aucune leur ça cela ceci voici qui-est qu quelqu lors dès
    déjà encore jamais toujours souvent ici là oui non merci bonjour deux trois quatre cinq sept huit neuf dix cent
    mille milliards milliard yens entreprise entreprises société sociétés gouvernement ministère ministre loi lois
    japon japonais japonaise pays année années mois jour subvention subventions montant montants aide aides soutien
    calcul souveraine souverain données quelles usine usines nombre date-limite liste définition signifie veut dire
    résumé résume expliquez explique donne donnez parle parlez compare comparez prix coût coûts fournisseur
    fournisseurs accordée accordé annoncée annoncé investissement investissements premier première qui économie
    intelligence-artificielle nuage informatique puce puces calendrier rôle but objectif objectifs rang mondial
    mondiale classement puissance superficie janvier février fevrier avril juin juillet août aout septembre octobre
    novembre décembre decembre"""
)
_ENGLISH = _words(
    """the an of and is are was were be been being in that which who whom whose what when where why how many much to for
    by with from at this these those it its his her their my your our he she they we you i me him them us not no than
    or but if as into about over under between during before after since until does do did doing done has have had
    having will would shall should can could may might must there here any some all each every both few more most
    other such only own same so too very just also then now out up down off again once because while against through
    according tell explain give list compare summarize summarise please define describe show find says said say yes
    hello thanks government ministry minister prime law company companies billion billions yen subsidy subsidies
    amount grant grants cost price investment announced awarded received funding provider providers factory factories
    year years month day country first second third number two three four five six seven eight nine ten hundred
    thousand certified timeline meaning difference role purpose goal goals does chips computing sovereign cloud
    supercomputer budget japanese deadline share data rank ranking worldwide january february april june july august
    september october november december"""
)
_FRENCH_ENDING = re.compile(
    r"(?:euse|eux|aire|aires|ique|iques|ité|ités|ière|ières|ment|elle|elles|eau|eaux|oir|ois|aise|ette|ées?|és?|age|ages)$"
)
_ENGLISH_ENDING = re.compile(r"(?:ing|ness|ship|ly|ful|ght|th|ow|ways?|ck|ity|ies|ary|ist|ists|ed)$|^(?:wh|kn|sh|th)")
_FRENCH_LETTER = re.compile(r"[àâçèêëîïôùûœæ]")


def detect_language(text: str) -> str:
    """Tell the language of a question or a document.

    Returns:
        "fr", "en", "ja", or "und" where nothing speaks for one of the three.
    """
    sample = text[:_SAMPLE_CHARS]
    japanese = len(_JAPANESE.findall(sample))
    other = len(_OTHER_SCRIPT.findall(sample))
    letters = len(_LATIN_LETTER.findall(sample))
    if other > letters and other > japanese:
        return UNDETERMINED
    if japanese and not _KANA.search(sample) and not _SIMPLIFIED.isdisjoint(sample):
        return UNDETERMINED  # Chinese
    latin = _latin_language(_WORD.findall(sample))
    weight = japanese * _JAPANESE_CHAR_WEIGHT
    if japanese and (
        latin == UNDETERMINED  # beside names, one kana is enough
        or weight >= _JAPANESE_SHARE * (weight + letters)
        or (len(sample) < _SHORT_CHARS and _ENDS_IN_HIRAGANA.search(sample))
    ):
        return "ja"
    return latin


def _latin_language(words: Iterable[str]) -> str:
    french = english = 0.0
    for written in words:
        word = written.lower()
        if _ELISION.match(word):
            french += 2
            word = _ELISION.sub("", word)
        elif _ENGLISH_CONTRACTION.search(word):
            english += 2
            continue
        if word in _FRENCH:
            french += 2
        if word in _ENGLISH:
            english += 2
        if _FRENCH_LETTER.search(word):
            french += 1
        elif "é" in word:
            french += 0.5
        if written[:1].islower() and len(word) > 4:  # endings of names say nothing
            french += 0.5 * bool(_FRENCH_ENDING.search(word))
            english += 0.5 * bool(_ENGLISH_ENDING.search(word))
    if french == english:
        return UNDETERMINED
    return "fr" if french > english else "en"
