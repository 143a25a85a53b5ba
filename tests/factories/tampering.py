"""Ways to damage a log, and the stranger's verifier asked many times in one process.

Two shortcuts make thousands of questions affordable, and leave every check to the verifier's own code:

* `remembering`: reading an entry depends on its bytes alone, so what the verifier once read of the same bytes is not read again;
* `Followed`: what the verifier holds after k entries depends on these k alone, so a log whose first k entries are byte for byte those of
  the honest one is followed from there.
"""

import copy
import functools
import io
import random
from argparse import Namespace
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

import pytest

from ledger import verify
from ledger.engine import canonical

STEP = 100


@contextmanager
def remembering() -> Iterator[None]:
    """Within, the verifier remembers what it read of an entry's bytes at a place."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(verify, "read_entry", functools.lru_cache(maxsize=50_000)(verify.read_entry))
        yield


def given(vkey: str) -> Namespace:
    """What the verifier's command line says when it names a key and nothing else."""
    return Namespace(key=verify.read_key(vkey), policy=verify.Policy(), seen=None, opaque=False)


def verdict(ask: Callable[[], object]) -> tuple[int, int | None]:
    """Return exit code and first bad seq, as the verifier's main says them."""
    try:
        ask()
    except verify.Tampered as fault:
        return verify.TAMPERED, fault.seq
    except verify.BadInput:
        return verify.BAD_INPUT, None
    return verify.SOUND, None


class Followed:
    """An honest log of lines that the verifier has followed once; changed ones are followed from before their first change."""

    def __init__(self, entries: Sequence[bytes], note: str, vkey: str) -> None:
        self.given = given(vkey)
        self.entries = entries
        self.states: list[verify.Log] = []
        made: list[verify.Log] = []
        begin = verify.Log

        def watched(origin: str, key: verify.Key) -> verify.Log:
            made.append(begin(origin, key))
            return made[0]

        def each() -> Iterator[tuple[bytes, bytes]]:
            for place, raw in enumerate(entries):
                if place % STEP == 0:
                    self.states.append(copy.deepcopy(made[0]))
                yield raw, verify.leaf_of(raw)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(verify, "Log", watched)
            verify.follow_log(note, self.given, lambda size: each())

    def ask(self, entries: Sequence[bytes], note: str, *, same: int, seen: Path | None = None) -> tuple[int, int | None]:
        """Ask about other entries and another checkpoint; the first `same` entries must be the honest ones."""
        lines = b"".join(raw + b"\n" for raw in [*entries[self.start(same) :], canonical.encode({"checkpoint": note})])
        assert entries[:same] == self.entries[:same]
        return self.ask_lines(lines, note, same=same, seen=seen)

    def start(self, same: int) -> int:
        """The place from which lines must be given when so many entries are the same."""
        return same // STEP * STEP

    def ask_lines(self, lines: bytes, note: str, *, same: int, seen: Path | None = None) -> tuple[int, int | None]:
        """Ask about the bytes of an export from `start(same)` on."""
        state = copy.deepcopy(self.states[same // STEP])

        def entries(size: int) -> Iterator[tuple[bytes, bytes]]:
            # The verifier counts lines from the start of the file.
            before = [b"\n"] * self.start(same)
            return islice(verify._entries_in([*before, *io.BytesIO(lines)]), len(before), None)

        def ask() -> None:
            verify.follow_log(note, Namespace(**{**vars(self.given), "seen": seen and str(seen)}), entries)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(verify, "Log", lambda origin, key: state)
            return verdict(ask)


def turned(path: Path, chance: random.Random, places: Iterable[int]) -> Iterator[int]:
    """Turn a bit of one byte after another in this file, and yield each place while it is turned."""
    data = path.read_bytes()
    with path.open("r+b", buffering=0) as file:
        for place in places:
            for value in (data[place] ^ 1 << chance.randrange(8), data[place]):
                file.seek(place)
                file.write(bytes([value]))
                if value != data[place]:
                    yield place


def swap(entries: list[bytes], at: int, chance: random.Random) -> None:
    entries[at], entries[at + 1] = entries[at + 1], entries[at]


def drop(entries: list[bytes], at: int, chance: random.Random) -> None:
    del entries[at]


def duplicate(entries: list[bytes], at: int, chance: random.Random) -> None:
    entries.insert(at, entries[at])


def insert(entries: list[bytes], at: int, chance: random.Random) -> None:
    entries.insert(at, canonical.encode(canonical.decode(entries[at]) | {"body": {"forged": chance.random().hex()}}))


def truncate(entries: list[bytes], at: int, chance: random.Random) -> None:
    del entries[at:]


def replace(entries: list[bytes], at: int, chance: random.Random) -> None:
    entries[at] = canonical.encode(canonical.decode(entries[at]) | {"body": {"number": -1}})


def replace_link(entries: list[bytes], at: int, chance: random.Random) -> None:
    entries[at] = canonical.encode(canonical.decode(entries[at]) | {"prev": "0" * 63 + "1"})


def replace_origin(entries: list[bytes], at: int, chance: random.Random) -> None:
    entries[at] = canonical.encode(canonical.decode(entries[at]) | {"log": "other.example/log"})
