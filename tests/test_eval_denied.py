"""What is denied, in three languages, and what only looks so."""

import pytest

from assistant.negation import affirmed, is_negated
from eval.matching import Accepted
from eval.questions import EvalQuestion
from index.language import UNDETERMINED, detect_language


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "It did not receive a grant."),
        ("en", "It hasn’t opened"),
        ("en", "Neither company answered"),
        ("en", "There is no subsidy"),
        ("fr", "L'aide n'a pas été versée"),
        ("fr", "Aucune aide n'est prévue"),
        ("fr", "Elle n’investit plus"),
        ("fr", "Personne ne le sait"),
        ("fr", "ni Sharp, ni HPE"),
        ("ja", "助成を受けていない"),
        ("ja", "公表していません。"),
        ("ja", "支給されなかった"),
        ("ja", "ゼロから学習させず、"),
        ("ja", "補助金なしで"),
    ],
)
def test_denied(language: str, text: str) -> None:
    assert is_negated(text, language)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "not only Sharp and HPE"),
        ("en", "no more than ¥42.1 billion"),
        ("en", "It will not open until 2027"),
        ("en", "The grant does not exceed ¥42.1 billion"),
        ("en", "It doesn't exceed ¥42.1 billion"),
        ("en", "site No. 5"),
        ("en", "a notable node"),
        ("fr", "Elle n'a reçu que 42,1 milliards de yens"),
        ("fr", "non seulement Sharp et HPE"),
        ("fr", "pas plus de 42,1 milliards de yens"),
        ("fr", "L'aide ne dépasse pas 42,1 milliards de yens"),
        ("fr", "Elle coûte plus de 42,1 milliards de yens"),
        ("fr", "un pas vers la souveraineté"),
        ("ja", "少なくとも1,000億円"),
        ("ja", "シャープだけでなくHPEも"),
        ("ja", "421億円を超えない"),
        ("ja", "間もなく始まる"),
        ("ja", "提出しなければならない"),
        ("ja", "まず必ずわずかに増える"),
        ("ja", "シャープかもしれない"),
    ],
)
def test_not_denied(language: str, text: str) -> None:
    assert not is_negated(text, language)


@pytest.mark.parametrize(
    ("language", "text", "rest"),
    [
        ("en", "HPE won, not Sharp.", "HPE won, … "),
        ("en", "It is not in Sakai but in Tomakomai.", " … but in Tomakomai."),
        ("en", "It is HPE rather than Sharp.", "It is HPE  … "),
        ("en", "It cost ¥1.93 billion. It did not open.", "It cost ¥1.93 billion. … "),
        ("fr", "C'est HPE et non Sharp.", "C'est HPE  … "),
        ("fr", "Elle n'est pas à Sakai, mais à Tomakomai.", " …  mais à Tomakomai."),
        ("ja", "シャープではなくHPEが受注した。", " … HPEが受注した。"),
        ("ja", "421億円を受け、1,146億円は、受けていない。", "421億円を受け、 … "),
        ("en", "HPE won in 2024, with 2,000 GPUs.", "HPE won in 2024, with 2,000 GPUs."),
    ],
)
def test_only_the_denied_clause_is_left_out(language: str, text: str, rest: str) -> None:
    assert affirmed(text, language) == rest


