"""`eval import`: public question sets in our own form, so that anybody can score us on theirs."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from eval.imported import ImportedSet, write_set
from eval.loose_lines import read_loose
from eval.squad import read_squad
from eval.trec import read_beir, read_judged
from index.errors import UsageError


def import_set(
    form: str, sources: Sequence[Path], output: Path, *, language: str | None = None, split: str | None = None
) -> tuple[ImportedSet, list[Path]]:
    """Read a set and write it.

    Args:
        form: one of `FORMS`.
        sources: what it is read from; see `FORMS`.
        output: folder for the files, see `eval.imported`.
        language: of the questions; None: told from each.
        split: which judgements of a BEIR folder.

    Returns:
        The set and the files written.

    Raises:
        UsageError: a source is missing or has not the form.
        RunError: a file cannot be written.
    """
    if split is not None and form != "beir":
        raise UsageError("--split is for BEIR folders")
    least, most, _ = FORMS[form]
    if not least <= len(sources) <= most:
        raise UsageError(f"'import {form}' reads {FORMS[form][2]}; {len(sources)} given")
    imported = read_beir(sources[0], split) if form == "beir" else _READERS[form](sources)
    return imported, write_set(imported, output, language)


_ANY = 1_000_000
FORMS: Mapping[str, tuple[int, int, str]] = {  # fewest and most sources, and what they are
    "squad": (1, _ANY, "files of SQuAD's JSON, version 1 or 2"),
    "beir": (1, 1, "a folder with corpus.jsonl, queries.jsonl and qrels/*.tsv"),
    "trec": (2, 3, "QRELS QUERIES [CORPUS]: judgements of TREC or ranx, .jsonl or .tsv queries, .jsonl documents"),
    "jsonl": (1, _ANY, "files with question, answers and context a line"),
}
_READERS: Mapping[str, Callable[[Sequence[Path]], ImportedSet]] = {
    "squad": read_squad,
    "trec": lambda sources: read_judged(*sources),
    "jsonl": read_loose,
}
