import hashlib
import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from index.weights import CatalogueEntry, HubFile, locate, verify

CONTENT = bytes(range(256)) * 40
DIGEST = hashlib.sha256(CONTENT).hexdigest()
COMMIT = "1" * 40
CLOSED = "http://127.0.0.1:9"  # the discard port: nothing listens there


@dataclass
class Hub:
    """A hub on this machine with one model, owner/toy."""

    files: dict[str, bytes] = field(default_factory=dict)
    requests: list[str] = field(default_factory=list)
    address: str = ""

    def answer(self, path: str) -> bytes | None:
        if "/tree/" in path:
            return json.dumps(
                [{"type": "file", "path": name, "size": len(data), "oid": ""} for name, data in self.files.items()]
            ).encode()
        if path.startswith("/api/models/owner/toy"):
            return json.dumps({"id": "owner/toy", "sha": COMMIT}).encode()
        return self.files.get(path.rpartition("/")[2])


@pytest.fixture
def hub() -> Iterator[Hub]:
    model = Hub()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            model.requests.append(f"{self.command} {self.path}")
            content = model.answer(self.path)
            self.send_response(404 if content is None else 200)
            if content is None:
                self.send_header("X-Error-Code", "EntryNotFound")
            self.send_header("Content-Length", str(len(content or b"")))
            self.send_header("X-Repo-Commit", COMMIT)
            self.send_header("ETag", f'"{hashlib.sha256(content or b"").hexdigest()}"')
            self.end_headers()
            if self.command == "GET":
                self.wfile.write(content or b"")

        do_HEAD = do_GET  # noqa: N815  (the name is the protocol's)

        def log_message(self, *arguments: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    model.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield model
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache"


@pytest.fixture
def run(tmp_path: Path) -> Callable[[str, str], subprocess.CompletedProcess[str]]:
    """Evaluate an expression in a process of its own: the hub's client reads its address once, when imported."""

    def evaluate(expression: str, address: str) -> subprocess.CompletedProcess[str]:
        program = (
            "import sys\nfrom dataclasses import replace\nfrom pathlib import Path\n"
            "from index.errors import exit_with\nfrom index.hub import fetch_snapshot\n"
            "from index.weights import CatalogueEntry, HubFile, RegistryPart, fetch\n"
            "cache = Path(sys.argv[1])\n"
            f"exit_with(lambda: sys.stdout.write(str({expression})) and 0)"
        )
        variables = {"HF_ENDPOINT": address, "HF_HUB_DISABLE_XET": "1", "PIP_NO_INDEX": "1", "PIP_FIND_LINKS": ""}
        return subprocess.run(
            [sys.executable, "-c", program, str(tmp_path / "cache")],
            cwd=Path(__file__).parents[1],
            env=os.environ | variables | {"PIP_CONFIG_FILE": os.devnull},
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )

    return evaluate


def toy(*files: HubFile, parts: str = "()") -> tuple[CatalogueEntry, str]:
    """An entry, and the expression that fetches it."""
    entry = CatalogueEntry(
        "toy", "generator", "MIT", ("fr",), len(CONTENT), DIGEST, "toy.bin", False, (), "owner/toy", COMMIT, files
    )
    return entry, f"fetch('toy', cache, entries=[replace({entry!r}, parts={parts})])"


Run = Callable[[str, str], subprocess.CompletedProcess[str]]


def test_hub_delivers_when_the_registry_does_not(hub: Hub, run: Run, cache: Path) -> None:
    hub.files["toy.bin"] = CONTENT
    absent = "(RegistryPart('shoko-absent-toy==1.0', 'absent', '0' * 64, 10),)"
    _, fetch = toy(HubFile("toy.bin", 0, DIGEST), parts=absent)
    found = run(fetch, hub.address)
    assert found.stdout == str(cache / "sha256" / DIGEST / "toy.bin"), found.stderr
    assert Path(found.stdout).read_bytes() == CONTENT
    assert f"GET /owner/toy/resolve/{COMMIT}/toy.bin" in hub.requests
    assert not [path for path in (cache / "partial").rglob("*") if path.is_file()]


def test_hub_file_with_another_digest_is_deleted(hub: Hub, run: Run, cache: Path) -> None:
    hub.files["toy.bin"] = b"something else"
    _, fetch = toy(HubFile("toy.bin", 0, DIGEST))
    found = run(fetch, hub.address)
    assert found.returncode == 1
    assert f"expected {DIGEST}; it was deleted" in found.stderr.splitlines()[-1]
    assert [path.name for path in cache.rglob("*") if path.is_file()] == [f"{DIGEST}.lock"]


def test_hub_folder_appears_only_when_complete(hub: Hub, run: Run, cache: Path) -> None:
    hub.files["config.json"] = b"{}"
    files = (HubFile("config.json"), HubFile("model.safetensors", 5, hashlib.sha256(b"model").hexdigest()))
    entry, fetch = toy(*files)
    found = run(fetch, hub.address)
    assert "model hub: it does not deliver model.safetensors of owner/toy" in found.stderr.splitlines()[-1]
    assert locate(entry, cache) is None
    hub.files["model.safetensors"] = b"model"
    found = run(fetch, hub.address)
    assert found.stdout == str(cache / "hub" / "toy@111111111111"), found.stderr
    assert sorted(path.name for path in Path(found.stdout).iterdir()) == ["config.json", "model.safetensors"]
    assert verify(entry, cache)
    assert run(fetch, CLOSED).stdout == found.stdout  # offline afterwards


def test_model_by_hub_name_is_kept_for_offline_use(hub: Hub, run: Run, cache: Path) -> None:
    hub.files.update({"config.json": b"{}", "model.safetensors": b"model", "model.onnx": b"another format"})
    snapshot = "fetch_snapshot('owner/toy', '', cache)"
    found = run(snapshot, hub.address)
    assert Path(found.stdout).name == COMMIT, found.stderr
    assert sorted(path.name for path in Path(found.stdout).iterdir()) == ["config.json", "model.safetensors"]
    assert run(snapshot, CLOSED).stdout == found.stdout


def test_unreachable_hub_is_one_line(run: Run) -> None:
    found = run("fetch_snapshot('owner/toy', 'v1', cache)", CLOSED)
    assert found.returncode == 1
    assert found.stderr == (
        "error: cannot fetch owner/toy: the model hub is not reachable; give a folder that holds the model, "
        "or a name of the catalogue\n"
    )