@pytest.mark.parametrize(
    ("gold", "kind", "text", "language", "counts"),
    [
        # figures stand for themselves, in any notation, with their unit
        ("114.6 billion yen", "number", "The ministry granted ¥114.6 billion in all.", "en", True),
        ("114.6 billion yen", "number", "L'aide totale est de 114,6 milliards de yens.", "fr", True),
        ("114.6 billion yen", "number", "合計は1,146億円だ。", "ja", True),
        ("about 114.6 billion yen in total", "number", "It is ¥114.6 billion.", "en", True),
        ("114.6 billion yen", "number", "It is 114.6 billion dollars.", "en", False),
        ("114.6 billion yen", "number", "It is 114.6 million yen.", "en", False),
        ("114.6 billion yen", "number", "They trained it on 114.6 billion tokens.", "en", False),
        ("2,000 GPUs", "number", "It paid ¥2,000.", "en", False),
        ("2,000 GPUs", "number", "2,000基のGPUがある。", "ja", True),
        ("30%", "number", "Le site fait 30 hectares.", "fr", False),
        # ... unless they are denied
        ("114.6 billion yen", "number", "The ministry did not grant ¥114.6 billion.", "en", False),
        ("114.6 billion yen", "number", "It granted ¥42.1 billion, not ¥114.6 billion.", "en", False),
        ("42.1 billion yen", "number", "It granted ¥42.1 billion, not ¥114.6 billion.", "en", True),
        ("42.1 billion yen", "number", "It is not ¥114.6 billion but ¥42.1 billion.", "en", True),
        ("42.1 billion yen", "number", "The grant does not exceed ¥42.1 billion.", "en", True),
        ("42.1 billion yen", "number", "No other sum than ¥1 is known; the grant is ¥42.1 billion.", "en", True),
        ("114,6 milliards de yens", "number", "Le montant n'est pas de 114,6 milliards de yens.", "fr", False),
        ("114,6 milliards de yens", "number", "L'aide atteint 42,1 et non 114,6 milliards de yens.", "fr", False),
        ("42,1 milliards de yens", "number", "Elle n'a reçu que 42,1 milliards de yens.", "fr", True),
        ("42,1 milliards de yens", "number", "L'aide ne dépasse pas 42,1 milliards de yens.", "fr", True),
        ("1,146億円", "number", "助成額は1,146億円ではない。", "ja", False),
        ("1,146億円", "number", "助成額は1,146億円ではなく421億円である。", "ja", False),
        ("421億円", "number", "助成額は1,146億円ではなく421億円である。", "ja", True),
        ("421億円", "number", "少なくとも421億円を受け取る。", "ja", True),
        ("April 2026", "date", "It will not open until April 2026.", "en", True),
        ("April 2026", "date", "It did not open in April 2026.", "en", False),
        ("2026年4月", "date", "2026年4月には始まらなかった。", "ja", False),
        # names
        ("HPE", "name", "HPE won the order, not Sharp.", "en", True),
        ("Sharp", "name", "HPE won the order, not Sharp.", "en", False),
        ("Tomakomai", "name", "Le site n'est pas à Tomakomai.", "fr", False),
        ("Tomakomai", "name", "Le site n'est pas à Sakai mais à Tomakomai.", "fr", True),
        ("堺市", "name", "堺市ではなく苫小牧市にある。", "ja", False),
        ("苫小牧市", "name", "堺市だけでなく苫小牧市にもある。", "ja", True),
        # a list needs every item, and none of them denied
        ("Sharp, HPE, Hitachi", "list", "Sharp and HPE came, and not Hitachi.", "en", False),
        # what a gold answer denies must be denied, and the other way round
        ("their contents cannot be known", "why", "Because their contents cannot be known.", "en", True),
        ("their contents cannot be known", "why", "Because their contents can be known.", "en", False),
        ("the contents of models are known", "why", "The contents of models are not known.", "en", False),
        ("l'aide n'est pas versée chaque année", "how", "L'aide est versée chaque année.", "fr", False),
        ("l'aide n'est pas versée chaque année", "how", "Chaque année, l'aide n'est pas versée.", "fr", True),
        ("l'aide n'est pas versée chaque année", "how", "L'aide n'est jamais versée chaque année.", "fr", True),
        ("l'aide est versée chaque année", "how", "L'aide n'est pas versée chaque année.", "fr", False),
        ("ゼロから学習させない", "how", "モデルをゼロから学習させない。", "ja", True),
        ("中身が分からない", "why", "中身が分かるからである。", "ja", False),
        ("公開モデルを鍛える", "how", "公開モデルを鍛えるわけではない。", "ja", False),
    ],
)
def test_what_is_denied_does_not_count_as_said(gold: str, kind: str, text: str, language: str, *, counts: bool) -> None:
    own = detect_language(gold)
    accepted = Accepted(EvalQuestion("q", language if own == UNDETERMINED else own, "?", True, gold, (), kind))
    assert bool(accepted.found_in(text, language)) is counts
