"""The passages with the names of a question are found, also where its other words lead elsewhere."""

from dataclasses import replace

from assistant.finding import find_passages, read_and_find
from index.records import RetrievedPassage


class Searched:
    """Gives hits by query, and remembers the queries."""

    def __init__(self, found: dict[str, list[RetrievedPassage]]) -> None:
        self._found = found
        self.queries: list[str] = []

    def search(self, query: str, k: int, *, language: str) -> list[RetrievedPassage]:
        self.queries.append(query)
        return self._found[query][:k]


def hit(island_hits: dict[str, RetrievedPassage], text: str) -> RetrievedPassage:
    found = island_hits["en/tram.md"]
    return replace(found, passage=replace(found.passage, passage_id=text, title="Notes", section="", text=text))


QUESTION = "How fast is the Zephyra test?"


def test_what_the_names_alone_find_comes_first(island_hits: dict[str, RetrievedPassage]) -> None:
    others = [hit(island_hits, text) for text in ("A test.", "Another test.", "A third one.")]
    named = [hit(island_hits, "Zephyra ran."), hit(island_hits, "Nothing of it.")]
    searched = Searched({QUESTION: others, "zephyra": named})
    found = find_passages(searched, QUESTION, "en", 3)  # type: ignore[arg-type]
    assert [one.passage.text for one in found] == ["Zephyra ran.", "A test.", "Another test."]


def test_one_search_is_enough_where_a_passage_has_the_name(island_hits: dict[str, RetrievedPassage]) -> None:
    hits = [hit(island_hits, "A test."), hit(island_hits, "Zephyra ran.")]
    searched = Searched({QUESTION: hits})
    assert find_passages(searched, QUESTION, "en", 3) == hits  # type: ignore[arg-type]
    assert searched.queries == [QUESTION]
    plain = Searched({"How fast is the test?": hits})
    assert find_passages(plain, "How fast is the test?", "en", 3) == hits  # type: ignore[arg-type]


def test_a_question_typed_carelessly_is_looked_up_once_more(island_hits: dict[str, RetrievedPassage]) -> None:
    first, then = [hit(island_hits, "La société Zephyra a ouvert.")], [hit(island_hits, "Zephyra : 12 Md€.")]
    searched = Searched({"budget de la societe zephyra": first, "budget de la société Zephyra": then})
    read = read_and_find(searched, "budget de la societe zephyra", "fr", 3)  # type: ignore[arg-type]
    assert read == ("budget de la société Zephyra", then)
    plain = Searched({"Budget de la société ?": first})
    assert read_and_find(plain, "Budget de la société ?", "fr", 3) == ("Budget de la société ?", first)  # type: ignore[arg-type]
    assert len(plain.queries) == 1
    small = Searched({"zephyra": first})
    assert read_and_find(small, "zephyra", "fr", 3) == ("Zephyra", first)  # type: ignore[arg-type]
