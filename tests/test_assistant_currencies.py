"""The currencies of the table: read in three languages, written and read back; ordinary words are no money."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.currencies import CURRENCIES
from assistant.figures import canonical_values, find_figures, parse_figure, render_figure, rewrite_figure

READ = [
    # the codes and the signs before the number
    ("NZ$420,000", "en", ("420000", "NZD")),
    ("NZ$ 4.6 million", "en", ("4600000", "NZD")),
    ("NZD 3.2 million", "en", ("3200000", "NZD")),
    ("NZD 3.2 billion", "fr", ("3200000000", "NZD")),
    ("A$1.5 billion", "en", ("1500000000", "AUD")),
    ("C$2.4bn", "en", ("2400000000", "CAD")),
    ("HK$300 million", "en", ("300000000", "HKD")),
    ("NT$90 billion", "en", ("90000000000", "TWD")),
    ("R$12.5 million", "en", ("12500000", "BRL")),
    ("₩9.4 trillion", "en", ("9400000000000", "KRW")),
    ("￦500,000", "ja", ("500000", "KRW")),
    ("₦45 billion", "en", ("45000000000", "NGN")),
    ("₱1,250", "en", ("1250", "PHP")),
    ("PHP 1.2 billion", "en", ("1200000000", "PHP")),
    ("COP 28 million", "en", ("28000000", "COP")),
    ("TRY 12,500", "en", ("12500", "TRY")),
    ("₺850 million", "en", ("850000000", "TRY")),
    ("CHF 214,6 millions", "fr", ("214600000", "CHF")),
    ("CHF 1,500", "fr", ("1500", "CHF")),
    ("CHF52", "en", ("52", "CHF")),
    ("FCFA 186 milliards", "fr", ("186000000000", "XOF")),
    ("F CFA 25 000", "fr", ("25000", "XOF")),
    ("XAF 12 billion", "en", ("12000000000", "XOF")),
    ("XOF 12 billion", "en", ("12000000000", "XOF")),
    ("Rp 4.5 trillion", "en", ("4500000000000", "IDR")),
    ("Rp500,000", "en", ("500000", "IDR")),
    ("KSh 2.5 billion", "en", ("2500000000", "KES")),
    ("GH₵75 million", "en", ("75000000", "GHS")),
    ("RMB 300 million", "en", ("300000000", "CNY")),
    ("ZAR 1.1 billion", "en", ("1100000000", "ZAR")),
    ("MX$900 million", "en", ("900000000", "MXN")),
    ("SEK 2.3 billion", "en", ("2300000000", "SEK")),
    ("AED 3.7–4 billion", "en", ("3700000000..4000000000", "AED")),
    ("PLN 100m", "en", ("100000000", "PLN")),
    ("$US5 million", "en", ("5000000", "USD")),
    ("CDN$5 million", "en", ("5000000", "CAD")),
    ("$5 million CAD", "en", ("5000000", "CAD")),
    ("$4.6 million NZD", "en", ("4600000", "NZD")),
    ("¥300 million RMB", "en", ("300000000", "CNY")),
    ("$500 won", "en", ("500", "USD")),
    # lakh and crore
    ("₹52 crore", "en", ("520000000", "INR")),
    ("₹38,400 crore", "en", ("384000000000", "INR")),
    ("Rs 10,372 crore", "en", ("103720000000", "INR")),
    ("Rs 52 cr", "en", ("520000000", "INR")),
    ("₹52Cr", "en", ("520000000", "INR")),
    ("Rs. 2.5 lakh", "en", ("250000", "INR")),
    ("₹1.5 lakh crore", "en", ("1500000000000", "INR")),
    ("₹1,00,000 crore", "en", ("1000000000000", "INR")),
    ("INR 12,34,567", "en", ("1234567", "INR")),
    ("2.5 lakh", "en", ("250000", "")),
    ("1,00,000 rupees", "en", ("100000", "INR")),
    ("a crore rupees", "en", ("10000000", "INR")),
    ("52 crores de roupies", "fr", ("520000000", "INR")),
    # words and codes after the number, in English
    ("4.6 million New Zealand dollars", "en", ("4600000", "NZD")),
    ("3 million Hong Kong dollars", "en", ("3000000", "HKD")),
    ("90 billion New Taiwan dollars", "en", ("90000000000", "TWD")),
    ("600 million Swedish kronor", "en", ("600000000", "SEK")),
    ("1 Swedish krona", "en", ("1", "SEK")),
    ("600 million Norwegian kroner", "en", ("600000000", "NOK")),
    ("600 million kroner", "en", ("600000000", "DKK")),
    ("2 billion Czech crowns", "en", ("2000000000", "CZK")),
    ("20 million Mexican pesos", "en", ("20000000", "MXN")),
    ("9.1 million francs", "en", ("9100000", "franc")),
    ("9.1 million Swiss francs", "en", ("9100000", "CHF")),
    ("186 billion CFA francs", "en", ("186000000000", "XOF")),
    ("20 million pesos", "en", ("20000000", "peso")),
    ("70 million dirhams", "en", ("70000000", "dirham")),
    ("70 million UAE dirhams", "en", ("70000000", "AED")),
    ("5 million Kuwaiti dinars", "en", ("5000000", "KWD")),
    ("300 million Brazilian reais", "en", ("300000000", "BRL")),
    ("250 million rand", "en", ("250000000", "ZAR")),
    ("15 rands", "en", ("15", "ZAR")),
    ("12 million lei", "en", ("12000000", "RON")),
    ("500 won", "en", ("500", "KRW")),
    ("2000 won", "en", ("2000", "KRW")),
    ("3 billion won", "en", ("3000000000", "KRW")),
    ("40 million Turkish lira", "en", ("40000000", "TRY")),
    ("40 billion Pakistani rupees", "en", ("40000000000", "PKR")),
    ("7.5 trillion rupiah", "en", ("7500000000000", "IDR")),
    ("3.2bn PLN", "en", ("3200000000", "PLN")),
    ("5,000 COP", "en", ("5000", "COP")),
    ("eleven million shekels", "en", ("11000000", "ILS")),
    # in French
    ("186 milliards de FCFA", "fr", ("186000000000", "XOF")),
    ("186 Md FCFA", "fr", ("186000000000", "XOF")),
    ("186 Mds de F\u00a0CFA", "fr", ("186000000000", "XOF")),
    ("186 milliards de francs CFA", "fr", ("186000000000", "XOF")),
    ("600 millions de couronnes suedoises", "fr", ("600000000", "SEK")),
    ("3,4 milliards de couronnes tchèques", "fr", ("3400000000", "CZK")),
    ("1,5 couronne suédoise", "fr", ("1.5", "SEK")),
    ("600 millions de couronnes", "fr", ("600000000", "DKK")),
    ("12 Md de dirhams marocains", "fr", ("12000000000", "MAD")),
    ("12 millions de dirhams", "fr", ("12000000", "dirham")),
    ("5 M de dinars tunisiens", "fr", ("5000000", "TND")),
    ("20 millions de pesos mexicains", "fr", ("20000000", "MXN")),
    ("9,1 millions de francs", "fr", ("9100000", "franc")),
    ("3 450 francs", "fr", ("3450", "franc")),
    ("3,450 zlotys", "fr", ("3450", "PLN")),
    ("1,500 dinar", "fr", ("1.5", "dinar")),
    ("300 millions de réaux", "fr", ("300000000", "BRL")),
    ("300 millions de reais", "fr", ("300000000", "BRL")),
    ("7 500 milliards de roupies indonésiennes", "fr", ("7500000000000", "IDR")),
    ("40 millions de roupies", "fr", ("40000000", "INR")),
    ("40 millions de livres égyptiennes", "fr", ("40000000", "EGP")),
    ("2 milliards de nouveaux dollars de Taïwan", "fr", ("2000000000", "TWD")),
    ("4,6 millions de dollars néo-zélandais", "fr", ("4600000", "NZD")),
    ("8 millions de soles", "fr", ("8000000", "PEN")),
    ("12 MCHF", "fr", ("12000000", "CHF")),
    ("25 M$ CA", "fr", ("25000000", "CAD")),
    ("750 zł", "fr", ("750", "PLN")),
    # in Japanese
    ("1860億CFAフラン", "ja", ("186000000000", "XOF")),
    ("9,630万NZドル", "ja", ("96300000", "NZD")),
    ("９，６３０万ＮＺドル", "ja", ("96300000", "NZD")),
    ("9630万ニュージーランドドル", "ja", ("96300000", "NZD")),
    ("9630万ニュージーランド・ドル", "ja", ("96300000", "NZD")),
    ("910万フラン", "ja", ("9100000", "franc")),
    ("910万スイスフラン", "ja", ("9100000", "CHF")),
    ("900億台湾ドル", "ja", ("90000000000", "TWD")),
    ("6億スウェーデンクローナ", "ja", ("600000000", "SEK")),
    ("6億クローネ", "ja", ("600000000", "DKK")),
    ("2000万メキシコペソ", "ja", ("20000000", "MXN")),
    ("2000万ペソ", "ja", ("20000000", "peso")),
    ("3億レアル", "ja", ("300000000", "BRL")),
    ("50億トルコリラ", "ja", ("5000000000", "TRY")),
    ("1兆ルピア", "ja", ("1000000000000", "IDR")),
    ("5000万ランド", "ja", ("50000000", "ZAR")),
    ("10億ドルファンド", "ja", ("1000000000", "USD")),
    ("200バーツ", "ja", ("200", "THB")),
]

NO_MONEY = [
    ("3 real problems", "en"),
    ("2,000 real problems", "en"),
    ("Of 20 bidders 12 won.", "en"),
    ("120 won the award", "en"),
    ("In 2010 won", "en"),
    ("Of the 2010 won the", "en"),
    ("100 RAND researchers", "en"),
    ("the 12 Rand Corporation papers", "en"),
    ("7 Lei", "en"),
    ("3 lei", "en"),
    ("3 dong", "en"),
    ("2 sols", "fr"),
    ("200 sols pollués", "fr"),
    ("3 baths", "en"),
    ("20 COP", "en"),
    ("COP 28", "en"),
    ("COP28", "en"),
    ("COP 21", "fr"),
    ("PHP 8", "en"),
    ("PHP 8.2", "en"),
    ("PHP 8.2.1", "en"),
    ("5 PHP projects", "en"),
    ("TRY 3", "en"),
    ("5 mad scientists", "en"),
    ("10 pen plotters", "en"),
    ("20 try it", "en"),
    ("the 3 Rs", "en"),
    ("3 francs-maçons", "fr"),
    ("3 couronne", "fr"),
    ("en 1610 leva le siège", "fr"),
    ("le rand 5", "fr"),
    ("3レイヤー", "ja"),
    ("100レイヤー", "ja"),
    ("2フランス企業", "ja"),
    ("3フランチャイズ", "ja"),
    ("5ソルジャー", "ja"),
    ("200ブルドーザー", "ja"),
    ("300ランドマーク", "ja"),
    ("R2024", "en"),
    ("Rs", "en"),
]


@pytest.mark.parametrize(("text", "language", "expected"), READ)
def test_an_amount_is_read_with_its_currency(text: str, language: str, expected: tuple[str, str]) -> None:
    assert [(figure.kind, figure.key) for figure in find_figures(text, language)] == [
        ("amount" if expected[1] else "number", expected)
    ]


@pytest.mark.parametrize(("text", "language"), NO_MONEY)
def test_an_ordinary_word_or_name_is_no_money(text: str, language: str) -> None:
    assert [figure.text for figure in find_figures(text, language) if figure.kind == "amount"] == []


@pytest.mark.parametrize("text", ["COP28", "PHP8", "3 Rs, TRY3", "A100", "ISO9001", "R2", "NOTE5"])
def test_a_name_with_digits_is_no_figure(text: str) -> None:
    assert [figure.unit for figure in find_figures(text, "en")] in ([], [""])


def test_a_list_of_numbers_is_no_indian_number() -> None:
    assert canonical_values("5,10,200", "en")[0] != ("510200", "")
    assert canonical_values("₹5,10,200", "en") == [("510200", "INR")]


@pytest.mark.parametrize("unit", CURRENCIES)
@pytest.mark.parametrize("language", ["fr", "en", "ja"])
def test_what_is_written_reads_back(unit: str, language: str) -> None:
    for value in ("1", "1.5", "2", "75", "1234", "9100000", "52000000", "186000000000", "123456789"):
        figure = parse_figure(render_figure(value, unit, language), language)
        assert (figure.kind, figure.key) == ("amount", (value, unit)), figure.text


@given(
    value=st.integers(1, 9 * 10**13) | st.decimals(1, 10**6, places=2),
    unit=st.sampled_from(list(CURRENCIES)),
    languages=st.permutations(["fr", "en", "ja"]),
)
def test_an_amount_keeps_its_value_through_the_notations(value: int | Decimal, unit: str, languages: list[str]) -> None:
    first = parse_figure(render_figure(value, unit, languages[0]), languages[0])
    again = parse_figure(rewrite_figure(first, languages[1]), languages[1])
    assert (first.kind, first.value, first.unit) == ("amount", Decimal(value), unit)
    assert again.key == first.key


@pytest.mark.parametrize("unit", CURRENCIES)
def test_every_name_and_sign_of_the_table_is_read_as_its_own_currency(unit: str) -> None:
    currency = CURRENCIES[unit]
    after = [*currency.french, *currency.english, *currency.signs, *currency.large, *currency.codes]
    for name in after:
        assert canonical_values(f"450 {name}", "en") == [("450", unit)], name
        assert canonical_values(f"4,5 millions de {name}", "fr") == [("4500000", unit)], name
    for name in currency.japanese:
        assert canonical_values(f"450万{name}", "ja") == [("4500000", unit)], name
        assert canonical_values(f"450万{name.replace('・', '')}の予算", "ja") == [("4500000", unit)], name
    for sign in (*currency.signs, *currency.before, *currency.codes):
        for space in ("", " ", "\u00a0"):
            assert canonical_values(f"{sign}{space}4.5 million", "en") == [("4500000", unit)], sign


def test_no_name_belongs_to_two_currencies() -> None:
    for ways in ("french", "english", "japanese", "signs", "before", "codes", "large"):
        names = [name for currency in CURRENCIES.values() for name in set(getattr(currency, ways))]
        assert len(names) == len(set(names)), ways


def test_the_table_names_every_currency_in_three_languages() -> None:
    codes = [code for code in CURRENCIES if code.isupper()]
    assert len(codes) >= 45
    assert {"franc", "peso", "dirham", "dinar"} == CURRENCIES.keys() - set(codes)
    for currency in CURRENCIES.values():
        assert min(len(currency.french), len(currency.english)) >= 2
        assert currency.japanese
        assert not currency.written or currency.written in currency.signs


@pytest.mark.parametrize(
    ("value", "unit", "written"),
    [
        ("114600000000", "JPY", ("114,6 milliards de yens", "¥114.6 billion", "1,146億円")),
        ("9100000", "franc", ("9,1 millions de francs", "9.1 million francs", "910万フラン")),
        ("1", "peso", ("1 peso", "1 peso", "1ペソ")),
        ("4600000", "NZD", ("4,6 millions de dollars néo-zélandais", "NZ$4.6 million", "460万NZドル")),
        ("186000000000", "XOF", ("186 milliards de francs CFA", "FCFA 186 billion", "1,860億CFAフラン")),
        ("214600000", "CHF", ("214,6 millions de francs suisses", "CHF 214.6 million", "2億1,460万スイスフラン")),
        ("520000000", "INR", ("520 millions de roupies", "₹520 million", "5億2,000万ルピー")),
        ("52000000", "SEK", ("52 millions de couronnes suédoises", "SEK 52 million", "5,200万スウェーデンクローナ")),
        ("12000000", "BRL", ("12 millions de reais", "R$12 million", "1,200万レアル")),
    ],
)
def test_amounts_as_each_language_writes_them(value: str, unit: str, written: tuple[str, str, str]) -> None:
    shown = [render_figure(value, unit, language) for language in ("fr", "en", "ja")]
    assert tuple(text.replace("\u00a0", " ") for text in shown) == written
