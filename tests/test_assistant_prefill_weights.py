"""Weights are converted once, by one process at a time, and nothing half written is left behind."""

import fcntl
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from assistant import prefill_weights
from assistant.prefill_weights import is_converted, prefill_folder, suits_this_machine


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    file = tmp_path / "model.gguf"
    file.write_bytes(b"no such format")
    return file


@pytest.fixture
def converting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prefill_weights, "_convert", lambda _, place: place.mkdir())


def test_without_room_on_the_disk_nothing_is_made(
    weights: Path, tmp_path: Path, converting: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda _: shutil._ntuple_diskusage(1000, 960, 40))
    assert prefill_folder(weights, tmp_path) is None
    assert not is_converted(weights, tmp_path)


def test_a_file_that_transformers_does_not_read_leaves_nothing_behind(weights: Path, tmp_path: Path) -> None:
    assert prefill_folder(weights, tmp_path) is None
    assert [one.name for one in tmp_path.iterdir() if one.is_dir()] == []


def test_what_a_killed_process_left_behind_goes(weights: Path, tmp_path: Path, converting: None) -> None:
    left_over = tmp_path / f"{prefill_weights._FOLDER}.left"
    left_over.mkdir()
    assert prefill_folder(weights, tmp_path) == tmp_path / prefill_weights._FOLDER
    assert is_converted(weights, tmp_path)
    assert not left_over.exists()


def test_what_another_process_made_meanwhile_is_taken(weights: Path, tmp_path: Path, converting: None) -> None:
    with (tmp_path / f"{prefill_weights._FOLDER}.lock").open("w") as lock, ThreadPoolExecutor() as pool:
        fcntl.flock(lock, fcntl.LOCK_EX)
        found = pool.submit(prefill_folder, weights, tmp_path)
        with pytest.raises(TimeoutError):
            found.result(0.3)
        made = tmp_path / prefill_weights._FOLDER
        made.mkdir()
        (made / "by the other").write_bytes(b"")
        fcntl.flock(lock, fcntl.LOCK_UN)
        assert found.result(30) == made
        assert (made / "by the other").exists()


def test_a_cache_that_cannot_be_written_is_no_reason_to_stop(tmp_path: Path) -> None:
    weights = tmp_path / "elsewhere" / "model.gguf"
    weights.parent.mkdir()
    weights.write_bytes(b"")
    (tmp_path / "cache").write_text("a file", encoding="utf-8")
    assert prefill_folder(weights, tmp_path / "cache") is None


def test_weights_from_elsewhere_are_kept_in_the_cache_by_their_identity(tmp_path: Path, converting: None) -> None:
    elsewhere, cache = tmp_path / "elsewhere", tmp_path / "cache"
    elsewhere.mkdir()
    weights = elsewhere / "model.gguf"
    weights.write_bytes(b"one")
    first = prefill_folder(weights, cache)
    assert first is not None
    assert first.is_relative_to(cache)
    assert prefill_folder(weights, cache) == first
    weights.write_bytes(b"another one")
    assert prefill_folder(weights, cache) != first


@pytest.mark.parametrize(
    ("flags", "memory", "expected"),
    [("fpu amx_bf16 avx2", 16, True), ("fpu avx2", 16, False), ("fpu amx_bf16 avx2", 8, False)],
)
def test_suits_a_processor_with_amx_and_enough_memory(
    flags: str, memory: int, expected: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Path, "read_text", lambda *_, **__: f"flags\t: {flags} \n")
    sizes = {"SC_PAGE_SIZE": 1, "SC_PHYS_PAGES": memory << 30}
    monkeypatch.setattr("os.sysconf", sizes.__getitem__)
    assert suits_this_machine() is expected
