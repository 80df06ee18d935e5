import os
import signal
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest

from assistant.child import Child
from index.errors import RunError
from tests.processes import is_gone

ROOT = Path(__file__).resolve().parent.parent
# A server process in miniature: says where it listens, ends with its parent.
TOY = (
    "import os, json, time; from assistant.parent import when_parent_ends; when_parent_ends(lambda: os._exit(0));"
    "print(json.dumps({'address': 'somewhere'}), flush=True); time.sleep(120)"
)


@contextmanager
def program_with_child(tmp_path, then: str):
    """A program that starts a toy server and prints its process id, then does what it is told."""
    code = (
        "import sys, time, threading; from pathlib import Path; from assistant.child import Child\n"
        f"child = Child([sys.executable, '-c', {TOY!r}], {{}}, Path({str(tmp_path / 'log')!r}), 'toy')\n"
        "while not child.announcement(): pass\n"
        f"print(child.pid, flush=True)\n{then}\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    program = subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment, text=True
    )
    try:
        yield program, int(program.stdout.readline())
    finally:
        program.kill()
        program.wait()
        program.stdout.close()


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT, signal.SIGTERM], ids=lambda number: number.name)
def test_a_server_does_not_outlive_a_killed_program(tmp_path, number):
    with program_with_child(tmp_path, "time.sleep(60)") as (program, pid):
        program.send_signal(number)
        assert is_gone(pid)


@pytest.mark.parametrize(
    "then",
    [
        pytest.param("", id="plain-end"),
        pytest.param("1/0", id="bug"),
        pytest.param("import os; os._exit(3)", id="hard-exit"),
        # a child made by fork holds the other end of the pipe; only the change of parent is left to notice
        pytest.param("import os\nif os.fork() == 0: time.sleep(30)\nos._exit(0)", id="forked"),
    ],
)
def test_a_server_does_not_outlive_a_program_that_ends(tmp_path, then):
    with program_with_child(tmp_path, then) as (_, pid):
        assert is_gone(pid)


def test_a_server_outlives_the_thread_that_started_it(tmp_path):
    code = "sys.exit()"
    with program_with_child(
        tmp_path, f"t = threading.Thread(target=lambda: {code}); t.start(); t.join(); time.sleep(60)"
    ) as (
        _,
        pid,
    ):
        assert not is_gone(pid, within_s=2.5)


def test_ctrl_c_at_the_terminal_reaches_only_the_program(tmp_path):
    child = Child([sys.executable, "-c", TOY], {}, tmp_path / "log", "toy")
    try:
        assert os.getpgid(child.pid) != os.getpgid(0)
    finally:
        child.stop()
    assert is_gone(child.pid)
    assert not (tmp_path / "log").exists()  # nothing went wrong


def test_a_server_that_does_not_start_shows_the_end_of_its_log(tmp_path):
    code = "import sys; sys.stderr.write('first\\n' * 50 + 'the reason\\n'); sys.exit(4)"
    child = Child([sys.executable, "-c", code], {}, tmp_path / "log", "toy")
    with pytest.raises(RunError, match=r"toy stopped \(exit code 4\)(.|\n)*the reason") as caught:
        child.announcement(wait_s=30)
    child.stop()
    assert str(caught.value).count("first") < 10
    assert (tmp_path / "log").exists()


def test_a_log_that_cannot_be_written_is_one_line(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(RunError, match="cannot start toy"):
        Child([sys.executable], {}, tmp_path / "file" / "log", "toy")


@pytest.mark.parametrize("how", ["input-closed", "watcher-killed"])
def test_what_vllm_starts_ends_with_its_watcher(how):
    sleeper = "import subprocess, sys, time; print(subprocess.Popen(['sleep', '60']).pid, flush=True); time.sleep(60)"
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    watcher = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "assistant.vllm_server",
            sys.executable,
            "-c",
            f"import os; print(os.getpid()); {sleeper}",
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=environment,
    )
    server, worker = int(watcher.stdout.readline()), int(watcher.stdout.readline())
    if how == "input-closed":
        watcher.stdin.close()
        assert is_gone(worker)
    else:
        watcher.kill()
    assert is_gone(server)
    watcher.wait()
    for pipe in (watcher.stdin, watcher.stdout):
        pipe.close()
    if not is_gone(worker, within_s=0.1):
        os.kill(worker, signal.SIGKILL)
