"""Opening the SQLite file of an index: for readers, for the one writer, and with errors that people understand.

Write-ahead logging lets readers keep their snapshot while one writer works; a lock file that the system releases when
its process dies keeps a second writer out.
"""

import fcntl
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from index.errors import RunError, UsageError
from index.manifest import SCHEMA_VERSION, OtherIndexError, rebuild_command, value_of

DATABASE_FILE = "index.sqlite"
LOCK_FILE = "build.lock"


class DamagedIndexError(RunError):
    """The database file is not one, or its pages are broken."""


def connect(folder: Path, *, any_schema: bool = False) -> sqlite3.Connection:
    """Open the database of an index to read it; the caller closes it. One connection serves one thread at a time.

    Raises:
        UsageError: there is no index, its first build was interrupted, or it has another schema.
        RunError: the file is damaged or cannot be opened.
    """
    path = folder / DATABASE_FILE
    remedy = f"build it: python -m index build DOCUMENTS --index {folder}"
    if not path.is_file():
        raise UsageError(f"no index at {folder}; {remedy}")
    with translated(folder):
        connection = _opened(path, write=False)
        try:
            names = {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
            if "manifest" not in names:
                raise UsageError(f"the index at {folder} is empty, its first build was interrupted; {remedy}")
            schema = value_of(connection, "schema")
            if schema != SCHEMA_VERSION and not any_schema:
                raise OtherIndexError(
                    f"the index at {folder} has format {schema}, this program reads {SCHEMA_VERSION}",
                    rebuild_command(connection, folder),
                )
        except BaseException:
            connection.close()
            raise
    return connection


def _opened(path: Path, *, write: bool) -> sqlite3.Connection:
    if write:
        connection = sqlite3.connect(path, timeout=10, isolation_level=None, check_same_thread=False)
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA secure_delete = ON")
        return connection
    uri = f"{path.absolute().as_uri()}?mode=ro"
    if not os.access(path.parent, os.W_OK) and not path.with_name(path.name + "-wal").exists():
        uri += "&immutable=1"  # a write-ahead log needs a writable folder even for reading
    return sqlite3.connect(uri, uri=True, timeout=10, isolation_level=None, check_same_thread=False)


@contextmanager
def translated(folder: Path) -> Iterator[None]:
    """Turn SQLite's and the file system's errors into one line each, with the remedy.

    Raises:
        RunError: in place of sqlite3.Error or OSError; DamagedIndexError where the file itself is broken.
    """
    try:
        yield
    except sqlite3.OperationalError as error:
        if "full" in str(error):
            raise RunError(f"the disk is full; nothing was lost: free space and build {folder} again") from error
        if "readonly" in str(error) or "unable to open" in str(error):
            raise RunError(f"cannot write to the index at {folder}; check the rights of the folder") from error
        if "locked" in str(error):
            raise RunError(f"another program is writing to the index at {folder}; try again when it is done") from error
        raise RunError(f"the index at {folder} cannot be used ({error}); `python -m index check` tells more") from error
    except sqlite3.DatabaseError as error:
        raise DamagedIndexError(
            f"the index at {folder} is damaged ({error}); make it again: "
            f"python -m index build DOCUMENTS --index {folder} --rebuild"
        ) from error
    except OSError as error:
        raise RunError(f"cannot use the index folder {folder}: {error.strerror or error}") from error


@contextmanager
def writing(folder: Path, *, replace_damaged: bool = False) -> Iterator[sqlite3.Connection]:
    """Open the database for its one writer; makes the folder and the file where they are missing.

    Args:
        folder: the index folder.
        replace_damaged: start with an empty file in place of a damaged one.

    Raises:
        RunError: another process is writing, the folder is not writable, or the file is damaged.
    """
    with translated(folder):
        folder.mkdir(parents=True, exist_ok=True)
        lock = (folder / LOCK_FILE).open("a+b")
    with closing(lock):
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise RunError(f"another build is writing to {folder}; try again when it is done") from None
        if replace_damaged:
            _remove_damaged(folder)
        with translated(folder), closing(_opened(folder / DATABASE_FILE, write=True)) as connection:
            connection.execute("PRAGMA journal_mode = WAL")
            yield connection


def _remove_damaged(folder: Path) -> None:
    """Remove a database that SQLite cannot read or finds broken."""
    path = folder / DATABASE_FILE
    if not path.is_file():
        return
    try:
        with translated(folder), closing(_opened(path, write=True)) as connection:
            if connection.execute("PRAGMA quick_check(1)").fetchone()[0] == "ok":
                return
    except DamagedIndexError:
        pass
    with translated(folder):
        for suffix in ("", "-wal", "-shm"):
            path.with_name(path.name + suffix).unlink(missing_ok=True)


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """All or nothing: commits at the end, rolls back on any exception, Ctrl-C included."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise
