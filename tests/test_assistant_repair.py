"""Step 9, the one repair: a quoted sentence in the reader's language, or a translation that passes the same checks."""

import json
from dataclasses import replace

import pytest

from assistant.citation import Draft
from assistant.context import Context
from assistant.quoting import SentenceIndex
from assistant.records import Claim
from assistant.repair import repair
from assistant.verification import Verifier
from index.errors import RunError
from index.records import RetrievedPassage
from index.retriever import Retriever
from tests.scripted_generator import ScriptedGenerator

Hits = dict[str, RetrievedPassage]


@pytest.fixture
def mend(sentence_index: SentenceIndex, island_hits: Hits) -> "Mend":
    return Mend(sentence_index, island_hits)


class Mend:
    """Repairs the answer to a question from one document."""

    def __init__(self, sentences: SentenceIndex, hits: Hits) -> None:
        self._sentences = sentences
        self._hits = hits
        self.generator = ScriptedGenerator()

    def __call__(self, question: str, language: str, name: str, *translations: str) -> Claim | None:
        self.generator.outputs = [json.dumps({"text": text}, ensure_ascii=False) for text in translations] or [""]
        context = Context({"K3": self._hits[name]}, "", ())
        verifier = Verifier(question, language, context, self._sentences, 0.7)
        return repair(question, language, context, self._sentences, verifier, self.generator)


@pytest.mark.parametrize(
    ("question", "language", "name", "evidence"),
    [
        ("How much did the Brenmoor tram cost?", "en", "en/tram.md", "£86 million"),
        ("Combien a coûté le barrage de Corvanne ?", "fr", "fr/barrage.md", "310 millions d'euros"),
        ("青浜フェリーの建造費はいくらですか。", "ja", "ja/ferry.md", "48億円"),
        ("When did the Brenmoor tram open?", "en", "en/tram.md", "12 March 2021"),
    ],
)
def test_in_the_readers_language_the_sentence_itself_is_the_claim(
    mend: Mend, island: Retriever, question: str, language: str, name: str, evidence: str
) -> None:
    claim = mend(question, language, name)
    assert claim is not None
    citation = claim.citations[0]
    assert evidence in claim.text
    assert island.document(name).text[citation.start : citation.end] == citation.quote
    assert mend.generator.requests == []


def test_a_sentence_of_another_language_is_translated_and_checked(mend: Mend) -> None:
    claim = mend("How much did the Corvanne dam cost?", "en", "fr/barrage.md", "The Corvanne dam cost €310 million.")
    assert claim is not None
    assert claim.text == "The Corvanne dam cost €310 million."
    assert "310 millions d'euros" in claim.citations[0].quote
    request = mend.generator.requests[0]
    assert request["language"] == "en"
    assert "€310 million" in request["messages"][-1]["content"]


@pytest.mark.parametrize(
    "translation",
    [
        "The Corvanne dam cost €310 billion.",
        "The Corvanne dam cost £310 million.",
        "SoftBank paid €310 million for the dam.",
        "Le barrage de Corvanne a coûté 310 millions d'euros.",
        "",
    ],
    ids=["scale", "currency", "name", "language", "empty"],
)
def test_a_translation_that_fails_the_checks_gives_way_to_the_figure(mend: Mend, translation: str) -> None:
    claim = mend("How much did the Corvanne dam cost?", "en", "fr/barrage.md", translation)
    assert claim is not None
    assert claim.text == "The answer is: €310 million."
    assert [figure.verdict for figure in claim.figures] == ["exact"]
    assert len(mend.generator.requests) == 1


