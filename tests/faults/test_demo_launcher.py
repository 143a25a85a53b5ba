"""`make demo` as a person runs it: the port is taken, Ctrl-C comes, it is started again, it is killed, it is started once more."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from marketplace.config.devstack import children, ports
from marketplace.config.devstack.servers import temporary_folder

ROOT = Path(__file__).resolve().parents[2]
NAMED = ("DATABASE_URL", "REDIS_URL", "MIGRATE_DATABASE_URL", "SEQUENCER_DATABASE_URL", "DJANGO_SETTINGS_MODULE")


@contextmanager
def demo(folder: Path, port: int) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Start the demonstration; give the launcher and what it had said when it was ready."""
    env = {name: value for name, value in os.environ.items() if name not in NAMED}
    env |= {"PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'platform'}", "JINQIAO_DATA_DIR": str(folder), "PYTHONUNBUFFERED": "1"}
    command = [sys.executable, "-m", "marketplace.config.devstack", "demo", "--port", str(port)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=env, cwd=ROOT) as launcher:
        try:
            assert launcher.stdout
            said = ""
            while "Ctrl-C" not in said:
                line = launcher.stdout.readline()
                assert line, said
                said += line
            yield launcher, said
        finally:
            launcher.send_signal(signal.SIGINT)
            launcher.stdout.read()
            launcher.wait(60)


def written_down(folder: Path) -> list[dict[str, str | int]]:
    entries: list[dict[str, str | int]] = json.loads((folder / "demo" / "running.json").read_text(encoding="utf-8"))
    return entries


def still_alive(entries: list[dict[str, str | int]]) -> list[int]:
    return [int(entry["pid"]) for entry in entries if children._born(int(entry["pid"])) == entry["born"]]


def address(said: str) -> str:
    found = re.search(r"http://127\.0\.0\.1:\d+", said)
    assert found, said
    return found[0]


@pytest.mark.slow
def test_the_demonstration_comes_and_goes_without_a_trace_and_keeps_its_data() -> None:
    with temporary_folder("demo") as folder, socket.socket() as other:
        other.bind((ports.LOOPBACK, 0))
        other.listen()
        taken = other.getsockname()[1]
        with demo(folder, taken) as (_, said):
            assert f"Port {taken} is taken" in said
            with urllib.request.urlopen(address(said) + "/readyz") as answer:
                assert json.load(answer)["status"] == "ready"
            running = written_down(folder)
            assert len(still_alive(running)) == 8
        assert still_alive(running) == []
        first_logins = (folder / "demo" / "logins.txt").read_text(encoding="utf-8")
        assert first_logins.strip() in said

        with demo(folder, ports.free()) as (launcher, said):
            assert first_logins.strip() in said
            running = written_down(folder)
            launcher.kill()
            launcher.wait()

        with demo(folder, ports.free()) as (_, said):
            assert still_alive(running) == []
            with urllib.request.urlopen(address(said) + "/readyz") as answer:
                assert json.load(answer)["status"] == "ready"
