"""Settings: file, environment, and everything that is refused, in one line that names the key."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from index.config import read_table
from index.errors import UsageError


@dataclass(frozen=True)
class Oven:
    """One setting of each type."""

    name: str = "small"
    shelves: int = 2
    heat: float = 1.5
    fan: bool = False


def read(tmp_path: Path, content: str, **environment: str) -> Oven:
    file = tmp_path / "settings.toml"
    file.write_text(content, encoding="utf-8")
    return read_table(Oven, "index", file=file, environ=environment)


def test_defaults_stand_where_nothing_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert read_table(Oven, "index", environ={}) == Oven()
    assert read(tmp_path, "") == Oven()


def test_the_file_is_found_in_the_working_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "config.toml").write_text('[index]\nname = "large"\n[assistant]\nfan = 7\n', encoding="utf-8")
    assert read_table(Oven, "index", environ={}) == Oven(name="large")


def test_the_environment_overrides_the_file(tmp_path: Path) -> None:
    content = '[index]\nname = "large"\nshelves = 3\n'
    found = read(tmp_path, content, SHOKO_INDEX_SHELVES="4", SHOKO_INDEX_HEAT="2", SHOKO_INDEX_FAN="True", OTHER="x")
    assert found == Oven("large", 4, 2.0, True)


@pytest.mark.parametrize(("text", "value"), [("true", True), ("1", True), (" FALSE ", False), ("0", False)])
def test_truth_in_the_environment(tmp_path: Path, text: str, value: bool) -> None:
    assert read(tmp_path, "", SHOKO_INDEX_FAN=text).fan is value


def test_a_whole_number_is_accepted_for_a_fraction(tmp_path: Path) -> None:
    found = read(tmp_path, "[index]\nheat = 3\n")
    assert found.heat == 3.0
    assert isinstance(found.heat, float)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("[index]\nnmae = 'x'\n", "unknown setting 'nmae' in [index]; known: fan, heat, name, shelves"),
        ("[idnex]\nname = 'x'\n", "unknown table [idnex]"),
        ("name = 'x'\n", "unknown table [name]"),
        ("index = 3\n", "[index] must be a table"),
        ("[index]\nshelves = 2.0\n", "'shelves' in [index] must be of type int"),
        ("[index]\nshelves = true\n", "must be of type int"),
        ("[index]\nshelves = '2'\n", "must be of type int"),
        ("[index]\nfan = 1\n", "must be of type bool"),
        ("[index]\nname = 1\n", "must be of type str"),
        ("[index]\nheat = true\n", "must be of type float"),
        ("[index\n", "is not valid TOML"),
        ("[index]\nname = 'x'\nname = 'y'\n", "is not valid TOML"),
    ],
)
def test_a_file_that_cannot_be_used(tmp_path: Path, content: str, words: str) -> None:
    with pytest.raises(UsageError) as raised:
        read(tmp_path, content)
    assert words in str(raised.value)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("variable", "text"),
    [
        ("SHOKO_INDEX_NMAE", "x"),
        ("SHOKO_INDEX_", "x"),
        ("SHOKO_INDEX_SHELVES", "two"),
        ("SHOKO_INDEX_SHELVES", "2.5"),
        ("SHOKO_INDEX_SHELVES", ""),
        ("SHOKO_INDEX_HEAT", "warm"),
        ("SHOKO_INDEX_FAN", "perhaps"),
    ],
)
def test_a_variable_that_cannot_be_used(tmp_path: Path, variable: str, text: str) -> None:
    with pytest.raises(UsageError, match=variable):
        read(tmp_path, "", **{variable: text})


def test_other_tables_have_their_own_variables(tmp_path: Path) -> None:
    assert read(tmp_path, "", SHOKO_ASSISTANT_NMAE="x", SHOKO_API_KEY="y") == Oven()


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"no configuration file at .*none\.toml"):
        read_table(Oven, "index", file=tmp_path / "none.toml", environ={})


def test_a_file_that_is_not_utf_8(tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    file.write_bytes("[index]\nname = '助成'\n".encode("shift_jis"))
    with pytest.raises(UsageError, match="not valid TOML"):
        read_table(Oven, "index", file=file, environ={})


def test_a_file_that_cannot_be_read_is_a_user_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot read"):
        read_table(Oven, "index", file=tmp_path, environ={})
