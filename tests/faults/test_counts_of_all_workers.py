"""Two workers of the web server count, one of them dies: whoever asks is told of all that was counted, and no file is left over."""

import os
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from marketplace.config.devstack import ports

ROOT = Path(__file__).resolve().parents[2]
SITE = """
import os
from prometheus_client import CollectorRegistry, Counter, generate_latest
from marketplace.config import counting
ASKED = Counter("asked", "Requests")

def site(environ, start_response):
    start_response("200 OK", [])
    if environ["PATH_INFO"] == "/count":
        ASKED.inc()
        return [str(os.getpid()).encode()]
    registry = CollectorRegistry()
    counting.join(registry)
    return [generate_latest(registry)]
"""


@pytest.fixture
def server(tmp_path: Path) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """Gunicorn with our settings and a site that only counts; its address and its process."""
    (tmp_path / "counted.py").write_text(SITE, encoding="utf-8")
    (tmp_path / "figures").mkdir()
    (tmp_path / "figures" / "counter_1.db").write_bytes(b"what an earlier run left")
    port = ports.free()
    env = os.environ | {
        "PYTHONPATH": os.pathsep.join(map(str, (ROOT, ROOT / "platform", tmp_path))),
        "PROMETHEUS_MULTIPROC_DIR": str(tmp_path / "figures"),
        "WEB_BIND": f"{ports.LOOPBACK}:{port}",
        "WEB_WORKERS": "2",
        "WEB_PRELOAD": "1",
    }
    command = [sys.executable, "-m", "gunicorn", "-c", "python:marketplace.config.webserver", "counted:site"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=env) as process:
        assert process.stderr
        for line in process.stderr:
            if "Listening at" in line:
                break
        yield f"http://{ports.LOOPBACK}:{port}", process
        process.terminate()
        process.communicate(timeout=30)


def ask(address: str, path: str) -> str:
    with urllib.request.urlopen(address + path, timeout=30) as answer:
        return str(answer.read().decode())


def count_while_others_sleep(address: str, *others: int) -> int:
    """Have a worker count that is none of these; return its process number."""
    for other in others:
        os.kill(other, signal.SIGSTOP)
    worker = int(ask(address, "/count"))
    for other in others:
        os.kill(other, signal.SIGCONT)
    return worker


def test_each_worker_tells_the_counts_of_all_and_of_those_that_are_gone(server: tuple[str, subprocess.Popen[str]], tmp_path: Path) -> None:
    address, process = server
    one = count_while_others_sleep(address)
    two = count_while_others_sleep(address, one)
    assert one != two
    assert "asked_total 2.0" in ask(address, "/metrics")
    os.kill(two, signal.SIGKILL)
    three = count_while_others_sleep(address, one)
    assert three not in {one, two}
    assert "asked_total 3.0" in ask(address, "/metrics")
    assert sorted(file.name for file in (tmp_path / "figures").iterdir()) == ["counter_1.db", "counter_2.db", "counter_parent.db"]
    process.terminate()
    process.wait(30)
    assert not (tmp_path / "figures").exists()
