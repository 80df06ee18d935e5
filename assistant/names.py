"""Names across languages: is the name of a claim in its evidence, perhaps in another script?

The table is `index/names.toml`. A name that stands in no group is compared letter by letter (folded).
"""

import re
from collections.abc import Iterator, Sequence
from functools import cache, lru_cache
from importlib.resources import files

from assistant.figures import find_figures
from assistant.words import fold
from index.language import detect_language
from index.names import NameGroup, groups_in, name_groups, other_forms

__all__ = ["NameGroup", "groups_in", "in_language", "missing_names", "name_groups", "named_spans", "other_forms"]

_LETTER = "A-Za-zÀ-ÖØ-öø-ɏ0-9"  # also beside kana: KDDIは
_PART = rf"[A-ZÀ-ÖØ-Þ][{_LETTER}_&.-]*[{_LETTER}]"
_LATIN_NAME = re.compile(rf"(?<![{_LETTER}_&]){_PART}(?:\s+{_PART})*")
_JAPANESE = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]")
_ADDRESS = re.compile(r"(?:https?://|www\.)[^\s()\[\]<>「」（）。]+", re.IGNORECASE)
_KATAKANA_NAME = re.compile(r"[\u30a1-\u30fa\u30fc・]{3,}(?![\u30a1-\u30fa\u30fc・語])")  # not フランス語
_SHORTEST_KATAKANA = 3
_LONG_KATAKANA = 7
_SHORTEST_STEM = 4
_DERIVED = re.compile(r"(?:y?an|ian|ese|ish|ien|ienne|ais|aise|ois|oise|ain|aine|ine?)s?")


def _words(listed: str) -> frozenset[str]:
    return frozenset(listed.split())


COMMON = _words(
    """the a an in on at by it this these according as for le la les un une en au aux du de des selon cette ces ce il
    elle ils elles japan gpu ai ia llm llms gpus to from with after before since both between
    january february march april may june july august september october november december
    monday tuesday wednesday thursday friday saturday sunday
    japanese french english american british european korean chinese indian canadian german italian australian dutch
    spanish portuguese swiss swedish norwegian danish finnish irish polish brazilian mexican russian turkish israeli
    taiwanese vietnamese thai indonesian malaysian singaporean saudi emirati african asian
    japonais francais anglais etat ceo cto cfo coo cio pdg dg tv fy data center centre centers centres cloud compute
    computing"""
)


_ADJECTIVES = {  # those that a shared stem does not show, folded; further endings may follow
    country: _words(adjectives)
    for country, adjectives in {
        "France": "french franc",
        "Germany": "german allemand",
        "Netherlands": "dutch neerlandais hollandais",
        "Denmark": "danish danois",
        "United Kingdom": "british britanni",
        "United States": "american americain u.s",
        "Spain": "spanish espagnol",
        "Switzerland": "swiss",
        "China": "chinese chinois",
        "Japan": "japanese japonais nippon",
        "Belgium": "belgian belge",
        "South Korea": "korea coree",
        "Sweden": "swedish suedois",
        "Norway": "norw",
        "Brazil": "bresilien",
        "Thailand": "thai",
        "Canada": "canad",
        "India": "indian indien",
    }.items()
}


def in_language(text: str, language: str) -> str:
    """The text with every known name in the form of a language ("fr", "en" or "ja")."""
    forms = _forms_in(language)
    present = tuple(form for form in forms if form in text)
    return _any_of(present).sub(lambda match: forms[match.group()], text) if present else text


@cache
def _forms_in(language: str) -> dict[str, str]:
    # Places are left out: 日本 also begins 日本語, and a place name is never mistaken.
    groups = [group for group in name_groups() if group.kind != "place"]
    return {form: getattr(group, language) for group in groups for form in group.forms}


@lru_cache(maxsize=4_000)  # few names at once: five hundred in one pattern are a hundred times slower
def _any_of(forms: tuple[str, ...]) -> re.Pattern[str]:
    """Matches any of some forms, the longest first, so that a name inside a longer one is left alone."""
    ordered = sorted(forms, key=len, reverse=True)
    return re.compile(
        "|".join(re.escape(f) if _JAPANESE.search(f) else rf"(?<!\w){re.escape(f)}(?!\w)" for f in ordered)
    )


