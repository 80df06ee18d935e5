from collections.abc import Callable

import pytest

from assistant.records import Citation
from eval.llama_index_pipeline import llama_index_engines, llama_index_over_vectors
from eval.stock_bench import StockAssistant, StockReply, StockSource, claims_of, refuses
from index.embedder import Embedder
from index.errors import RunError
from tests.eval_sample import EN, GRANT_EN, INVEST_EN, JA, SITE_JA, Shelf
from tests.scripted_generator import ScriptedGenerator

SOURCES = [Citation(number, f"d{number}@0", f"d{number}", "", "", "", None, "x", 0, 1) for number in (1, 2, 3)]


@pytest.mark.parametrize(
    ("text", "claims"),
    [
        pytest.param("It cost £3 [2].", [("It cost £3.", [2])], id="before-the-stop"),
        pytest.param("It cost £3. [2]", [("It cost £3.", [2])], id="after-the-stop"),
        pytest.param("It cost £3. [2] It opened [1].", [("It cost £3.", [2]), ("It opened.", [1])], id="between"),
        pytest.param("It cost £3 [1, 3].", [("It cost £3.", [1, 3])], id="list"),
        pytest.param("It cost £3 [Source 2].", [("It cost £3.", [2])], id="named"),
        pytest.param("It cost £3 (Source 2).", [("It cost £3.", [2])], id="round"),
        pytest.param("It cost £3 (sources 1 and 3).", [("It cost £3.", [1, 3])], id="round-list"),
        pytest.param("It cost £3 (2).", [("It cost £3 (2).", [])], id="a-number"),
        pytest.param("Source 1:\nIt cost £3. It opened.", [("It cost £3.", [1]), ("It opened.", [])], id="heading"),
        pytest.param("Source 2: It cost £3.", [("It cost £3.", [2])], id="heading-in-line"),
        pytest.param("2: It cost £3.", [("2: It cost £3.", [])], id="a-list"),
        pytest.param("It cost £3 [1][2][2].", [("It cost £3.", [1, 2])], id="several"),
        pytest.param("It cost £3 [9].", [("It cost £3.", [])], id="no-such-source"),
        pytest.param("It cost £3.", [("It cost £3.", [])], id="none"),
        pytest.param(
            "費用は3億円です[1]。開業は2021年です。", [("費用は3億円です。", [1]), ("開業は2021年です。", [])], id="ja"
        ),
        pytest.param("費用は3億円です。【2】", [("費用は3億円です。", [2])], id="ja-brackets"),
    ],
)
def test_marks_become_citations(text: str, claims: list[tuple[str, list[int]]]) -> None:
    found = claims_of(text, SOURCES)
    assert [(claim.text, [citation.number for citation in claim.citations]) for claim in found] == claims


@pytest.mark.parametrize(
    "text",
    [
        "The provided sources do not mention how many GPUs KDDI has.",
        "None of the sources are helpful.",
        "The context information doesn't provide this.",
        "I cannot find the answer.",
        "It is not specified in the sources.",
        "There is no information about it.",
        "I am unable to answer.",
        "Empty Response",
        "Les sources fournies ne mentionnent pas ce montant.",
        "Aucune source ne donne cette information.",
        "Le montant n'est pas précisé.",
        "Je ne trouve pas de réponse.",
        "提供された情報には記載されていません。",
        "情報がありません。",
        "この質問には答えられません。",
        "不明です。",
        "わかりません。",
    ],
)
def test_refusals_are_recognised(text: str) -> None:
    assert refuses(text)


@pytest.mark.parametrize(
    "text",
    [
        "SoftBank plans to invest ¥150 billion [1].",
        "SoftBank plans to invest ¥150 billion [1]. The sources do not mention the date.",
        "The site is not in Tokyo but in Tomakomai [2].",
        "SoftBank prévoit d'investir 150 milliards de yens [1].",
        "KDDIは最大102億円の助成を受ける[1]。",
    ],
)
def test_answers_are_no_refusals(text: str) -> None:
    assert not refuses(text)


