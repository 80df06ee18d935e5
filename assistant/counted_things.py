"""The things that texts count: nouns and Japanese counters, to one canonical noun each."""

import re

_NOUNS = {
    "GPU": "gpu gpus chip chips puce puces processeurs superchips superpuces accelerators accélérateurs",
    "node": "nodes nœuds noeuds nœud", "server": "servers serveurs serveur", "system": "systems systèmes système",
    "robot": "robots", "core": "cores cœurs coeurs",
    "company": "companies firms enterprises corporations businesses providers operators suppliers entreprises"
    " sociétés fournisseurs"
    " opérateurs prestataires compagnies entreprise société",
    "startup": "startups start-ups jeunes-pousses", "partner": "partners partenaires",
    "person": "people persons employees officials students engineers researchers staff workers personnes salariés"
    " employés agents"
    " étudiants ingénieurs chercheurs collaborateurs fonctionnaires habitants",
    "site": "sites places locations emplacements lieux", "centre": "centres centers",
    "country": "countries pays nations",
    "building": "buildings bâtiments", "university": "universities universités", "language": "languages langues",
    "parameter": "parameters parameter paramètres paramètre params", "token": "tokens token jetons", "qubit": "qubits",
    "item": "items projects plans cases proposals projets dossiers cas objets éléments",
    "station": "stations", "storey": "storeys stories étages", "expert": "experts", "layer": "layers couches",
    "article": "articles", "chapter": "chapters chapitres", "page": "pages", "word": "words mots",
    "character": "characters caractères",
    "experiment": "experiments expériences",
    "year": "years ans années", "month": "months mois", "day": "days jours", "week": "weeks semaines",
}  # fmt: skip
NOUNS = {word: unit for unit, words in _NOUNS.items() for word in words.split()}
DURATIONS = {"year": ("year", 1), "month": ("month", 1), "day": ("day", 1), "week": ("day", 7)}
DEVICES = frozenset({"GPU", "node", "server", "system", "robot", "device"})
GENERIC = frozenset({"", "item"})

_COUNTERS = [
    ("社", "company", "会員長内債是屋説史宅"), ("人", "person", "工口材間気類権事体格"), ("名", "person",
    "称前刺目"), ("件", "item", "数"), ("個",
    "item", "人別"),
    ("つ", "item", ""), ("項目", "item", ""), ("案件", "item", ""), ("台", "device", "湾風数"), ("基", "device",
    "本盤づ準礎地幹"),
    ("枚", "device", "目"),
    ("ラック", "rack", ""), ("拠点", "site", ""), ("か所", "site", ""), ("カ所", "site", ""), ("ヶ所", "site", ""),
    ("ヵ所",
    "site", ""), ("箇所", "site", ""),
    ("か国", "country", ""), ("カ国", "country", ""), ("ヶ国", "country", ""), ("ヵ国", "country", ""), ("校",
    "school", "舎"),
    ("棟", "building", ""),
    ("局", "station", "面"), ("回", "occurrence", "線路"), ("階建て", "storey", ""), ("階建", "storey", ""), ("種類",
    "item",
    ""), ("分野", "field", ""),
    ("言語", "language", ""), ("ノード", "node", ""), ("システム", "system", ""),
    ("サーバー", "server", ""), ("サーバ", "server", ""),
    ("パラメーター",
    "parameter", ""),
    ("パラメータ", "parameter", ""), ("トークン", "token", ""), ("コア", "core", ""), ("大学", "university", ""),
    ("機関",
    "organisation", ""),
    ("団体", "organisation", ""), ("量子ビット", "qubit", ""), ("文字", "character", ""), ("ページ", "page", ""), ("条",
    "article", "件約例"), ("章", "chapter", ""),
    ("層", "layer", ""), ("世帯", "household", ""), ("都市", "city", ""), ("企業", "company", ""),
    ("事業者",
    "company", ""),
]  # fmt: skip
_COUNTER_OF = {word: unit for word, unit, _ in _COUNTERS}
_COUNTER = re.compile(
    r"[ \u00a0]?("
    + "|".join(
        word + (f"(?![{never}])" if never else "") for word, _, never in sorted(_COUNTERS, key=lambda c: -len(c[0]))
    )
    + ")"
)
_JAPANESE_NOUNS = [
    ("GPU", "GPU"), ("サーバー", "server"), ("サーバ", "server"), ("ノード", "node"), ("システム", "system"),
    ("ロボット", "robot"),
    ("半導体", "GPU"), ("企業",
    "company"),
    ("事業者", "company"), ("拠点", "site"), ("国", "country"), ("大学", "university"), ("言語", "language"),
    ("分野", "field"),
    ("会社", "company"),
]  # fmt: skip
_OF = re.compile(r"[^、。,.]{0,14}?(" + "|".join(word for word, _ in _JAPANESE_NOUNS) + ")")
_CHIP = r"(?:RTX )?(?:[ABHPV]\d{2,4}|(?:GB|GH)\d{3})s?(?![A-Za-z0-9])"
PRODUCT = re.compile(_CHIP)
CHIPS_AFTER_TIMES = re.compile(r"[ \u00a0]?[x×](?=[ \u00a0]?(?:NVIDIA )?" + _CHIP + ")")
_CHIP_BEFORE = re.compile(_CHIP + r"[^0-9、。]{0,8}$")
_BEFORE = re.compile(r"(?<![0-9])(GPU|サーバー?|ノード|システム|ロボット)[^0-9、。]{0,12}$")
_LINK = re.compile(r"の|を超える|以上の|超の")
_PRODUCT_AFTER = re.compile(r"(?:[ \u00a0]?[x×])?[ \u00a0]?(?:NVIDIA[ \u00a0])?" + PRODUCT.pattern)
_TIGHT_GPU = re.compile(r"[ \u00a0]?GPUs?(?![A-Za-z]|[ \u00a0](?:servers?|nodes?|systems?|clusters?|instances?)\b)")
_OR_MORE = re.compile(r"[ \u00a0](?:or more|ou plus)(?=[ \u00a0])")
_GPU_MACHINE = re.compile(r"GPU[ \u00a0](?:servers|nodes|systems|clusters|instances)\b")
_TAIL = re.compile(r"[ \u00a0-]([A-Za-zÀ-ÿŒœ][\w'À-ÿŒœ-]*)")
_STOP = frozenset(
    [
        "the",
        "of",
        "to",
        "in",
        "and",
        "for",
        "with",
        "at",
        "by",
        "from",
        "a",
        "an",
        "on",
        "per",
        "or",
        "as",
        "is",
        "are",
        "was",
        "were",
        "be",
        "than",
        "that",
        "which",
        "who",
        "it",
        "its",
        "this",
        "these",
        "each",
        "le",
        "la",
        "les",
        "du",
        "des",
        "au",
        "aux",
        "en",
        "par",
        "pour",
        "avec",
        "et",
        "ou",
        "sur",
        "dans",
        "un",
        "une",
        "qui",
        "que",
        "est",
        "sont",
        "a",
        "ont",
        "ce",
        "cette",
        "ces",
        "soit",
        "dont",
        "chacun",
        "but",
        "so",
        "if",
        "while",
        "when",
        "under",
        "over",
        "into",
        "between",
        "within",
        "during",
        "since",
        "until",
        "after",
        "before",
        "not",
        "only",
        "more",
        "had",
        "has",
        "have",
        "worth",
        "out",
        "yen",
        "dollars",
        "euros",
    ]
)
_NOT_PLURAL = re.compile(
    r"(?:ss|us|is|ous|'s)$|^(?:was|has|does|plus|sous|dans|sans|vers|depuis|dès|puis|pas|très|mars|previous|les|des"
    r"|ses|nos)$",
    re.IGNORECASE,
)


