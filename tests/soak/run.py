"""`make soak OPS=… SEED=…`: random operations of many actors on real services and a real PostgreSQL, until the first fault.

Exits 0 when everything was as the model and the books' rules say, else 1 with the operation, what came before it and how to see it
again.
"""

import argparse
import os
import sys
import time
from typing import TYPE_CHECKING

from bench.databases import named, own_database, set_up

if TYPE_CHECKING:
    from tests.soak.exchange import Scale


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
    with own_database():
        return soak(operations=asked.operations, seed=asked.seed, every=asked.every)


def soak(*, operations: int, seed: int, every: int = 0, scale: "Scale | None" = None) -> int:
    """Run it, saying where it is; return the exit code."""
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
