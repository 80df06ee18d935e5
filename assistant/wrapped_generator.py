"""A generator around another one. It passes everything through; what is built on it changes one thing."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from assistant.generator import Generator


class WrappedGenerator:
    """Implements `assistant.generator.Generator` by another generator."""

    def __init__(self, generator: Generator) -> None:
        self._generator = generator

    @property
    def model(self) -> str:
        """As the generator says."""
        return self._generator.model

    @property
    def engine(self) -> str:
        """As the generator says."""
        return self._generator.engine

    @property
    def context_tokens(self) -> int:
        """As the generator says."""
        return self._generator.context_tokens

    @property
    def reads_fast(self) -> bool:
        """As the generator does."""
        return self._generator.reads_fast

    @property
    def probed(self) -> bool:
        """As the generator says."""
        return self._generator.probed

    def count_tokens(self, text: str) -> int:
        """As the generator counts."""
        return self._generator.count_tokens(text)

    def stream(
        self, messages: Sequence[Mapping[str, str]], *, schema: Mapping[str, Any] | None, max_tokens: int, language: str
    ) -> Iterator[str]:
        """Generate as the generator does."""
        return self._generator.stream(messages, schema=schema, max_tokens=max_tokens, language=language)
