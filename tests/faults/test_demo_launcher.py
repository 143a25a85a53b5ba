"""`make demo` as a person runs it: the port is taken, it is killed, it is started again, Ctrl-C comes, its data is thrown away."""

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


def launch(folder: Path, *words: str) -> subprocess.Popen[str]:
    """The launcher as `make` runs it, with its data in this folder."""
    env = {name: value for name, value in os.environ.items() if name not in NAMED}
    env |= {"PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'platform'}", "JINQIAO_DATA_DIR": str(folder), "PYTHONUNBUFFERED": "1"}
    command = [sys.executable, "-m", "marketplace.config.devstack", *words]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=env, cwd=ROOT)


@contextmanager
def demo(folder: Path, port: int) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Start the demonstration; give the launcher and what it had said when it was ready; press Ctrl-C."""
    with launch(folder, "demo", "--port", str(port)) as launcher:
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


def refused(folder: Path, *words: str) -> str:
    """What a launcher says that does not start."""
    with launch(folder, *words) as launcher:
        said, _ = launcher.communicate(timeout=60)
        assert launcher.returncode == 1, said
        return said


def written_down(folder: Path) -> list[dict[str, str | int]]:
    entries: list[dict[str, str | int]] = json.loads((folder / "demo" / "running.json").read_text(encoding="utf-8"))
    return entries


def still_alive(entries: list[dict[str, str | int]]) -> list[int]:
    return [int(entry["pid"]) for entry in entries if children._born(int(entry["pid"])) == entry["born"]]


def address(said: str) -> str:
    found = re.search(r"http://127\.0\.0\.1:\d+", said)
    assert found, said
    return found[0]


def ready(said: str) -> bool:
    with urllib.request.urlopen(address(said) + "/readyz") as answer:
        return bool(json.load(answer)["status"] == "ready")


@pytest.mark.slow
def test_the_demonstration_outlives_a_taken_port_and_a_killed_launcher_and_goes_without_a_trace() -> None:
    with temporary_folder("demo") as folder, socket.socket() as other:
        other.bind((ports.LOOPBACK, 0))
        other.listen()
        taken = other.getsockname()[1]
        with demo(folder, taken) as (launcher, said):
            chosen = address(said).rpartition(":")[2]
            assert f"端口 {taken} 已被占用，改用 {chosen}。 Port {taken} is taken; using {chosen}." in said
            assert ready(said)
            running = written_down(folder)
            assert len(still_alive(running)) == 8
            for words in (("demo",), ("reset",)):
                assert f"Another Jinqiao is using {folder / 'demo'}. Stop it first with Ctrl-C in its terminal." in refused(folder, *words)
            launcher.kill()
            launcher.wait()
        logins = (folder / "demo" / "logins.txt").read_text(encoding="utf-8").strip()
        assert logins in said

        with demo(folder, ports.free()) as (_, said):
            assert still_alive(running) == []
            assert ready(said)
            assert logins in said
            assert "demonstration data" not in said  # what was loaded is kept and not loaded again
            running = written_down(folder)
            assert len(still_alive(running)) == 8
        assert still_alive(running) == []

        with launch(folder, "reset") as launcher:
            assert "The demonstration's data is gone." in launcher.communicate(timeout=60)[0]
        assert [entry.name for entry in (folder / "demo").iterdir()] == ["lock"]
