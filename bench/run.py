"""Run the measurements one after another, or those that are named: `python bench/run.py [ledger] [matching] [treasury] [import]`.

Each is a program of its own: its memory and its database connections are nobody else's. Where DATABASE_URL and the other roles'
addresses name a server (as in `make bench`), each that needs one gets a database of its own, dropped afterwards.
"""

import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
PROGRAMS = {"ledger": "ledger.py", "matching": "matching.py", "treasury": "treasury.py", "import": "importing.py"}


def main(names: list[str]) -> int:
    """Return 0 when every measurement ended well; otherwise the names of the others are said."""
    unknown = sorted(set(names) - PROGRAMS.keys())
    if unknown:
        print(f"Unknown: {', '.join(unknown)}. There are: {', '.join(PROGRAMS)}.", file=sys.stderr)
        return 2
    chosen = names or list(PROGRAMS)
    failed = [name for name in chosen if subprocess.run([sys.executable, HERE / PROGRAMS[name]], check=False).returncode]
    if failed:
        print(f"Failed: {', '.join(failed)}.", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
