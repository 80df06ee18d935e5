"""Evaluation: question sets → answers → scores with intervals → report, comparison, gate.

    python -m eval run --questions FILE.jsonl --index DIR --output DIR    answers.jsonl, report.json, report.html
    python -m eval retrieval --corpus FILE --queries FILE --output FILE   nDCG, reciprocal rank, recall
    python -m eval support --items FILE --output FILE                     the claim checker on labelled items
    python -m eval compare A B                                            what changed, and whether it is chance
    python -m eval gate --baseline FILE --report DIR                      exit 1 on a significant drop
    python -m eval judge --items FILE --report DIR --server URL           a model judges claims, after its examination
    python -m eval import FORM SOURCE... --output DIR                     public sets: SQuAD, BEIR, TREC, JSONL
    python -m eval bench                                                  times and memory of the whole program

Map of a run: questions → asking (answers, resumable) → case (question, answer, documents) → metrics, citation_checks;
matching and canonical recognise an answer → grading and bootstrap (estimates) → report, page, summary. With
`--generations FILE` what the model wrote is kept and used again (`eval.generations`); such times are never scored.
A comparison may be scored too kindly: an answer that names the right one of two counts, unless it denies it.
For notebooks: `read_run(folder)` gives answers, claims and scores as tables (`eval.notebook`).
"""

from eval.notebook import RunRecords, read_run

__all__ = ["RunRecords", "read_run"]
