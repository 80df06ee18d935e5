"""Prompts as data: the same in all languages, static before the variables, and strict about what they are given."""

import re
from pathlib import Path

import pytest

import prompts
from prompts import LANGUAGES, PromptError, load, names, shared_names

FILES = sorted(Path(prompts.__file__).parent.glob("*.*.md"))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder of prompts."""
    monkeypatch.setattr(prompts, "files", lambda _: tmp_path)
    load.cache_clear()
    return tmp_path


@pytest.fixture(autouse=True)
def _no_memory_of_other_folders() -> None:
    load.cache_clear()


def _values(name: str, language: str) -> dict[str, str]:
    return {variable: f"<{variable}>" for variable in load(name, language).variables}


def test_there_are_prompts() -> None:
    assert {"answer", "condense", "translate"} <= set(names())


def test_every_prompt_exists_in_every_language_and_no_file_is_left_over() -> None:
    assert [file.name for file in FILES] == sorted(
        f"{name}.{language}.md" for name in names() for language in LANGUAGES
    )


@pytest.mark.parametrize("name", names())
def test_the_variables_are_the_same_in_every_language(name: str) -> None:
    assert len({frozenset(load(name, language).variables) for language in LANGUAGES}) == 1


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", [*names(), *shared_names()])
def test_a_prompt_renders_with_its_variables(name: str, language: str) -> None:
    values = _values(name, language)
    system, user = load(name, language).render(**values)
    assert (system["role"], user["role"]) == ("system", "user")
    assert all(user["content"].count(value) >= 1 for value in values.values())
    assert "{{" not in system["content"] + user["content"]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", [*names(), *shared_names()])
def test_the_system_part_is_static(name: str, language: str) -> None:
    prompt = load(name, language)
    assert prompt.system
    assert not re.search(r"\{\{\w+\}\}", prompt.system)
    first = prompt.render(**_values(name, language))[0]
    assert first == prompt.render(**dict.fromkeys(prompt.variables, "other"))[0]


@pytest.mark.parametrize("name", names())
def test_a_prompt_is_written_in_its_language(name: str) -> None:
    kana = re.compile(r"[ぁ-ん]")
    assert kana.search(load(name, "ja").system)
    assert not any(kana.search(load(name, language).system) for language in ("fr", "en"))
    assert len({load(name, language).hash for language in LANGUAGES}) == len(LANGUAGES)


@pytest.mark.parametrize("name", shared_names())
def test_a_shared_prompt_is_one_text(name: str) -> None:
    assert name not in names()
    assert len({load(name, language).hash for language in LANGUAGES}) == 1


def test_values_are_put_in_as_they_are() -> None:
    values = {"passages": "[K3] a {{question}} \\1 $x", "question": "{{passages}}"}
    user = load("answer", "en").render(**values)[1]["content"]
    assert values["passages"] in user
    assert user.count("{{passages}}") == 1


def test_a_missing_variable_is_an_error_that_names_all() -> None:
    with pytest.raises(PromptError) as raised:
        load("answer", "fr").render(question="Combien ?")
    assert all(word in str(raised.value) for word in ("answer.fr", "'passages'", "'question'"))


def test_an_unknown_variable_is_an_error_that_names_all() -> None:
    with pytest.raises(PromptError) as raised:
        load("translate", "ja").render(**_values("translate", "ja"), tone="polite")
    assert all(word in str(raised.value) for word in ("translate.ja", "'sentence'", "'tone'"))


@pytest.mark.parametrize(("name", "language"), [("summary", "en"), ("answer", "de"), ("../answer", "en")])
def test_a_prompt_that_does_not_exist_is_an_error_that_names_those_that_do(name: str, language: str) -> None:
    with pytest.raises(PromptError, match=r"answer, condense.* in fr, en, ja"):
        load(name, language)


@pytest.mark.parametrize(
    "content",
    [
        "You answer.\n---user---\n{{question}}\n",
        "variables: question\nYou answer {{question}}.\n---user---\n{{question}}\n",
        "variables: question\nYou answer.\n---user---\nNothing.\n",
        "variables: question\nYou answer.\n---user---\n{{question}} {{tone}}\n",
        "variables: question\nYou answer {{question}}.\n",
    ],
    ids=["no-declaration", "variable-in-system", "unused", "undeclared", "no-user-part"],
)
def test_a_malformed_file_is_an_error(folder: Path, content: str) -> None:
    (folder / "odd.en.md").write_text(content, encoding="utf-8")
    with pytest.raises(PromptError, match=r"prompt odd\.en"):
        load("odd", "en")


def test_the_hash_changes_with_the_text(folder: Path) -> None:
    file = folder / "odd.en.md"
    hashes = set()
    for word in ("One", "Two"):
        file.write_text(f"variables: question\n{word}.\n---user---\n{{{{question}}}}\n", encoding="utf-8")
        load.cache_clear()
        hashes.add(load("odd", "en").hash)
    assert len(hashes) == 2