def read_counter(text: str, start: int, pos: int) -> tuple[int, str] | None:
    """Read a Japanese counter, or "GPU", at `pos` after a number that begins at `start`; a noun near the counter wins.

    2000基のGPU and GPU2000基 count GPUs; 2000基 alone counts devices.
    """
    match = _TIGHT_GPU.match(text, pos)
    if match:
        return match.end(), "GPU"
    match = _COUNTER.match(text, pos)
    if match is None:
        return None
    unit, end = _COUNTER_OF[match[1]], match.end()
    if unit in ("device", "item"):
        link = _LINK.match(text, end)
        of = _OF.match(text, link.end()) if link else None
        around = text[max(0, start - 20) : start]
        before = _BEFORE.search(around)
        if unit == "device" and not of and (_CHIP_BEFORE.search(around) or (link and PRODUCT.match(text, link.end()))):
            return end, "GPU"
        if of and link and of.start(1) == link.end() and text[end] == "の":
            end = of.end()  # 2000基のGPU is one figure
        word = of[1] if of else before[1] if before and unit == "device" else None
        unit = next((noun for name, noun in _JAPANESE_NOUNS if word and word.startswith(name)), unit)
    return end, unit


def read_noun(text: str, pos: int, language: str, *, of: bool) -> tuple[int | None, str] | None:
    """Find what a number counts in the four words after `pos`: (end of the noun if it follows directly, unit).

    The unit is "" for a plural that is not in the table; None if nothing is counted. `of` tells that "de" may
    follow, as after "millions".
    """
    product = _PRODUCT_AFTER.match(text, pos)
    more = _OR_MORE.match(text, pos)
    pos = more.end() if more else pos
    at, first, plural = pos, True, False
    for _ in range(5):
        match = _TAIL.match(text, at)
        if match is None:
            break
        word = match[1].lower()
        if word in ("de", "d'", "of") and first and of:
            at, of = match.end(), False
            continue
        if word[:2] in ("d'", "l'"):
            if not (first and (of or word[:2] == "d'")):
                break
            word = word[2:]
        if word in _STOP or word == "de":
            break
        known = "" if _GPU_MACHINE.match(text, match.start(1)) else NOUNS.get(word) or NOUNS.get(word.split("-")[0])
        if text[at] == "-" and first:
            known = known or NOUNS.get(word + "s")
        if known and (
            word.endswith(("s", "x", "gpu", "people", "staff")) or text[at] == "-" or known in ("parameter", "token")
        ):
            return (match.end() if first and not more else None), known
        plural = plural or (len(word) > 3 and word[-1] in "sx" and not _NOT_PLURAL.search(word))
        at, first = match.end(), False
    if product:
        return None, "GPU"
    return (None, "") if plural else None
