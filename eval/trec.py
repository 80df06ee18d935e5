"""Judgements (qrels) and rankings (runs) in the text form of TREC and BEIR and in the JSON form of ranx.

qrels   query 0 document grade   (TREC) · query TAB document TAB grade (BEIR) · {query: {document: grade}} (ranx)
run     query Q0 document rank score name   (TREC) · {query: {document: score}} (ranx)
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

from eval.imported import ImportedDocument, ImportedQuestion, ImportedSet
from eval.json_lines import add_once, id_and_text, read_records
from index.errors import UsageError

Judgements = Mapping[str, Mapping[str, int]]  # query → document → grade; above 0 is relevant


def read_qrels(file: Path) -> dict[str, dict[str, int]]:
    """Read judgements.

    Raises:
        UsageError: the file cannot be read, has not the form, or holds no judgement.
    """
    qrels: dict[str, dict[str, int]] = {}
    for where, query, document, grade in _triples(file, {3: (0, 1, 2), 4: (0, 2, 3)}, "query 0 document grade"):
        if not float(grade).is_integer():
            raise UsageError(f"{where}: the grade {grade} is not a whole number")
        qrels.setdefault(query, {})[document] = int(float(grade))
    if not qrels:
        raise UsageError(f"{file} holds no judgements")
    return qrels


def read_run(file: Path) -> dict[str, list[str]]:
    """Read a ranking: query → documents, best first. The scores decide, then the order in the file.

    Raises:
        UsageError: the file cannot be read, has not the form, or is empty.
    """
    scores: dict[str, dict[str, float]] = {}
    for _, query, document, score in _triples(file, {6: (0, 2, 4)}, "query Q0 document rank score name"):
        scores.setdefault(query, {}).setdefault(document, float(score))
    if not scores:
        raise UsageError(f"{file} holds no ranking")
    return {query: sorted(found, key=lambda one: -found[one]) for query, found in scores.items()}


def read_judged(qrels: Path, queries: Path, corpus: Path | None = None) -> ImportedSet:
    """Put judgements, texts of queries and documents together; queries that were not judged are left out.

    Args:
        qrels: see `read_qrels`.
        queries: {query_id or id or _id, question or query or text} lines, or a .tsv of "id TAB text" lines.
        corpus: {_id or doc_id or docid, title, text} lines; None: no documents.

    Raises:
        UsageError: a file cannot be read or has not the form, or the text of a judged query is missing.
    """
    judged, texts = read_qrels(qrels), dict(_texts(queries))
    missing = [query for query in judged if query not in texts]
    if missing:
        raise UsageError(f"{queries} lacks {len(missing)} of the judged queries ({', '.join(missing[:5])})")
    questions = [
        ImportedQuestion(query, texts[query], {document: grade for document, grade in grades.items() if grade > 0})
        for query, grades in judged.items()
    ]
    return ImportedSet(() if corpus is None else _documents(corpus), tuple(questions))


def read_beir(folder: Path, split: str | None = None) -> ImportedSet:
    """Read a data set folder of BEIR (Thakur et al., NeurIPS 2021): corpus.jsonl, queries.jsonl, qrels/SPLIT.tsv.

    Args:
        folder: of the data set.
        split: which judgements; None: "test", or the only ones.

    Raises:
        UsageError: as `read_judged`, or there are no such judgements.
    """
    splits = sorted(path.stem for path in (folder / "qrels").glob("*.tsv"))
    if not splits:
        raise UsageError(f"{folder} is not a BEIR folder: there is no qrels/*.tsv in it")
    split = split or ("test" if "test" in splits else splits[0] if len(splits) == 1 else "")
    if split not in splits:
        raise UsageError(f"{folder} has judgements of {', '.join(splits)}; choose one with --split")
    return read_judged(folder / "qrels" / f"{split}.tsv", folder / "queries.jsonl", folder / "corpus.jsonl")


def _documents(file: Path) -> tuple[ImportedDocument, ...]:
    documents: dict[str, ImportedDocument] = {}
    for where, record in read_records(file):
        identity = next((str(record[key]) for key in ("_id", "doc_id", "docid") if record.get(key) is not None), "")
        if not identity or not isinstance(record.get("text"), str):
            raise UsageError(f"{where} needs '_id' (or 'doc_id', 'docid') and 'text'")
        document = ImportedDocument(identity, str(record.get("title") or ""), record["text"])
        add_once(documents, identity, document, where)
    return tuple(documents.values())


def _texts(file: Path) -> Iterator[tuple[str, str]]:
    if file.suffix.lower() != ".tsv":
        yield from (id_and_text(record, where) for where, record in read_records(file))
        return
    for where, line in _lines(file):
        identity, tab, text = line.partition("\t")
        if not tab or not text.strip():
            raise UsageError(f"{where} is not 'id TAB text'")
        yield identity.strip(), text.strip()


def _triples(file: Path, columns: Mapping[int, tuple[int, int, int]], form: str) -> Iterator[tuple[str, str, str, str]]:
    """Yield (place, query, document, number); the number is one."""
    if file.suffix.lower() == ".json":
        yield from _nested(file)
        return
    for number, (where, line) in enumerate(_lines(file)):
        parts = line.split("\t")
        parts = parts if len(parts) in columns else line.split()
        if len(parts) not in columns:
            raise UsageError(f"{where} is not '{form}'")
        query, document, value = (parts[place].strip() for place in columns[len(parts)])
        if _is_number(value):
            yield where, query, document, value
        elif number:  # the first line may name the columns
            raise UsageError(f"{where} is not '{form}': {value!r} is not a number")


def _nested(file: Path) -> Iterator[tuple[str, str, str, str]]:
    try:
        content = json.loads("".join(f"{line}\n" for _, line in _lines(file)))
        yield from (
            (f"{file}, query '{query}'", query, document, str(float(value)))
            for query, found in content.items()
            for document, value in found.items()
        )
    except (ValueError, AttributeError, TypeError):
        raise UsageError(f"{file} is not {{query: {{document: number}}}}") from None


def _lines(file: Path) -> Iterator[tuple[str, str]]:
    try:
        lines = file.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"cannot read {file}: {getattr(error, 'strerror', None) or error}") from None
    yield from ((f"{file} line {number}", line) for number, line in enumerate(lines, start=1) if line.strip())


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
