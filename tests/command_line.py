"""Runs the assistant's command line in this process, for tests."""

import os
from pathlib import Path

import pytest

from assistant.__main__ import main
from index.errors import exit_with


class CommandLine:
    """Calls it as a shell would, in an empty folder and without settings in the environment."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys
        monkeypatch.chdir(folder)
        for name in [name for name in os.environ if name.startswith("SHOKO_")]:
            monkeypatch.delenv(name)

    def __call__(self, *arguments: str | Path) -> tuple[int, str, str]:
        """Exit code, standard output and standard error."""
        with pytest.raises(SystemExit) as stopped:
            exit_with(lambda: main([str(argument) for argument in arguments]))
        output, errors = self._capsys.readouterr()
        assert isinstance(stopped.value.code, int)
        return stopped.value.code, output, errors


def expect_error(found: tuple[int, str, str], code: int, *words: str) -> None:
    """One line on standard error, nothing on standard output."""
    assert found[0] == code, found[2]
    assert found[1] == ""
    lines = found[2].splitlines()
    assert [line.startswith("error: ") for line in lines] == [True], found[2]
    for word in words:
        assert word in found[2]