@pytest.mark.parametrize(
    ("question", "text"),
    [
        (
            "How much did the Corvanne dam cost?",
            "Le barrage de Corvanne a coûté 310 millions d'euros, puis 9 millions d'euros.",
        ),
        ("Who paid for the Corvanne dam?", "Le barrage de Corvanne a été payé par la région : 310 millions d'euros."),
        ("How much did the Corvanne dam cost?", "Le barrage voisin a coûté 310 millions d'euros."),
    ],
    ids=["two sums", "no figure asked", "about another"],
)
def test_no_figure_stands_for_a_sentence_that_may_mean_another(mend: Mend, question: str, text: str) -> None:
    hit = mend._hits["fr/barrage.md"]
    passage = replace(hit.passage, passage_id="dam", title="", section="", text=text, end=hit.passage.start + len(text))
    context = Context({"K3": replace(hit, passage=passage)}, "", ())
    verifier = Verifier(question, "en", context, mend._sentences, 0.7)
    mend.generator.outputs = ['{"text": ""}']
    assert repair(question, "en", context, mend._sentences, verifier, mend.generator) is None


def test_the_quote_of_a_draft_that_could_not_be_shown_is_translated(mend: Mend) -> None:
    question = "Did the Corvanne dam cost 310 million?"
    context = Context({"K3": mend._hits["fr/barrage.md"]}, "", ())
    verifier = Verifier(question, "en", context, mend._sentences, 0.7)
    assert verifier.check(Draft("Yes, it cost €310 million.", ("K3",))).claim is None
    mend.generator.outputs = ['{"text": "The Corvanne dam cost €310 million."}']
    claim = repair(question, "en", context, mend._sentences, verifier, mend.generator)
    assert claim is not None
    assert claim.text == "The Corvanne dam cost €310 million."
    assert "310 millions" in claim.citations[0].quote


@pytest.mark.parametrize(
    ("sentence", "denials_only", "shown"),
    [
        ("The Brenmoor tram does not run at night.", True, True),
        ("The Brenmoor tram runs at night.", True, False),
        ("The Brenmoor tram runs at night.", False, True),
    ],
)
def test_where_the_model_found_nothing_only_a_denial_is_quoted(
    mend: Mend, sentence: str, denials_only: bool, shown: bool
) -> None:
    hit = mend._hits["en/tram.md"]
    passage = replace(hit.passage, passage_id="night", text=sentence, end=hit.passage.start + len(sentence))
    context = Context({"K3": replace(hit, passage=passage)}, "", ())
    question = "Does the Brenmoor tram run at night?"
    verifier = Verifier(question, "en", context, mend._sentences, 0.7)
    claim = repair(question, "en", context, mend._sentences, verifier, mend.generator, denials_only=denials_only)
    assert (claim is not None) is shown


@pytest.mark.parametrize("output", ["", "not JSON", "[]", '{"sentence": "x"}', "null", '{"text": "cut'])
def test_a_translation_that_is_not_as_asked_gives_way_to_the_figure(mend: Mend, output: str) -> None:
    mend.generator.piece_characters = 3
    question = "How much did the Corvanne dam cost?"
    context = Context({"K3": mend._hits["fr/barrage.md"]}, "", ())
    verifier = Verifier(question, "en", context, mend._sentences, 0.7)
    mend.generator.outputs = [output]
    claim = repair(question, "en", context, mend._sentences, verifier, mend.generator)
    assert claim is not None
    assert claim.text == "The answer is: €310 million."


@pytest.mark.parametrize(
    ("question", "language", "name"),
    [
        ("How much did the lighthouse at Cape Orrin cost?", "en", "en/lighthouse.md"),
        ("How much did KDDI pay for the Brenmoor tram?", "en", "en/tram.md"),
        ("When was the lighthouse's H200 computer bought?", "en", "en/lighthouse.md"),
    ],
    ids=["no-amount", "other-company", "other-product"],
)
def test_nothing_is_made_of_a_passage_that_does_not_answer(mend: Mend, question: str, language: str, name: str) -> None:
    assert mend(question, language, name) is None


def test_a_model_server_that_dies_is_told_to_the_pipeline(mend: Mend) -> None:
    mend.generator.fail_after = 0
    with pytest.raises(RunError):
        mend("How much did the Corvanne dam cost?", "en", "fr/barrage.md", "The Corvanne dam cost €310 million.")