def stock(text: str, *sources: StockSource) -> StockAssistant:
    return StockAssistant(
        "engine", lambda question, generator: StockReply(text, sources), ScriptedGenerator(), Shelf(), identity="toy 1"
    )


def test_an_answer_has_the_form_of_ours() -> None:
    answer = stock(
        "SoftBank plans to invest ¥150 billion [1].", StockSource(EN, GRANT_EN, 0.8), StockSource(JA, SITE_JA, None)
    ).answer("How much does SoftBank invest?")
    assert (answer.status, answer.language, answer.engine, answer.model) == ("answered", "en", "test", "scripted")
    [citation] = answer.claims[0].citations
    assert Shelf().document(EN).text[citation.start : citation.end] == citation.quote == GRANT_EN
    assert [hit.passage.document_id for hit in answer.passages] == [EN, JA]
    assert answer.passages[0].dense_score == 0.8
    assert answer.timings_s["total"] >= 0


def test_a_refusal_is_an_abstention_and_silence_is_a_failure() -> None:
    answer = stock("The sources do not mention it.", StockSource(EN, INVEST_EN, 0.9)).answer("Who leads Highreso?")
    assert (answer.status, answer.claims) == ("abstained", ())
    with pytest.raises(RunError, match="engine answered nothing"):
        stock(" ").answer("Who leads Highreso?")


def test_the_fingerprint_names_engine_model_and_index() -> None:
    one = stock("x").fingerprint("en")
    other = StockAssistant("other", lambda *_: StockReply("x", ()), ScriptedGenerator(), Shelf(), identity="toy 1")
    assert one == stock("y").fingerprint("ja") != other.fingerprint("en")


@pytest.fixture
def engines(toy_embedder: Embedder) -> dict[str, Callable[..., StockReply]]:
    texts = [
        ("d1", "Tram", "The tram line opened on 12 March 2021. It has 18 stops."),
        ("d2", "Library", "Halden Library holds 240,000 books."),
    ]
    return llama_index_engines(texts, toy_embedder)


def test_the_citation_engine_numbers_its_sources(engines: dict[str, Callable[..., StockReply]]) -> None:
    generator = ScriptedGenerator(["The tram opened in 2021 [1]."])
    reply = engines["LlamaIndex CitationQueryEngine"]("When did the tram line open?", generator)
    assert reply.text == "The tram opened in 2021 [1]."
    assert [source.document_id for source in reply.sources] == ["d1", "d2"]
    assert reply.sources[0].text == "The tram line opened on 12 March 2021. It has 18 stops."
    [prompt] = generator.prompts
    assert "Source 1:\nThe tram line opened" in prompt
    assert "Query: When did the tram line open?" in prompt
    [request] = generator.requests
    assert (request["schema"], request["max_tokens"]) == (None, 256)


def test_the_plain_engine_asks_with_its_own_prompt(engines: dict[str, Callable[..., StockReply]]) -> None:
    generator = ScriptedGenerator(["In 2021."])
    reply = engines["LlamaIndex query engine"]("When did the tram line open?", generator)
    assert (reply.text, len(reply.sources)) == ("In 2021.", 2)
    assert "Given the context information" in generator.prompts[0]


def test_a_lost_server_is_a_failure_of_the_run(engines: dict[str, Callable[..., StockReply]]) -> None:
    with pytest.raises(RunError, match="stopped in the middle"):
        engines["LlamaIndex query engine"]("When?", ScriptedGenerator(["x"], fail_after=0))


def test_vectors_that_are_there_are_not_computed_again(toy_embedder: Embedder) -> None:
    texts = ["The tram has 18 stops.", "The library holds books."]
    vectors = toy_embedder.embed_passages(texts)
    toy_embedder.embedded.clear()  # type: ignore[attr-defined]
    search = llama_index_over_vectors(texts, vectors, toy_embedder, 2)
    assert search("books of the library") == ["1", "0"]
    assert toy_embedder.embedded == []  # type: ignore[attr-defined]
