"""The smallest language model of the catalogue, for tests that need a real one."""

from pathlib import Path

from index.config import IndexConfig
from index.weights import fetch


def small_model() -> str:
    """Its name; it is in the cache afterwards."""
    name = "qwen2.5-coder-0.5b-instruct-q4_k_m"
    fetch(name, Path(IndexConfig().cache).expanduser())
    return name
