"""Which passages may be found: by language, document, status and date, and as they stood on a day."""

import argparse
import re
import sqlite3
from dataclasses import dataclass
from typing import TYPE_CHECKING

from index.errors import UsageError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_DATE = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?")


@dataclass(frozen=True, slots=True)
class PassageFilter:
    """Conditions that all hold for the passages found; an empty one allows everything.

    Dates are compared as far as both are written: a document of 2024-05 is not later than 2024.

    Attributes:
        languages: "fr", "en", "ja" or "und".
        document_ids: ids of documents; one that ends with "/" stands for all below it.
        statuses: "plan", "decision" or "outcome".
        since: earliest date of the state of affairs, ISO 8601 (YYYY, YYYY-MM or YYYY-MM-DD); undated documents are out.
        as_of: latest date; undated documents stay.
    """

    languages: tuple[str, ...] = ()
    document_ids: tuple[str, ...] = ()
    statuses: tuple[str, ...] = ()
    since: str = ""
    as_of: str = ""

    def __post_init__(self) -> None:
        for name, date in (("since", self.since), ("as of", self.as_of)):
            if date and not _DATE.fullmatch(date):
                raise UsageError(f"'{date}' is not a date for '{name}'; write YYYY, YYYY-MM or YYYY-MM-DD")

    def allowed_keys(self, connection: sqlite3.Connection) -> "NDArray[np.int64] | None":
        """The keys of the passages that may be found, in order; None where the filter allows everything."""
        conditions: list[str] = []
        values: list[str] = []
        for column, allowed in (("d.language", self.languages), ("d.status", self.statuses)):
            if allowed:
                conditions.append(f"{column} IN ({', '.join('?' * len(allowed))})")
                values.extend(allowed)
        if self.document_ids:
            single = [
                "substr(d.document_id, 1, length(?)) = ?" if one.endswith("/") else "d.document_id = ?"
                for one in self.document_ids
            ]
            conditions.append(f"({' OR '.join(single)})")
            values.extend(part for one in self.document_ids for part in ((one, one) if one.endswith("/") else (one,)))
        if self.since:
            conditions.append("d.date != '' AND d.date >= substr(?, 1, length(d.date))")
            values.append(self.since)
        if self.as_of:
            conditions.append("substr(d.date, 1, length(?)) <= ?")
            values.extend((self.as_of, self.as_of))
        if not conditions:
            return None
        rows = connection.execute(
            "SELECT p.passage_key FROM passages AS p JOIN documents AS d USING (document_key) "
            f"WHERE {' AND '.join(conditions)} ORDER BY p.passage_key",
            values,
        )
        import numpy as np

        return np.array([row[0] for row in rows], dtype=np.int64)


def add_filter_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of a filter to a command."""
    group = parser.add_argument_group("only passages of")
    group.add_argument("--language", dest="languages", metavar="LANGUAGE", action="append", default=[],
                       choices=["fr", "en", "ja", "und"], help="a language; may be repeated")  # fmt: skip
    group.add_argument("--document", dest="document_ids", metavar="ID", action="append", default=[],
                       help="a document, or a folder of them that ends with /; may be repeated")  # fmt: skip
    group.add_argument("--status", dest="statuses", metavar="STATUS", action="append", default=[],
                       help="a status: plan, decision or outcome; may be repeated")  # fmt: skip
    group.add_argument("--since", metavar="DATE", default="", help="documents of this date or later")
    group.add_argument(
        "--as-of", metavar="DATE", default="", help="documents of this date or earlier, and undated ones"
    )


def filter_of(options: argparse.Namespace) -> PassageFilter:
    """The filter that the options of a command ask for.

    Raises:
        UsageError: a date is not one.
    """
    return PassageFilter(
        tuple(options.languages), tuple(options.document_ids), tuple(options.statuses), options.since, options.as_of
    )
