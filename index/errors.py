"""The errors that people see.

    ShokoError
    ├── UsageError      wrong use or bad input: one line with the remedy, exit code 2
    └── RunError        a failure while running (disk, network, model server): one line, exit code 1

Anything else is a bug and keeps its traceback. `exit_with` is the only place where errors become exit codes.
"""

import sys
from collections.abc import Callable


class ShokoError(Exception):
    """Base of all errors whose message is one line written for the person who meets it."""

    exit_code = 1


class UsageError(ShokoError):
    """Wrong use or bad input; the message names the remedy."""

    exit_code = 2


class RunError(ShokoError):
    """Something failed while running: disk, network, model server, broken index."""

    exit_code = 1


def exit_with(main: Callable[[], int | None]) -> None:
    """Run a command-line entry point and leave with its exit code.

    Raises:
        SystemExit: always; 0 done, 1 run-time failure, 2 wrong use, 130 interrupted, 141 reader gone.
    """
    try:
        code = main() or 0
    except ShokoError as error:
        sys.stderr.write(f"error: {error}\n")
        code = error.exit_code
    except KeyboardInterrupt:
        sys.stderr.write("interrupted\n")
        code = 130
    except BrokenPipeError:  # the reader of our output closed it, as `head` does
        sys.stderr.close()
        code = 141
    raise SystemExit(code)
