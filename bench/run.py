"""Run the measurements one after another, or those that are named: `python bench/run.py [ledger] [matching] [treasury] [import]`.

What follows from the first word with a stroke on is given to each of them, such as `treasury --seconds 1`.

Each is a program of its own: its memory and its database connections are nobody else's. Where DATABASE_URL and the other roles'
addresses name a server (as in `make bench`), each that needs one gets a database of its own, dropped afterwards.
"""

import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
PROGRAMS = {"ledger": "ledger.py", "matching": "matching.py", "treasury": "treasury.py", "import": "importing.py"}


def main(words: list[str]) -> int:
    """Return 0 when every measurement ended well; otherwise the names of the others are said."""
    given = next((place for place, word in enumerate(words) if word.startswith("-")), len(words))
    names, more = words[:given], words[given:]
    unknown = sorted(set(names) - PROGRAMS.keys())
    if unknown:
        print(f"Unknown: {', '.join(unknown)}. There are: {', '.join(PROGRAMS)}.", file=sys.stderr)
        return 2
    chosen = names or list(PROGRAMS)
    failed = [name for name in chosen if subprocess.run([sys.executable, HERE / PROGRAMS[name], *more], check=False).returncode]
    if failed:
        print(f"Failed: {', '.join(failed)}.", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
