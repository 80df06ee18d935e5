"""Digits that are no figures: products, versions, addresses, citation marks, list markers; and ordinals."""

import re

from assistant.currencies import CURRENCIES
from assistant.units import CURRENCY_BEFORE

_CODES = "|".join(code for currency in CURRENCIES.values() for code in currency.plain_codes)
_SP = r"[ \u00a0]"
_NAMED = (
    r"Llama|GPT|ABCI|Windows|Claude|Gemini|Gemma|Qwen|PLaMo|[Tt]suzumi|Stockmark|Swallow|DGX|RTX|Mistral|Mixtral|Phi"
    r"|Sarashina|Falcon|Nemotron|Fugaku"
    r"|Python|CUDA|Apache|Wi-Fi|USB|PCIe|HBM|DDR|iPhone|Android|Tanuki|Rakuten AI|AI|HTTP|Web|Society|Industry"
    r"|Industrie|Version|version|Type|Level|Tier|ISO|Zen|PlayStation"
)
_PARTS = (
    r"Section|section|Chapter|chapter|Figure|Fig\.|Table|Tableau|tableau|Annexe|annexe|Appendix|Part|Partie|partie"
    r"|Phase|phase|Step|step|étape|Étape"
    r"|Cycle|cycle|Round|round|Tome|tome|Vol\.|vol\.|page|pages|p\.|pp\.|chapitre|Chapitre|Question|Lot|lot"
    r"|[Oo]ption|[Bb]uilding|[Bb]âtiment|Hall|Zone|zone|Scope|scope"
)
NOT_A_FIGURE = re.compile(
    r"(?:https?://|www\.)[^\s<>「」、。）)]+"
    r"|(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,64}\.[\w.-]+"
    r"|(?<![\w.-])[\w-]{1,64}(?:\.[\w-]{1,64}){0,4}\.(?:com|jp|org|net|fr|io|html?|pdf|md|csv|jsonl?|bin|py)\b"
    r"|\[\[?\^?(?:\d{1,3}(?:[, –-]{1,2}\d{1,3})*|(?!\d{4}\])\w{1,8})\]\]?|【\w{1,4}(?:†[^】]{0,20})?】"
    r"|(?m:^[ \t>]*(?:[-*•・][ \t]+)?\(?\d{1,2}[.)](?=[ \t\u00a0]))|(?m:^#{1,6}[ \t]+\d+\.(?:\d+\.?)*(?=[ \t]))"
    r"|[①-⑳]|[千万]歳"
    r"|(?<![\w$¥€£])(?:\d+[x×]\d+[BM]\b|24/7|24[ \u00a0]?h(?:eures)?/24|7[ \u00a0]?j(?:ours)?/7|50/50)"
    r"|\b\d{1,2}:\d{2}(?::\d{2})?(?:[ \u00a0]?[AaPp]\.?[Mm]\b\.?)?|\b\d{1,2}[ \u00a0]?h[ \u00a0]?\d{2}\b"
    r"|\d{1,2}時(?!間)(?:\d{1,2}分|半)?|\b\d{1,2}[ \u00a0]?[ap]\.?m\.?\b"
    r"|\b(?:19|20)\d\d年代|\d{1,2}年代|\b(?:19|20)?\d0s\b|\bannées[ \u00a0](?:19|20)?\d0\b|\b\d0代"
    r"|(?<![\d.,])0\d{2,}(?![\d.,/-])"
    r"|\+\d[\d -]{7,}\d|\b0\d{1,4}-\d{1,4}-\d{3,4}\b|\b\d{4}\.\d{5}(?:v\d)?\b"
    r"|\b[2-6]G(?![A-Za-z0-9/])|\bpost-5G\b"
    rf"|\b(?:{_NAMED}){_SP}?v?(?:\d+(?:\.\d+)+|\d{{1,3}}(?![\d,.]*\d|{_SP}?[%億万兆$€社人基台件]|{_SP}(?:billion"
    rf"|million"
    rf"|trillion|milliard|%|GPU)))"
    rf"|\b(?:{_PARTS}){_SP}?\d{{1,3}}(?:\.\d+)*\b(?![,.]\d|{_SP}?[%億万兆])"
    rf"|(?<![A-Za-zÀ-ÿ0-9$])(?!(?:FY|US|x|GPU|約|{_CODES})-?\d|{CURRENCY_BEFORE.pattern}"
    r"|[HQT][1-4][ \u00a0-]?(?:FY|20)|[RH]\d{1,2}年|(?:mid|pre|post|early|late|mi|fin|non)-\d)"
    r"[A-Za-zÀ-ÿ]{1,30}(?:-[A-Za-zÀ-ÿ]{1,30}){0,4}-?\d(?:\w|[.\-](?=\w))*",
    re.ASCII,
)
ORDINAL = re.compile(
    r"(?P<digits>\d{1,3}(?:st|nd|rd|th|er|re|ère|ers|e|es|ème|èmes|nde?)(?![A-Za-zÀ-ÿ0-9]))"
    r"|第[ \u00a0]?(?:\d+(?:[.,]\d+)*|[一二三四五六七八九十百]+)(?:[期条項号回章次位版弾]|サイクル|世代|番目)?"
    r"|(?:\d{1,4}|[一二三四五六七八九十]+)(?:番目"
    r"|位(?![置相]))"
    r"|(?:Articles?|Art\.|articles?|art\.|Act No\.|No\.|Nos\.|no\.|n°|N°|nº|№|rank|rang"
    r"|#)[ \u00a0]?\d+(?:[-–]\d+)?(?:\(\d+\))*(?:[ \u00a0](?:to|à|and|et)[ \u00a0]\d+)?(?!\d)",
    re.ASCII,
)
"""A place in an order, or the number of an article or act: read, but never verified as a quantity."""
