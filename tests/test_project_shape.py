"""What holds for the project as a whole: layout, layers, settings, commands, and nothing of one machine in it."""

import ast
import dataclasses
import importlib
import re
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

import prompts
from assistant.config import AssistantConfig
from index.config import IndexConfig, read_table

ROOT = Path(__file__).parent.parent
PACKAGES = ("assistant", "eval", "index", "prompts")
SETTINGS: dict[str, Any] = {"index": IndexConfig, "assistant": AssistantConfig}
MOST_LINES = 320
# Where each library may be imported: one module per package, which also translates its errors.
HEAVY = {
    "faiss": {
        "index/approximate.py",
        "eval/vector_bench.py",
    },  # exact search, and what stands in for it in a large index
    "fastapi": {"assistant/http_api.py"},
    "gradio": {"assistant/chat.py"},
    "huggingface_hub": {"index/hub.py"},
    "llama_index": {"index/llama_index_adapter.py", "eval/llama_index_pipeline.py"},
    "sentence_transformers": {"index/embedder_loading.py"},
    "torch": {
        "assistant/adapter.py",
        "assistant/prefill_model.py",
        "assistant/prefill_weights.py",
        "eval/adapting.py",
        "eval/packing.py",
        "index/embedder.py",
        "index/embedder_loading.py",
    },
    "uvicorn": {"assistant/http_api.py"},
    "vllm": set(),  # started as a program
    "xllamacpp": {"assistant/llama_server.py"},
}
MODULES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
SOURCES = [*MODULES, *sorted((ROOT / "tests").glob("*.py"))]


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def tracked_texts() -> list[Path]:
    """The text files of the project; those of the working folder where this is no checkout."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode == 0:
        files = [ROOT / name for name in listed.stdout.split("\0") if name]
    else:
        folders = (*PACKAGES, "tests", ".ci")
        files = [path for folder in folders for path in (ROOT / folder).rglob("*")] + list(ROOT.glob("*.*"))
    return [path for path in files if path.is_file() and b"\0" not in path.read_bytes()[:8192]]


def imported(path: Path) -> set[str]:
    """Top-level names of everything a module imports, also inside functions."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.split(".")[0])
    return found


def test_files_stay_readable() -> None:
    long = {name_of(path): lines for path in SOURCES if (lines := len(path.read_text().splitlines())) > MOST_LINES}
    assert long == {}


@pytest.mark.parametrize("library", HEAVY)
def test_a_heavy_library_has_one_importer(library: str) -> None:
    assert {name_of(path) for path in MODULES if library in imported(path)} == HEAVY[library]


def test_every_module_says_what_it_is() -> None:
    assert [name_of(path) for path in MODULES if not ast.get_docstring(ast.parse(path.read_text()))] == []


def test_the_packages_are_siblings_and_nobody_elses() -> None:
    for package in PACKAGES:
        spec = find_spec(package)
        assert spec is not None
        assert spec.origin is not None
        assert Path(spec.origin) == ROOT / package / "__init__.py"
    providers = packages_distributions()
    assert {name for package in PACKAGES for name in providers.get(package, [])} <= {"shoko-assistant"}


def test_the_tests_are_no_package() -> None:
    assert list((ROOT / "tests").rglob("__init__.py")) == []


@pytest.mark.parametrize("table", SETTINGS)
def test_config_toml_holds_every_setting_with_its_default(table: str) -> None:
    content = tomllib.loads((ROOT / "config.toml").read_text(encoding="utf-8"))
    defaults = dataclasses.asdict(SETTINGS[table]())
    assert content[table] == defaults
    assert list(content[table]) == list(defaults)
    assert {name: type(value) for name, value in content[table].items()} == {
        name: type(value) for name, value in defaults.items()
    }
    assert content.keys() == SETTINGS.keys()
    assert read_table(SETTINGS[table], table, file=ROOT / "config.toml", environ={}) == SETTINGS[table]()


def test_every_setting_in_config_toml_is_explained() -> None:
    lines = (ROOT / "config.toml").read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if re.match(r"\w+ = ", line) and "  # " not in line] == []


