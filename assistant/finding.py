"""Step 3: the question → the passages that may answer it."""

from assistant.as_written import as_written
from assistant.subject import has_name, unknown_names
from index.records import RetrievedPassage
from index.retriever import Retriever

_NAMED = 4  # looked up by the names of a question alone


def read_and_find(retriever: Retriever, question: str, language: str, most: int) -> tuple[str, list[RetrievedPassage]]:
    """The question as the documents write its words, and its passages; arguments as for `find_passages`.

    The embedder, too, knows French words by their accents: a question that lacked them is looked up once more.
    """
    hits = find_passages(retriever, question, language, most)
    written = as_written(question, language, [hit.passage.text for hit in hits])
    same = written.casefold() == question.casefold()  # capitals change little
    return written, hits if same else find_passages(retriever, written, language, most)


def find_passages(retriever: Retriever, question: str, language: str, most: int) -> list[RetrievedPassage]:
    """Search the index.

    A passage that lacks the names of the question cannot answer it. Where none of the best has one of the names that
    no table knows, those that the names alone find come first.

    Args:
        retriever: the open index.
        question: the stand-alone question.
        language: its language.
        most: most passages.
    """
    hits = retriever.search(question, most, language=language)
    names = sorted(unknown_names(question))
    if not names or any(has_name(hit.passage, names) for hit in hits):
        return hits
    named = retriever.search(" ".join(names), _NAMED, language=language)
    return [*(hit for hit in named if has_name(hit.passage, names)), *hits][:most]
