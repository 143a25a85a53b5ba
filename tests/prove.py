"""`make prove`: every test marked `prove` at full size, on two processors, resumable, written to docs/proof.md.

What passed on this very commit is not run again; a change to any committed file begins afresh. The seed is kept with the commit, so
that a continued run is one run.
"""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "proof.md"
HEAD = """# What was proved, at which size, and when

Made by `make prove`. Every line is one test at its full size; `make test` runs the same tests small. A seed repeats its run:
`PROOF_SEED=… make prove`.

"""


def git(*words: str) -> str:
    return subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()


def version() -> str:
    """The commit, with a mark when committed files have been changed since; the page of proofs itself does not count."""
    changed = git("status", "--porcelain", "--untracked-files=no", "--", ".", ":!docs/proof.md")
    return git("rev-parse", "--short=12", "HEAD") + ("+changed" if changed else "")


@pytest.hookimpl(trylast=True)  # after the selection by mark
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Every worker loads this module as a plugin, to leave out what has passed before."""
    done = passed(Path(os.environ["PROOF_RECORD"]))
    items[:] = [item for item in items if item.nodeid not in done]


class Recorder:
    """A pytest plugin that counts what is to run and writes down each test as it ends, whichever worker ran it."""

    def __init__(self, record: Path) -> None:
        self.record = record
        self.total = 0

    def pytest_xdist_node_collection_finished(self, node: object, ids: list[str]) -> None:
        self.total = len(ids)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when == "call" or report.outcome != "passed":
            line = {"test": report.nodeid, "outcome": report.outcome, "seconds": round(report.duration, 1)}
            with self.record.open("a", encoding="utf-8") as file:
                file.write(json.dumps(line) + "\n")


def read(record: Path) -> list[dict[str, str]]:
    return [json.loads(line) for line in record.read_text(encoding="utf-8").splitlines()] if record.exists() else []


def last(record: Path) -> dict[str, dict[str, str]]:
    """How each test ended when it ran last; one that passed and could not be cleared up after has failed."""
    return {line["test"]: line for line in read(record)}


def passed(record: Path) -> set[str]:
    return {test for test, line in last(record).items() if line["outcome"] == "passed"}


def write_page(record: Path, commit: str, seed: str, total: int) -> None:
    rows = [
        f"| `{line['test'].partition('::')[2]}` | {line['test'].partition('::')[0]} | {line['outcome']} | {line['seconds']} |"
        for _, line in sorted(last(record).items())
    ]
    count = len(passed(record))
    said = f"Commit `{commit}`, seed {seed}, {time.strftime('%Y-%m-%d', time.gmtime())}, {os.cpu_count()} processors. "
    said += f"{count} of {total} proofs passed{'' if count == total else '; `make prove` goes on with the others'}.\n\n"
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(HEAD + said + "| proof | file | result | seconds |\n|---|---|---|---:|\n" + "\n".join(rows) + "\n", encoding="utf-8")


def main() -> int:
    commit = version()
    folder = ROOT / "var" / "proof"
    folder.mkdir(parents=True, exist_ok=True)
    record, kept_seed = folder / f"{commit}.jsonl", folder / f"{commit}.seed"
    if commit.endswith("+changed"):
        record.unlink(missing_ok=True)
    seed = os.environ.get("PROOF_SEED") or (kept_seed.read_text(encoding="utf-8") if kept_seed.exists() else str(time.time_ns() % 10**9))
    kept_seed.write_text(seed, encoding="utf-8")
    os.environ |= {"PROOF_SEED": seed, "PROOF_SIZE": "full"}
    os.environ["PROOF_RECORD"] = str(record)
    earlier, recorder, began = len(passed(record)), Recorder(record), time.monotonic()
    words = ["-v", "-p", "prove", "-m", "prove", "-n", "2", "--dist", "worksteal", f"--hypothesis-seed={seed}"]
    code = pytest.main([*words, *sys.argv[1:]], plugins=[recorder])
    write_page(record, commit, seed, recorder.total + earlier)
    print(f"{time.monotonic() - began:.0f} seconds in this run")
    return 0 if code == pytest.ExitCode.NO_TESTS_COLLECTED and read(record) else int(code)


if __name__ == "__main__":
    sys.exit(main())
