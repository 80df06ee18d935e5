"""LlamaIndex's own pipelines with our embedder and our model server, to compare with. The only importer of it here.

As its documentation starts: `SentenceSplitter` and `VectorStoreIndex` with their defaults; the same fused with its BM25
retriever by `QueryFusionRetriever`, where that package is installed; `IngestionPipeline` with a document store;
`CitationQueryEngine` with three passages and sources of 512 tokens; and the query engine of the index.
"""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from llama_index.core import Document as LlamaDocument
from llama_index.core import VectorStoreIndex
from llama_index.core.base.embeddings.base import BaseEmbedding
from llama_index.core.base.llms.types import ChatMessage, ChatResponse, CompletionResponse, LLMMetadata
from llama_index.core.ingestion import DocstoreStrategy, IngestionPipeline
from llama_index.core.llms import MockLLM
from llama_index.core.llms.callbacks import llm_chat_callback, llm_completion_callback
from llama_index.core.llms.custom import CustomLLM
from llama_index.core.node_parser import SentenceSplitter
from llama_index.core.query_engine import CitationQueryEngine
from llama_index.core.retrievers import QueryFusionRetriever
from llama_index.core.schema import MetadataMode, TextNode
from llama_index.core.storage.docstore import SimpleDocumentStore
from numpy.typing import NDArray
from pydantic import PrivateAttr

from assistant.generator import Generator
from eval.stock_bench import Ask, StockReply, StockSource
from index.embedder import Embedder

Search = Callable[[str], list[str]]
Texts = Sequence[tuple[str, str, str]]  # id, title and text of each document

_ANSWER_TOKENS = 256  # its own default
_CITED_PASSAGES, _SOURCE_TOKENS = 3, 512  # as its documentation of the citation engine has them


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


class OurModel(CustomLLM):  # type: ignore[misc]
    """Our client of the model server as LlamaIndex calls a model: chat requests, greedy, without a schema."""

    _generator: Any = PrivateAttr()

    def __init__(self, generator: Generator) -> None:
        super().__init__()
        self._generator = generator

    @property
    def metadata(self) -> LLMMetadata:
        """What the server said of its model."""
        return LLMMetadata(
            context_window=self._generator.context_tokens,
            num_output=_ANSWER_TOKENS,
            is_chat_model=True,
            model_name=self._generator.model,
        )

    @llm_chat_callback()  # type: ignore[untyped-decorator]
    def chat(self, messages: Sequence[ChatMessage], **_: Any) -> ChatResponse:  # noqa: ANN401
        """Answer a conversation."""
        text = self._write([{"role": one.role.value, "content": one.content or ""} for one in messages])
        return ChatResponse(message=ChatMessage(role="assistant", content=text))

    @llm_completion_callback()  # type: ignore[untyped-decorator]
    def complete(self, prompt: str, formatted: bool = False, **_: Any) -> CompletionResponse:  # noqa: ANN401, FBT001, FBT002
        """Answer a prompt as the one message of a conversation."""
        return CompletionResponse(text=self._write([{"role": "user", "content": prompt}]))

    @llm_completion_callback()  # type: ignore[untyped-decorator]
    def stream_complete(self, prompt: str, formatted: bool = False, **_: Any) -> Iterator[CompletionResponse]:  # noqa: ANN401, FBT001, FBT002
        """The same in one piece; no engine here streams."""
        yield self.complete(prompt)

    def _write(self, messages: list[dict[str, str]]) -> str:
        stream = self._generator.stream(messages, schema=None, max_tokens=_ANSWER_TOKENS, language="")
        return "".join(stream).strip()


def llama_index_engines(documents: Texts, embedder: Embedder) -> dict[str, Ask]:
    """Index documents with LlamaIndex, for its engines.

    Returns:
        Name of the engine → a function from a question and a client of a model server to the reply. It raises RunError
        where the server fails.
    """
    index = VectorStoreIndex(_nodes(documents), embed_model=OurEmbedding(embedder))

    def citing(question: str, generator: Generator) -> StockReply:
        engine = CitationQueryEngine.from_args(
            index, llm=OurModel(generator), similarity_top_k=_CITED_PASSAGES, citation_chunk_size=_SOURCE_TOKENS
        )
        return _reply(engine.query(question))

    def plain(question: str, generator: Generator) -> StockReply:
        return _reply(index.as_query_engine(llm=OurModel(generator)).query(question))

    return {"LlamaIndex CitationQueryEngine": citing, "LlamaIndex query engine": plain}


def _reply(response: Any) -> StockReply:  # noqa: ANN401
    sources = []
    for found in response.source_nodes:
        text = found.node.get_content(metadata_mode=MetadataMode.NONE)
        shown = text.partition(":\n")[2] if text.startswith("Source ") else text
        sources.append(StockSource(str(found.node.ref_doc_id), shown.strip(), found.score))
    return StockReply(str(response.response or ""), tuple(sources))


class StockIngestion:
    """LlamaIndex's ingestion: pipeline with a document store, vector index, storage on disk."""

    def __init__(self, documents: Texts, embedder: Embedder) -> None:
        self._documents = _documents(documents)
        self._embedding = OurEmbedding(embedder)
        self._pipeline = IngestionPipeline(
            transformations=[SentenceSplitter(), self._embedding],
            docstore=SimpleDocumentStore(),
            docstore_strategy=DocstoreStrategy.DUPLICATES_ONLY,
        )

    def build(self, folder: Path) -> int:
        """Ingest all documents and store the index; returns the number of its passages."""
        nodes = self._pipeline.run(documents=self._documents)
        index = VectorStoreIndex(nodes, embed_model=self._embedding)
        index.storage_context.persist(persist_dir=str(folder))
        self._pipeline.persist(str(folder / "pipeline"))
        return len(nodes)

    def again(self) -> int:
        """Ingest the same documents, which the document store knows; returns how many passages are new."""
        return len(self._pipeline.run(documents=self._documents))


def llama_index_over_vectors(
    texts: Sequence[str], vectors: NDArray[np.float32], embedder: Embedder, nodes_per_query: int
) -> Search:
    """Make LlamaIndex's vector index from vectors that are there; gives places of the texts found, best first."""
    nodes = [
        TextNode(text=text, id_=str(place), embedding=vector)
        for place, (text, vector) in enumerate(zip(texts, vectors.tolist(), strict=True))
    ]
    index = VectorStoreIndex(nodes, embed_model=OurEmbedding(embedder))
    retriever = index.as_retriever(similarity_top_k=nodes_per_query)
    return lambda query: [str(item.node.node_id) for item in retriever.retrieve(query)]


def llama_index_searches(documents: Texts, embedder: Embedder, nodes_per_query: int) -> dict[str, Search]:
    """Index documents with LlamaIndex.

    Returns:
        Name of the pipeline → a function from a query to the ids of the documents found, best first, each once.
    """
    nodes = _nodes(documents)
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


def _nodes(documents: Texts) -> list[Any]:
    nodes: list[Any] = SentenceSplitter().get_nodes_from_documents(_documents(documents))
    return nodes


def _documents(documents: Texts) -> list[Any]:
    return [LlamaDocument(text=text, id_=identity, metadata={"title": title}) for identity, title, text in documents]
