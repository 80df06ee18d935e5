"""Our index as a retriever of LlamaIndex, for applications built on that library. The only importer of llama_index.

engine = RetrieverQueryEngine.from_args(ShokoRetriever(retriever, k=8), llm=...)
"""

from llama_index.core.retrievers import BaseRetriever
from llama_index.core.schema import NodeWithScore, QueryBundle, TextNode

from index.records import RetrievedPassage
from index.retriever import Retriever


class ShokoRetriever(BaseRetriever):  # type: ignore[misc]  # the library is not followed by the type checker
    """Hands the passages of a `Retriever` to LlamaIndex, with offsets, sources and the scores of both arms."""

    def __init__(self, retriever: Retriever, k: int = 10) -> None:
        super().__init__()
        self._retriever = retriever
        self._k = k

    def _retrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        return [_node(hit) for hit in self._retriever.search(query_bundle.query_str, self._k)]


def _node(hit: RetrievedPassage) -> NodeWithScore:
    passage = hit.passage
    metadata = {
        "document_id": passage.document_id,
        "title": passage.title,
        "section": passage.section,
        "language": passage.language,
        "date": passage.date,
        "url": passage.url,
        "page": passage.page,
        "dense_score": hit.dense_score,
        "lexical_score": hit.lexical_score,
    }
    hidden = ["document_id", "url", "page", "dense_score", "lexical_score"]  # from the texts that models are given
    node = TextNode(
        id_=passage.passage_id,
        text=passage.text,
        start_char_idx=passage.start,
        end_char_idx=passage.end,
        metadata=metadata,
        excluded_llm_metadata_keys=hidden,
        excluded_embed_metadata_keys=hidden,
    )
    return NodeWithScore(node=node, score=hit.retrieval_score)
