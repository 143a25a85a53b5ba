"""`make soak OPS=… SEED=…`: random operations of many actors on real services and a real PostgreSQL, until the first fault.

Many operations are several stretches of STRETCH, each from a seed of its own (SEED, SEED + 1, …) on an exchange and a database of its
own, so that the checks of all books do not grow with what was proved before. What has passed on this very commit is not run again: the
same command goes on where it stopped. Exits 0 when everything was as the model and the books' rules say, else 1 with the operation, what
came before it and how to see it again.
"""

import argparse
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from bench.databases import ROOT, named, own_database, set_up
from tests.prove import version

if TYPE_CHECKING:
    from tests.soak.people import Scale

STRETCH = 20_000


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.soak.run", description=__doc__)
    parser.add_argument("--operations", type=int, required=True)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--every", type=int, default=0, help="operations between two checks of all books; a twentieth of all without")
    asked = parser.parse_args()
    if not named():
        sys.exit("No database is named: run `make soak`.")
    # As all tests: cheap hashes of passwords, and no patience for locks.
    os.environ["DJANGO_SETTINGS_MODULE"] = "marketplace.config.settings.test"
    set_up()
    record = record_of(version())
    for seed, operations in stretches(asked.operations, asked.seed):
        line = called(operations, seed, asked.every)
        if line in passed(record):
            print(f"✓ Passed on this commit before: {line}.")
            continue
        with own_database():
            if code := soak(operations=operations, seed=seed, every=asked.every):
                return code
        with record.open("a", encoding="utf-8") as file:
            file.write(f"{line}\n")
    return 0


def stretches(operations: int, seed: int) -> Iterator[tuple[int, int]]:
    """The seed and the operations of each."""
    for number, done in enumerate(range(0, operations, STRETCH)):
        yield seed + number, min(STRETCH, operations - done)


def called(operations: int, seed: int, every: int) -> str:
    """What is written down of a stretch that has passed: one that was checked more seldom is another."""
    return f"{operations} operations from seed {seed}{f', all books checked every {every}' if every else ''}"


def record_of(commit: str) -> Path:
    """Where it stands what has passed on this commit; forgotten where committed files have been changed since."""
    record = ROOT / "var" / "soak" / f"{commit}.txt"
    record.parent.mkdir(parents=True, exist_ok=True)
    if commit.endswith("+changed"):
        record.unlink(missing_ok=True)
    return record


def passed(record: Path) -> set[str]:
    return set(record.read_text(encoding="utf-8").splitlines()) if record.exists() else set()


def soak(*, operations: int, seed: int, every: int = 0, scale: "Scale | None" = None) -> int:
    """Run one stretch, saying where it is; return the exit code."""
    from tests.soak.runner import Fault, Soak

    def tell(line: str) -> None:
        print(line, end="\r" if sys.stdout.isatty() else "\n", flush=True)

    print(f"seed {seed}, {operations:,} operations", flush=True)
    started = time.monotonic()
    running = Soak(seed=seed, operations=operations, every=every, scale=scale, tell=tell)
    try:
        running.run()
    except Fault as fault:
        print(f"\n✗ {fault}", *(f"    before: {line}" for line in fault.journal), sep="\n")
        print(f"The same again: make soak OPS={fault.number} SEED={seed} EVERY={running.every}")
        return 1
    print(running.progress())
    print(f"✓ Nothing is wrong after {operations:,} operations from seed {seed}, in {time.monotonic() - started:.0f} s.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
