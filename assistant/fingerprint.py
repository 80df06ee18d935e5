"""What decides an answer, as a short hash: answers of two programs can be compared where it is the same."""

import dataclasses
import hashlib
import json

from assistant.config import AssistantConfig
from assistant.generator import Generator
from index.embedder import Embedder
from index.retriever import Retriever
from prompts import load

NO_MODEL = "none"
PROMPTS = ("choose", "confirm", "answer", "extract", "same", "condense", "translate")  # the most important first
READ_ONLY = ("choose", "confirm", "same")
"""Of the prompts: those that are answered with one token."""


def fingerprint(
    generator: Generator | None, config: AssistantConfig, embedder: Embedder, retriever: Retriever, language: str
) -> str:
    """SHA-256 (16 hex characters) of what decides an answer: model, prompts, settings, index generation."""
    parts = {
        "engine": generator.engine if generator else NO_MODEL,
        "model": generator.model if generator else NO_MODEL,
        "reads_fast": generator is not None and generator.reads_fast,
        "probed": generator is not None and generator.probed,
        "prompts": [load(name, language).hash for name in PROMPTS],
        "settings": {**dataclasses.asdict(config), "record": ""},
        "embedder": embedder.name,
        "generation": retriever.generation,
    }
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:16]
