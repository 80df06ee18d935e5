"""Settings of the index, and the reader that turns a TOML table into a frozen dataclass for all packages.

Order: defaults in the dataclass, then `config.toml`, then the environment (SHOKO_<TABLE>_<FIELD>), then flags
(`dataclasses.replace` in the command line). Unknown keys are errors. Nothing is read at import.
"""

import dataclasses
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from index.errors import UsageError

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

    Settings = TypeVar("Settings", bound=DataclassInstance)
else:
    Settings = TypeVar("Settings")

CONFIG_FILE = "config.toml"


@dataclass(frozen=True, slots=True)
class IndexConfig:
    """How documents become a searchable index."""

    folder: str = ".shoko/index"  # the index that is used when --index is not given
    cache: str = "~/.cache/shoko"  # weights, addressed by their SHA-256
    embedder: str = "multilingual-e5-small"  # a name in the catalogue, a hub name, or a local folder
    query_prefix: str = "auto"  # text put before queries; auto: what the model was published with
    passage_prefix: str = "auto"  # the same for passages
    embedder_dtype: str = "auto"  # auto (measured once per machine), bfloat16 or float32
    passage_tokens: int = 400  # longest passage, in tokens of the embedder
    candidates: int = 100  # hits taken from each arm before fusion
    late_interaction: bool = True  # keep token vectors (19 kB a passage) and rank the best hits by them


def read_table(
    settings: type[Settings],
    table: str,
    *,
    file: Path | None = None,
    environ: Mapping[str, str] | None = None,
) -> Settings:
    """Read one table of the configuration file into its dataclass.

    Args:
        settings: the frozen dataclass; its fields are the only allowed keys.
        table: name of the TOML table, for example "index".
        file: the configuration file; by default `config.toml` in the working directory, where there is one.
        environ: the environment; by default that of the process.

    Raises:
        UsageError: the file is missing or not TOML, a key is unknown, or a value has the wrong type.
    """
    environ = os.environ if environ is None else environ
    defaults = settings()
    types: dict[str, type] = {field.name: type(getattr(defaults, field.name)) for field in dataclasses.fields(settings)}
    values: dict[str, Any] = {}
    for key, value in _toml_table(table, file).items():
        if key not in types:
            raise UsageError(f"unknown setting '{key}' in [{table}]; known: {', '.join(sorted(types))}")
        if type(value) is not types[key] and not (types[key] is float and type(value) is int):
            raise UsageError(f"setting '{key}' in [{table}] must be of type {types[key].__name__}, not {value!r}")
        values[key] = types[key](value)
    prefix = f"SHOKO_{table.upper()}_"
    for variable, text in environ.items():
        if not variable.startswith(prefix):
            continue
        key = variable.removeprefix(prefix).lower()
        if key not in types:
            raise UsageError(f"unknown variable {variable}; known settings of [{table}]: {', '.join(sorted(types))}")
        values[key] = _from_text(text, types[key], variable)
    return settings(**values)


def _toml_table(table: str, file: Path | None) -> dict[str, Any]:
    path = file or Path(CONFIG_FILE)
    if not path.exists():
        if file is not None:
            raise UsageError(f"no configuration file at {path}; give the path of a TOML file")
        return {}
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} is not valid TOML: {error}") from error
    unknown = set(content) - {"index", "assistant", "eval"}
    if unknown:
        raise UsageError(f"unknown table [{sorted(unknown)[0]}] in {path}; known: [index], [assistant], [eval]")
    found = content.get(table, {})
    if not isinstance(found, dict):
        raise UsageError(f"{path}: [{table}] must be a table")
    return found


def _from_text(text: str, kind: type, variable: str) -> object:
    try:
        if kind is bool:
            return {"true": True, "1": True, "false": False, "0": False}[text.strip().lower()]
        return kind(text)
    except (ValueError, KeyError):
        raise UsageError(f"{variable}={text!r} is not a valid {kind.__name__}") from None