@pytest.mark.parametrize(
    ("table", "name"), [(table, field.name) for table in SETTINGS for field in dataclasses.fields(SETTINGS[table])]
)
def test_every_setting_is_used(table: str, name: str) -> None:
    users = [path for path in MODULES if path.name != "config.py" and re.search(rf"\.{name}\b", path.read_text())]
    assert users, f"nothing reads {name} of [{table}]"


def test_every_prompt_exists_in_every_language_with_the_same_variables() -> None:
    for name in prompts.names():
        variables = {prompts.load(name, language).variables for language in prompts.LANGUAGES}
        assert len(variables) == 1, name
    assert {"answer", "condense"} <= set(prompts.names())


def test_nothing_of_one_machine_or_registry_is_written_down() -> None:
    words = ["/wor" + "k/", "/tmp/" + "lab", "/ro" + "ot/", "../" + "shared"]
    words += [host.replace("_", ".") for host in ("pypi_org", "files_pythonhosted_org", "registry_npmjs_org")]
    pattern = re.compile("|".join(map(re.escape, words)))
    found = {
        f"{name_of(path)}: {match[0]}"
        for path in tracked_texts()
        if (match := pattern.search(path.read_text(encoding="utf-8", errors="replace")))
    }
    assert found == set()


def makefile_targets() -> dict[str, str]:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    return dict(re.findall(r"^([a-z]+):.*?## (.+)$", makefile, re.MULTILINE))


def test_make_explains_its_commands() -> None:
    targets = makefile_targets()
    assert targets.keys() >= {"help", "chat", "ask", "index", "eval", "test", "clean"}
    phony = re.search(r"^\.PHONY: (.+)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert phony is not None
    assert set(phony[1].split()) == targets.keys()
    shown = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for target, text in targets.items():
        assert f"make {target}" in shown
        assert text in shown


def test_the_papers_are_there() -> None:
    assert "Apache License" in (ROOT / "LICENSE").read_text(encoding="utf-8")
    changes = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    assert version in changes or "Unreleased" in changes


@pytest.fixture(scope="module")
def readme() -> str:
    file = ROOT / "README.md"
    if not file.exists():
        pytest.skip("there is no README.md")
    return file.read_text(encoding="utf-8")


def test_every_make_command_of_the_readme_exists(readme: str) -> None:
    named = set(re.findall(r"(?:^|`)\s*make ([a-z]+)", readme, re.MULTILINE))
    assert named
    assert named <= makefile_targets().keys()


def test_every_command_of_the_readme_exists(readme: str) -> None:
    commands = {tuple(found) for found in re.findall(r"python -m ([a-z_.]+)(?: ([a-z]+))?", readme)}
    assert commands
    for module, command in commands:
        line = [sys.executable, "-m", module, *([command] if command else []), "--help"]
        done = subprocess.run(line, cwd=ROOT, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{module} {command}: {done.stderr}"


@pytest.mark.parametrize("module", ["assistant", "index", "eval"])
def test_help_lists_every_command(module: str) -> None:
    parser = importlib.import_module(f"{module}.__main__")._parser()
    text = parser.format_help()
    [commands] = [action for action in parser._actions if action.dest == "command"]
    for name, sub in commands.choices.items():
        assert re.search(rf"^    {name} +\S", text, re.MULTILINE), f"{name} has no help line"
        assert sub.format_help()


WATCH = """
import sys
touched = []
def watch(event, arguments):
    if event == "open" and isinstance(arguments[1], str) and set(arguments[1]) & set("wxa+"):
        touched.append(f"writes {arguments[0]}")
    elif event in ("socket.__new__", "subprocess.Popen", "os.system", "os.mkdir", "os.remove"):
        touched.append(f"{event} {arguments}")
sys.addaudithook(watch)
import importlib
for name in sys.argv[1:]:
    importlib.import_module(name)
sys.exit("\\n".join(touched) or 0)
"""


def test_importing_does_no_work() -> None:
    """No file is written, no connection opened, no process started, whatever module is imported."""
    light = [path for path in MODULES if path.name != "__main__.py" and not imported(path) & HEAVY.keys()]
    names = [name_of(path).removesuffix(".py").removesuffix("/__init__").replace("/", ".") for path in light]
    line = [sys.executable, "-B", "-c", WATCH, *names]
    done = subprocess.run(line, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
