"""LlamaIndex's own retrieval pipeline with our embedder, to compare with. The only importer of llama_index here.

As its documentation starts: `SentenceSplitter` and `VectorStoreIndex` with their defaults; and the same fused with its
BM25 retriever by `QueryFusionRetriever`, where that package is installed.
"""

from collections.abc import Callable, Sequence
from typing import Any

from llama_index.core import Document as LlamaDocument
from llama_index.core import VectorStoreIndex
from llama_index.core.base.embeddings.base import BaseEmbedding
from llama_index.core.llms import MockLLM
from llama_index.core.node_parser import SentenceSplitter
from llama_index.core.retrievers import QueryFusionRetriever
from pydantic import PrivateAttr

from index.embedder import Embedder

Search = Callable[[str], list[str]]


class OurEmbedding(BaseEmbedding):  # type: ignore[misc]  # the library is not followed by the type checker
    """Our embedder as LlamaIndex calls one."""

    _embedder: Any = PrivateAttr()

    def __init__(self, embedder: Embedder) -> None:
        super().__init__(model_name=embedder.name, embed_batch_size=256)
        self._embedder = embedder

    def _get_query_embedding(self, query: str) -> list[float]:
        return self._embedder.embed_queries([query])[0].tolist()  # type: ignore[no-any-return]

    async def _aget_query_embedding(self, query: str) -> list[float]:
        return self._get_query_embedding(query)

    def _get_text_embedding(self, text: str) -> list[float]:
        return self._get_text_embeddings([text])[0]

    def _get_text_embeddings(self, texts: list[str]) -> list[list[float]]:
        return self._embedder.embed_passages(texts).tolist()  # type: ignore[no-any-return]


def llama_index_searches(
    documents: Sequence[tuple[str, str, str]], embedder: Embedder, nodes_per_query: int
) -> dict[str, Search]:
    """Index documents (id, title, text) with LlamaIndex.

    Returns:
        Name of the pipeline → a function from a query to the ids of the documents found, best first, each once.
    """
    items = [LlamaDocument(text=text, id_=identity, metadata={"title": title}) for identity, title, text in documents]
    nodes = SentenceSplitter().get_nodes_from_documents(items)
    index = VectorStoreIndex(nodes, embed_model=OurEmbedding(embedder))
    dense = index.as_retriever(similarity_top_k=nodes_per_query)
    searches = {"LlamaIndex VectorStoreIndex": _search(dense)}
    try:
        from llama_index.retrievers.bm25 import BM25Retriever
    except ImportError:
        return searches
    words = BM25Retriever.from_defaults(nodes=nodes, similarity_top_k=min(nodes_per_query, len(nodes)))
    searches["LlamaIndex BM25Retriever"] = _search(words)
    both = QueryFusionRetriever(
        [dense, words],
        llm=MockLLM(),
        mode="reciprocal_rerank",
        num_queries=1,
        use_async=False,
        similarity_top_k=nodes_per_query,
    )
    searches["LlamaIndex QueryFusionRetriever of both"] = _search(both)
    return searches


def _search(retriever: Any) -> Search:  # noqa: ANN401
    def search(query: str) -> list[str]:
        found = retriever.retrieve(query)
        return list(dict.fromkeys(str(item.node.ref_doc_id) for item in found))

    return search
