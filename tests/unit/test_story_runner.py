"""The story's runner: whatever goes wrong ends it with a number other than zero, the chapter and the step."""

import http.server
import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from marketplace.config.devstack import ports

STORY = Path(__file__).resolve().parents[1] / "story"


def tell(folder: Path, line: str, address: str = "") -> subprocess.CompletedProcess[str]:
    """Two steps that go well, then a chapter of this one line, then one that nobody hears."""
    (folder / "chapter_a.py").write_text('"""A."""\n\n\ndef tell(world):\n    world.step("a", "one")\n    world.step("a", "two")\n')
    (folder / "chapter_b.py").write_text(f'"""B."""\n\n\ndef tell(world):\n    {line}\n')
    script = folder / "script.py"
    script.write_text(
        "import os, sys\nfrom pathlib import Path\nimport chapter_a, chapter_b, run\nfrom world import World\n"
        "world = World(address=os.environ['SITE_URL'], data=Path(), keep=Path(os.environ['STORY_KEEP']))\n"
        "sys.exit(run.tell(world, (chapter_a, chapter_b, chapter_a)))\n"
    )
    environment = {**os.environ, "SITE_URL": address, "STORY_KEEP": str(folder), "PYTHONPATH": str(STORY)}
    return subprocess.run([sys.executable, str(script)], env=environment, capture_output=True, text=True, timeout=60, check=False)


@pytest.fixture
def only_503() -> Iterator[str]:
    """A site that answers, but never as the story tells it."""

    class Unwell(http.server.BaseHTTPRequestHandler):
        def answer(self) -> None:
            self.send_error(503)

        do_GET = do_POST = answer  # noqa: N815 - the names that http.server asks for

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    server = http.server.HTTPServer((ports.LOOPBACK, 0), Unwell)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://{ports.LOOPBACK}:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_a_refused_connection_names_the_chapter_and_the_step(tmp_path: Path) -> None:
    done = tell(tmp_path, "world.anyone().get('/')", f"http://{ports.LOOPBACK}:{ports.first_free_from(23456)}")
    assert (done.returncode, "Traceback" in done.stderr, "passed" in done.stdout) == (1, False, False)
    assert re.search(r"story: chapter_b, step 3 failed after \d+ s: ConnectionRefusedError: .*\(client\.py:\d+\)", done.stderr)


def test_a_wrong_answer_names_the_chapter_the_step_and_the_answer(tmp_path: Path, only_503: str) -> None:
    done = tell(tmp_path, "world.anyone().get('/')", only_503)
    assert (done.returncode, "Traceback" in done.stderr) == (1, False)
    assert re.search(r"story: chapter_b, step 3 failed after \d+ s: GET / answered 503 instead of 200", done.stderr)


@pytest.mark.parametrize(
    ("line", "said"), [("assert 1 == 2", "AssertionError"), ("{}['id']", "KeyError: 'id'"), ("int('x')", "ValueError")]
)
def test_any_error_ends_the_story_at_its_step_and_keeps_what_was_told(tmp_path: Path, line: str, said: str) -> None:
    done = tell(tmp_path, line)
    assert (done.returncode, "Traceback" in done.stderr) == (1, False)
    assert re.search(rf"story: chapter_b, step 3 failed after \d+ s: {said}", done.stderr)
    transcript = (tmp_path / "transcript.jsonl").read_text().splitlines()
    assert [json.loads(row)["text"] for row in transcript] == ["one", "two"]


def test_a_story_that_goes_well_counts_its_steps(tmp_path: Path) -> None:
    done = tell(tmp_path, "world.step('b', 'three')")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.endswith("story: 5 steps passed\n")