def named_spans(text: str, language: str) -> list[tuple[int, int, NameGroup | str]]:
    """Where names stand in a text, in order: known ones as their group, others folded; figures hold none.

    The first word of a sentence is capitalised anyway: alone, it is taken for a name only where it is known.
    """
    groups = _group_of()
    found: list[tuple[int, int, NameGroup | str]] = [
        (*match.span(), groups[fold(match.group())]) for match in _known_in(text)
    ]
    figures = [(figure.start, figure.end) for figure in find_figures(text, language)]
    for pattern in (_LATIN_NAME, _KATAKANA_NAME):
        for match in pattern.finditer(text):
            taken = [(start, end) for start, end, _ in found] + figures
            if any(match.start() < end and match.end() > start for start, end in taken):
                continue
            words = [word for word in fold(match.group()).split() if word not in COMMON]
            first = match.start() == 0 or text[: match.start()].rstrip()[-1:] in ".!?:|"
            if not words or (first and len(words) == 1 and not match.group().isupper() and match.group().isascii()):
                continue
            if pattern is _LATIN_NAME or _LOANWORD.sub("", match.group()):
                found.append((*match.span(), " ".join(words)))
    return sorted(found, key=lambda one: one[:2])


@cache
def _group_of() -> dict[str, NameGroup]:
    return {fold(form): group for group in name_groups() for form in group.forms}


@cache
def _known_forms() -> dict[str, str]:
    """Any form of any known name as it is written, the longest first, and the same in lower case."""
    forms = {form.replace("’", "'") for group in name_groups() for form in group.forms}
    return {form: form.lower() for form in sorted(forms, key=len, reverse=True)}


def _known_in(text: str) -> Iterator[re.Match[str]]:
    """Where any form of any known name stands in a text, in order, the longest where two begin together."""
    lower = text.replace("’", "'").lower()
    present = tuple(form for form, lowered in _known_forms().items() if lowered in lower)
    return _any_known(present).finditer(text) if present else iter(())


@lru_cache(maxsize=4_000)
def _any_known(forms: tuple[str, ...]) -> re.Pattern[str]:
    parts = [
        rf"{re.escape(form)}(?![語人])" if _JAPANESE.search(form) else rf"(?<!\w){re.escape(form)}(?![\w])"
        for form in forms
    ]
    return re.compile("|".join(parts).replace("'", "['’]"), re.IGNORECASE | re.ASCII)


def missing_names(claim: str, evidence: Sequence[str]) -> list[str]:
    """The names of a claim that none of the evidence texts mentions, in any known form.

    Latin names are runs of capitalised words or acronyms, not the first word of a sentence unless it is a known
    name; Japanese ones are katakana runs and known names. A web address is a name, too. What belongs to a date or an
    amount ("March 2021", "US$") is not: figures have their own check. A common katakana word may be a word of evidence
    in another script, which cannot be told; in Japanese evidence it would stand.
    """
    folded = " ".join(fold(text) for text in evidence)
    given = {group for text in evidence for group in groups_in(text)}
    missing = [group.en for group in groups_in(claim) if group not in given and not _meant_by_adjective(group, folded)]
    missing += [one for one in _ADDRESS.findall(claim) if not any(one.rstrip(".,;") in text for text in evidence)]
    claim = _without_figures(_ADDRESS.sub(" ", claim))
    known = " ".join(fold(form) for group in groups_in(claim) for form in group.forms)
    japanese = any(_JAPANESE.search(text) for text in evidence)
    for match in _LATIN_NAME.finditer(claim):
        name = match.group()
        first = match.start() == 0 or claim[: match.start()].rstrip()[-1:] in ".!?:"
        words = [word for word in fold(name).split() if word not in COMMON]
        if first and len(words) <= 1 and not name.isupper():
            continue
        if any(word not in folded and word not in known and not _derived(word, folded) for word in words):
            missing.append(name)
    for match in _KATAKANA_NAME.finditer(claim):
        if fold(match.group()) in folded or fold(match.group()) in known:
            continue
        parts = (_LOANWORD if japanese else _any_loanword()).sub("・", match.group()).split("・")
        missing += [
            part
            for part in parts
            if len(part) >= _SHORTEST_KATAKANA and fold(part) not in folded + known and not _shortened(part, folded)
        ]
    return sorted(set(missing))


