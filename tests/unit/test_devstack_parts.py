"""The launcher's parts, one by one, without a server."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from marketplace.config.devstack import binaries, children, ports
from marketplace.config.devstack.children import Child
from marketplace.config.devstack.postgres import Postgres
from marketplace.config.devstack.stack import STRANGER, Stack
from marketplace.config.devstack.trouble import BinaryMissing, ServerDied


def test_a_taken_port_is_stepped_over() -> None:
    with socket.socket() as other:
        other.bind((ports.LOOPBACK, 0))
        other.listen()
        taken = other.getsockname()[1]
        assert ports.is_taken(taken)
        assert ports.first_free_from(taken) > taken


def test_missing_postgres_programs_are_named_with_the_remedy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PG_BIN", str(tmp_path))
    with pytest.raises(BinaryMissing) as refusal:
        binaries.postgres_bin()
    assert "postgres, initdb, psql not found" in refusal.value.en
    assert "make install" in refusal.value.zh
    assert "PG_BIN" in refusal.value.en


def test_a_missing_valkey_is_named_with_the_remedy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VALKEY_SERVER", str(tmp_path / "nothing"))
    with pytest.raises(BinaryMissing, match="make install"):
        binaries.valkey_server()


@pytest.mark.parametrize(
    ("platform", "words", "everything"),
    [("linux", ["--encoding=UTF8", "--locale=C.UTF-8"], "C.UTF-8"), ("darwin", ["--encoding=UTF8", "--locale=C", "--lc-ctype=UTF-8"], "C")],
)
def test_a_cluster_is_made_with_a_locale_that_the_platform_has(
    platform: str, words: list[str], everything: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: dict[str, Any] = {}

    def initdb(command: list[str], **options: Any) -> subprocess.CompletedProcess[str]:
        asked.update(options, command=command)
        return subprocess.CompletedProcess(command, 1, "", "stopped here")

    monkeypatch.setattr(sys, "platform", platform)
    monkeypatch.setattr(subprocess, "run", initdb)
    with pytest.raises(ServerDied, match="stopped here"):
        Postgres(tmp_path).start()
    assert [word for word in asked["command"] if word.startswith(("--encoding", "--l"))] == words
    assert asked["env"]["LC_ALL"] == everything


def test_a_child_gets_one_thread_per_library_and_a_group_of_its_own(tmp_path: Path) -> None:
    words = "import os; print(os.environ['OMP_NUM_THREADS'], os.getpgid(0) == os.getpid())"
    child = Child("probe", [sys.executable, "-c", words], log=tmp_path / "log", env={})
    child.process.wait(20)
    assert (tmp_path / "log").read_text() == "1 True\n"


def test_a_child_that_ended_is_reported_with_its_last_words(tmp_path: Path) -> None:
    child = Child("probe", [sys.executable, "-c", "raise SystemExit('out of ink')"], log=tmp_path / "log", env={})
    child.process.wait(20)
    with pytest.raises(ServerDied, match="out of ink"):
        child.require_alive()


def test_a_child_that_will_not_stop_is_ended_with_its_whole_group(tmp_path: Path) -> None:
    script = (
        "import os, signal, time\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "pid = os.fork()\nif pid: print(pid, flush=True)\ntime.sleep(60)"
    )
    child = Child("deaf", [sys.executable, "-c", script], log=tmp_path / "log", env={})
    while not (text := (tmp_path / "log").read_text()).endswith("\n"):
        child.require_alive()
    child.stop(seconds=0.2)
    assert not child.alive
    until = time.monotonic() + 10
    while children._born(int(text)) and time.monotonic() < until:
        time.sleep(0.01)  # the kernel takes a moment over a killed process
    assert children._born(int(text)) == ""


@pytest.fixture(params=["the kernel's files", "ps"])
def asked(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Who is asked about processes: /proc, which macOS has not, or `ps`."""
    if request.param == "ps":
        monkeypatch.setattr(children, "PROC", tmp_path / "no-proc")
    present = children.PROC.is_dir() if request.param != "ps" else shutil.which("ps") is not None
    if not present:
        pytest.skip(f"this machine has not {request.param}")
    return str(request.param)


