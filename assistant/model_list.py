"""`python -m assistant models`: what the catalogue holds, and what of it is on this machine."""

import json
import sys
from pathlib import Path

from index.config import IndexConfig, read_table
from index.weights import catalogue, locate


def print_models(*, as_json: bool) -> None:
    """Print the catalogue as a table, or as a JSON list, on standard output."""
    cache = Path(read_table(IndexConfig, "index").cache).expanduser()
    rows = [
        {
            "name": entry.name,
            "kind": entry.kind,
            "licence": entry.licence,
            "size_bytes": entry.size_bytes,
            "languages": list(entry.languages),
            "source": entry.source,
            "sha256": entry.sha256,
            "default": entry.default,
            "path": str(place) if (place := locate(entry, cache)) else None,
        }
        for entry in catalogue()
    ]
    if as_json:
        sys.stdout.write(json.dumps(rows, ensure_ascii=False, indent=2) + "\n")
        return
    from rich.console import Console
    from rich.table import Table

    table = Table("name", "kind", "licence", "size", "languages", "source", "here", caption=f"cache: {cache}")
    for entry in catalogue():
        size = f"{entry.size_bytes / 1e6:,.0f} MB"
        here = "yes" if locate(entry, cache) else "no"
        name = f"{entry.name} (default)" if entry.default else entry.name
        table.add_row(name, entry.kind, entry.licence, size, " ".join(entry.languages), entry.source, here)
    Console(width=None if sys.stdout.isatty() else 160).print(table)