def _meant_by_adjective(group: NameGroup, folded: str) -> bool:
    """Whether a text has a country's adjective, or the country inside a longer word: "Danish", 日本語."""
    if group.kind != "place":
        return False
    adjectives = _ADJECTIVES.get(group.en, frozenset()) | {fold(group.en), fold(group.fr)}
    return fold(group.ja) in folded or any(
        re.search(rf"(?<![a-z]){re.escape(word)}", folded) or _derived(word, folded) for word in adjectives
    )


def _derived(word: str, folded: str) -> bool:
    """Whether a text has the name that an adjective of place or people is made of, or the other way round."""
    if len(word) < _SHORTEST_STEM:
        return False
    for other in set(re.findall(r"[a-z]+", folded)):
        short, long = sorted((word, other), key=len)
        stem = short.rstrip("aeiouy")
        if len(stem) >= _SHORTEST_STEM - 1 and long.startswith(stem) and _DERIVED.fullmatch(long[len(stem) :]):
            return True
    return False


def _shortened(part: str, folded: str) -> bool:
    """Whether a text has a katakana word of which all but the ending is the same: スケートボーダー, スケートボード."""
    return len(part) >= _LONG_KATAKANA and fold(part[: -len(part) // 4]) in folded


def _without_figures(text: str) -> str:
    """The text with its dates, amounts and measures blanked out."""
    language = detect_language(text)
    for figure in find_figures(text, "en" if language == "und" else language):
        if figure.is_date or figure.kind in ("amount", "measure"):
            text = text[: figure.start] + "_" * (figure.end - figure.start) + text[figure.end :]
    return text


_LOANWORDS = _words(
    """データ クラウド サービス プログラム システム モデル インフラ コンピューター コンピュータ スパコン スーパー
    サーバー サーバ センター ドル ユーロ ポンド プロジェクト パートナー グループ エクサフロップス ペタフロップス
    パーセント メートル ページ リスト エネルギー コスト デジタル インターネット ネットワーク ソフトウェア
    ソフトウエア ハードウェア スタートアップ トップ レベル サイト ファクトリー パラメーター パラメータ トークン
    ノード ワット キロ メガ ギガ テラ ペタ バイト ガイドライン ブログ メディア ロボット テレビ コンテナ サプライ
    チェーン オンライン オープン ソース ゾーン グリッド ウェブ ライセンス チーム メンバー ユーザー エンジニア
    アプリ アプリケーション プラットフォーム セキュリティ セキュリティー ビジネス ニュース スケジュール ルール
    テスト ベース ラック ラウンド リース パイロット スペース エリア ケース ポイント ピーク マーケット フェーズ
    サポート ガス プロバイダー プロバイダ ベンダー アクセス リソース キャンパス フェリー トラム ダム シリーズ
    クラスター ブランド コミュニティー コミュニティ ファンド ランキング モーダル マルチ フロップス バッチ
    メーカー スループット レイヤー メモリー メモリ ストレージ ソリューション プロセッサー プロセッサ チップ スタッフ
    フレームワーク アーキテクチャー アーキテクチャ ソフト ハード ベンチマーク スコア データベース イノベーション
    コンソーシアム エコシステム パソコン タイプ バージョン ツール セット クローネ"""
)
_LOANWORD = re.compile("|".join(sorted(_LOANWORDS, key=len, reverse=True)))


@cache
def _any_loanword() -> re.Pattern[str]:
    lines = (files("assistant") / "loanwords.txt").read_text(encoding="utf-8").splitlines()
    words = _LOANWORDS.union(line for line in lines if not line.startswith("#"))
    return re.compile("|".join(sorted(words, key=len, reverse=True)))