def test_a_process_is_told_from_another_and_from_one_that_is_gone(asked: str) -> None:
    with subprocess.Popen(["sleep", "60"]) as sleeper:
        born = children._born(sleeper.pid)
        assert born
        assert born == children._born(sleeper.pid)
        assert born != children._born(1)
        assert children.program_of(sleeper.pid) == "sleep"
        sleeper.kill()
        os.waitid(os.P_PID, sleeper.pid, os.WEXITED | os.WNOWAIT)  # it is dead, and nobody has fetched its exit code
        assert children._born(sleeper.pid) == ""
    assert (children._born(sleeper.pid), children.program_of(sleeper.pid)) == ("", "")


@pytest.mark.parametrize(("taken", "left"), [(True, False), (False, True)])
def test_a_pid_file_is_removed_when_its_number_is_another_programs(asked: str, taken: bool, left: bool, tmp_path: Path) -> None:
    server = Postgres(tmp_path)
    server.data.mkdir(parents=True)
    file = server.data / "postmaster.pid"
    file.write_text(f"{os.getpid() if taken else 4_190_000}\n{server.data}\n", encoding="utf-8")
    server._forget_a_strangers_number()
    assert file.exists() is left


def test_leftovers_of_a_killed_launcher_are_ended_and_nobody_else(asked: str, tmp_path: Path) -> None:
    mine = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"], start_new_session=True)
    other = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"], start_new_session=True)
    try:
        file = tmp_path / "running.json"
        # The second entry has a number that was used again by somebody else, who was born at another time.
        file.write_text(json.dumps([{"pid": mine.pid, "born": children._born(mine.pid)}, {"pid": other.pid, "born": "1"}]))
        assert children.end_leftovers(file) == 1
        assert mine.wait(5) == -signal.SIGTERM
        assert other.poll() is None
        assert not file.exists()
    finally:
        for process in (mine, other):
            process.kill()
            process.wait()


def test_a_torn_list_of_leftovers_is_no_obstacle(tmp_path: Path) -> None:
    file = tmp_path / "running.json"
    file.write_text('[{"pid": 1')
    assert children.end_leftovers(file) == 0
    assert not file.exists()


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's word to orphans is Linux's own")
def test_a_child_ends_when_its_launcher_is_killed(tmp_path: Path) -> None:
    launcher = (
        "import sys, time; from pathlib import Path; from marketplace.config.devstack.children import Child\n"
        f"child = Child('c', [sys.executable, '-c', 'import time; time.sleep(60)'], log=Path({str(tmp_path / 'log')!r}), env={{}})\n"
        "print(child.process.pid, flush=True); time.sleep(60)"
    )
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(part for part in sys.path if part)}
    with subprocess.Popen([sys.executable, "-c", launcher], stdout=subprocess.PIPE, text=True, env=env) as parent:
        assert parent.stdout
        pid = int(parent.stdout.readline())
        parent.kill()
        parent.wait()
    deadline = time.monotonic() + 10
    while children._born(pid) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert children._born(pid) == ""


def test_the_witness_is_told_no_secret_and_no_address_of_the_platforms_servers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DATABASE_URL", "REDIS_URL", "SECRET_KEY", "JINQIAO_ANYTHING"):
        monkeypatch.setenv(name, "secret")
    stack = Stack(tmp_path, port=1, say=lambda line: None, extra={"OPENER_PUBLIC_KEY": "secret"})
    told = stack.environment(STRANGER)
    assert set(told) - set(children.ONE_THREAD) <= {"PATH", "LANG", "PYTHONPATH", "PYTHONUNBUFFERED"}
    assert "secret" not in told.values()


def test_whoever_starts_the_demonstration_may_name_the_token_of_its_figures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DATABASE_URL", "REDIS_URL", "METRICS_TOKEN"):
        monkeypatch.setenv(name, "named outside")
    assert Stack(tmp_path, port=1, say=lambda line: None).environment()["METRICS_TOKEN"] == "named outside"
