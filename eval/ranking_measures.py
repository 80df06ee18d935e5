"""Retrieval measures per query, by ir-measures (MacAvaney et al., ECIR 2022). The only module that imports it."""

from collections.abc import Mapping, Sequence

MEASURES = ("nDCG@10", "RR@10", "R@1", "R@5", "R@10")
DEPTH = 10  # deepest rank that a measure looks at

Qrels = Mapping[str, Sequence[str] | Mapping[str, int]]  # query id → relevant documents, or documents with grades
Run = Mapping[str, Sequence[str]]  # query id → ids of the documents found, best first, each once


def measure_run(run: Run, qrels: Qrels) -> dict[str, dict[str, float]]:
    """Score a run query by query.

    A query without a relevant document is left out; a query for which nothing was found scores 0.

    Returns:
        Query id → measure name → value, 0 to 1.
    """
    import ir_measures

    judged = {query: relevant for query, relevant in qrels.items() if relevant}
    truth = [
        ir_measures.Qrel(query, document, relevant[document] if isinstance(relevant, Mapping) else 1)
        for query, relevant in judged.items()
        for document in dict.fromkeys(relevant)
    ]
    found = [  # the order decides, so that equal scores of the retriever cannot be shuffled
        ir_measures.ScoredDoc(query, document, float(-rank))
        for query in judged
        for rank, document in enumerate(run.get(query, ()), start=1)
    ]
    scores: dict[str, dict[str, float]] = {query: dict.fromkeys(MEASURES, 0.0) for query in judged}
    if not truth:
        return scores
    for one in ir_measures.iter_calc([ir_measures.parse_measure(name) for name in MEASURES], truth, found):
        scores[one.query_id][str(one.measure)] = float(one.value)
    return scores
