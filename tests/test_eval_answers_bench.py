"""The answers of three systems side by side, on the island's documents, with scripted models."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from assistant.records import Citation, Claim, Turn
from eval.answers import GivenAnswer, Retrieved
from eval.answers_bench import MEASURES, answers_page, bench_answers
from eval.case import Case, Library
from eval.questions import EvalQuestion
from index.build import build
from index.config import IndexConfig
from index.embedder import Embedder
from index.errors import UsageError
from index.retriever import Retriever
from tests.eval_sample import EN, GRANT_EN, INVEST_EN, Shelf
from tests.island_documents import ISLAND, TRAM
from tests.scripted_generator import ScriptedGenerator, written

QUESTIONS = [
    EvalQuestion(id="e1", lang="en", question=TRAM, answerable=True, answer="18", kind="number",
                 relevant_document_ids=("en/tram.md",)),
    EvalQuestion(id="e2", lang="en", question="Who is the mayor of Brenmoor?", answerable=False, kind="unanswerable"),
    EvalQuestion(id="e3", lang="en", question="And how long is it?", answerable=True, answer="14.2 kilometres",
                 history=(Turn("user", TRAM),)),
]  # fmt: skip


@pytest.fixture
def index(tmp_path: Path, real_embedder: Embedder) -> Path:
    documents = tmp_path / "documents"
    for name in ("en/tram.md", "en/library.md"):
        path = documents / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(ISLAND[name], encoding="utf-8")
    build([documents], tmp_path / "index", real_embedder, IndexConfig())
    return tmp_path / "index"


@pytest.fixture
def assistant(make_assistant: Callable[..., object], index: Path, real_embedder: Embedder) -> Iterator[object]:
    made = make_assistant(written())
    with Retriever.open(index, real_embedder, IndexConfig()) as retriever:
        made.retriever = retriever
        yield made


class Answering(ScriptedGenerator):
    """Answers our prompt as asked, and those of the engines in their way."""

    def stream(self, messages, *, schema, max_tokens, language):
        text = "\n".join(message["content"] for message in messages)
        if "mayor" in text:
            output = written() if schema else "None of the sources are helpful."
        elif schema:
            code = messages[-1]["content"].split("[", 1)[1][:2]
            output = written((code, "The Brenmoor tram line has 18 stops."))
        else:
            output = "It has 99 stops [1]." if "Source 1" in text else "It has 18 stops."
        self.outputs = [output]
        return super().stream(messages, schema=schema, max_tokens=max_tokens, language=language)


def test_three_systems_answer_and_are_graded_alike(assistant, index: Path, tmp_path: Path) -> None:
    assistant.generator = Answering()
    found = bench_answers(assistant, index, QUESTIONS, tmp_path / "kept")
    assert {name: [case.outcome for case in cases] for name, cases in found.items()} == {
        "Shoko": ["correct", "right refusal"],
        "LlamaIndex CitationQueryEngine": ["wrong", "right refusal"],
        "LlamaIndex query engine": ["correct", "right refusal"],
    }
    values = {name: {measure.title: measure.of(cases[0]) for measure in MEASURES} for name, cases in found.items()}
    wrong = "wrong figure shown, of answers"
    cited = "right passage cited, of answers"
    assert {name: (row[wrong], row[cited]) for name, row in values.items()} == {
        "Shoko": (0.0, 1.0),
        "LlamaIndex CitationQueryEngine": (1.0, 1.0),  # 99 stands nowhere, but the source that it cites has the 18
        "LlamaIndex query engine": (0.0, 0.0),  # 18 stands in what the model was given, and nothing is cited
    }
    page = answers_page("a command", found, assistant)
    assert "2 questions, 1 of them without an answer in the documents; scripted on test" in page
    right = next(line for line in page.splitlines() if line.startswith("| right: correct"))
    assert [cell.strip().split(" [")[0] for cell in right.split("|")[2:-1]] == [
        "100 %",
        "50 %",
        "2.00",
        "100 %",
        "1.00",
    ]
    assert sorted(path.name for path in (tmp_path / "kept").iterdir()) == [
        "llamaindex-citationqueryengine.jsonl", "llamaindex-query-engine.jsonl", "shoko.jsonl",
    ]  # fmt: skip


def test_kept_answers_are_not_asked_for_again(assistant, index: Path, tmp_path: Path) -> None:
    assistant.generator = Answering()
    bench_answers(assistant, index, QUESTIONS[:1], tmp_path / "kept")
    assistant.generator = again = Answering()
    bench_answers(assistant, index, QUESTIONS[:1], tmp_path / "kept")
    assert again.requests == []
    bench_answers(assistant, index, QUESTIONS[:1], tmp_path / "kept", restart=True)
    assert len(again.requests) == 3


def test_without_a_model_or_a_question_there_is_nothing_to_compare(assistant, index: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="stands alone"):
        bench_answers(assistant, index, QUESTIONS[2:], tmp_path)
    assistant.generator = None
    with pytest.raises(UsageError, match="needs a model server"):
        bench_answers(assistant, index, QUESTIONS, tmp_path)


def test_a_sentence_without_a_citation_counts_as_citing_what_the_model_was_given() -> None:
    given = (Retrieved("p", EN, "SoftBank", f"{INVEST_EN} {GRANT_EN}", 0.9),)
    question = EvalQuestion(id="e", lang="en", question="How much?", answerable=True, answer="¥42.1 billion")
    answer = GivenAnswer("e", "How much?", language="en", status="answered", passages=given)
    measure = next(measure for measure in MEASURES if measure.title.startswith("wrong figure"))

    def wrong(text: str, *citations: Citation) -> float | None:
        claims = (Claim(text, "unchecked", (), citations),)
        return measure.of(Case(question, replace(answer, claims=claims), Library(Shelf())))

    invest = Citation(1, "p", EN, "SoftBank", "", "", None, INVEST_EN, 0, len(INVEST_EN))
    assert wrong("The grant is ¥42.1 billion.") == 0.0
    assert wrong("The grant is ¥43 billion.") == 1.0
    assert wrong("The plan is ¥150 billion.", invest) == 0.0
    assert wrong("The plan is ¥151 billion.", invest) == 1.0
