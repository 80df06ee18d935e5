"""The world's currencies as `currencies.toml` lists them: how each is written, and what is read as it."""

import tomllib
from dataclasses import dataclass
from importlib.resources import files
from typing import Any


@dataclass(frozen=True, slots=True)
class Currency:
    """One currency; `currencies.toml` says what each list holds.

    `code` is the canonical unit of its amounts: an ISO 4217 code, or a word in small letters ("franc") where texts
    name a currency without its country.
    """

    code: str
    french: tuple[str, ...]
    english: tuple[str, ...]
    japanese: tuple[str, ...]
    written: str = ""
    signs: tuple[str, ...] = ()
    before: tuple[str, ...] = ()
    patterns: tuple[str, ...] = ()
    large: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    guarded: bool = False
    not_before: str = ""

    @property
    def codes(self) -> tuple[str, ...]:
        """The ISO 4217 codes read as this currency; none where the country is not said."""
        return (self.code, *self.aliases) if self.code.isupper() else ()

    @property
    def plain_codes(self) -> tuple[str, ...]:
        """The codes that need no ample amount to be read as money."""
        return () if self.guarded else self.codes


def _currency(code: str, entry: dict[str, Any]) -> Currency:
    fields: dict[str, Any] = {k: tuple(value) if isinstance(value, list) else value for k, value in entry.items()}
    return Currency(code, **fields)


def _load() -> dict[str, Currency]:
    table = tomllib.loads((files("assistant") / "currencies.toml").read_text(encoding="utf-8"))
    return {code: _currency(code, entry) for code, entry in table.items()}


CURRENCIES = _load()
"""All currencies by their code, in the order in which they are tried."""
