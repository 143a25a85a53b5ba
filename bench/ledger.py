"""How fast the ledger is on this machine: `python bench/ledger.py [ENTRIES]`.

The engine's figures need nothing; those of the database are taken where DATABASE_URL, MIGRATE_DATABASE_URL and SEQUENCER_DATABASE_URL
name a server (as in `make bench-ledger`), in a database of their own that is dropped afterwards. Yardsticks: SHA-256 over the same
bytes for the engine, commits of one plain row by the same writers for the database.
"""

import hashlib
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median, quantiles
from uuid import uuid4

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "platform")]

import databases  # noqa: E402 - the path is set above
from figures import Figures  # noqa: E402

from ledger.engine import merkle, tiles  # noqa: E402
from ledger.engine.notes import Signer  # noqa: E402
from tests.factories.ledger import ORIGIN, chain, checkpoint, write_lines, write_log  # noqa: E402

WRITERS = 8


def seconds(run: Callable[[], object]) -> float:
    begun = time.perf_counter()
    run()
    return time.perf_counter() - begun


def each(figures: Figures, label: str, run: Callable[[int], object], times: int = 200) -> None:
    spent = [1000 * seconds(lambda number=number: run(number)) for number in range(times)]  # type: ignore[misc]
    figures.take(f"{label}, median", median(spent), "ms")
    figures.take(f"{label}, 95th percentile", quantiles(spent, n=20)[-1], "ms")


def engine(figures: Figures, count: int) -> None:
    made: list[bytes] = []
    chained = seconds(lambda: made.extend(chain(count)))
    hashed = seconds(lambda: [hashlib.sha256(raw).digest() for raw in made])
    figures.take("entries assembled and chained", count / chained, "/s", yardstick=count / hashed)
    leaves = [merkle.leaf_hash(raw) for raw in made]
    figures.take("tree appended to (compact range)", count / seconds(lambda: merkle.root_of(leaves)), "/s", yardstick=count / hashed)
    kept: dict[tuple[int, int], bytes] = {}
    grown = seconds(lambda: kept.update(tiles.grow(lambda level, index: b"", 0, leaves)))
    figures.take("tiles made in one go", count / grown, "/s", yardstick=count / hashed)

    def prove(number: int) -> None:
        subtree = tiles.subtree_hashes(lambda level, index: kept[level, index])
        merkle.inclusion_proof(subtree, number * 7919 % count, count)

    each(figures, "inclusion proof from tiles", prove)
    signer = Signer.generate(ORIGIN)
    each(figures, "checkpoint signed", lambda _: signer.sign("a\n1\nb\n"))
    note = checkpoint(made, signer)
    with tempfile.TemporaryDirectory() as folder:
        log, lines = Path(folder) / "log", Path(folder) / "entries.jsonl"
        write_log(log, made, note)
        write_lines(lines, made, note)
        for name, path in (("log", log), ("export", lines)):
            command = [sys.executable, ROOT / "ledger" / "verify.py", name, path, "--key", signer.verifier.vkey]
            begun = time.perf_counter()
            subprocess.run(command, check=True, capture_output=True)
            figures.take(f"verified by a stranger: verify.py {name}", count / (time.perf_counter() - begun), "/s")


def database(figures: Figures, count: int) -> None:
    from django.db import connections, transaction  # noqa: PLC0415 - after set_up()

    from ledger.app import selectors  # noqa: PLC0415
    from ledger.app import services as ledger  # noqa: PLC0415
    from marketplace.common import outbox  # noqa: PLC0415
    from tests.factories.recorded import record  # noqa: PLC0415

    waits: list[float] = []

    def together(work: Callable[[int], object], number: int) -> float:
        """Seconds in which the writers do this so many times each."""

        def write() -> None:
            waits.extend(1000 * seconds(lambda turn=turn: work(turn)) for turn in range(number))  # type: ignore[misc]
            connections.close_all()

        writers = [threading.Thread(target=write) for _ in range(WRITERS)]
        begun = time.perf_counter()
        for one in writers:
            one.start()
        for one in writers:
            one.join()
        return time.perf_counter() - begun

    def plain(number: int) -> None:
        with transaction.atomic():
            outbox.emit("bench.row", kind="bench", object_id=uuid4(), payload={"number": number})

    each_writer = count // WRITERS
    total = each_writer * WRITERS
    bare = together(plain, each_writer)
    waits.clear()
    objects = [uuid4() for _ in range(20)]
    spent = together(lambda n: record(object_id=objects[n % 20], public=n % 3 > 0, private={"person": "张三"}), each_writer)
    figures.take(f"intents committed by {WRITERS} writers (threads)", total / spent, "/s", yardstick=total / bare)
    figures.take("one commit, median", median(waits), "ms")
    figures.take("one commit, 99th percentile", quantiles(waits, n=100)[-1], "ms")

    def drain() -> None:
        while ledger.sequence_batch():
            pass

    figures.take("sequenced in batches of 512", total / seconds(drain), "/s")
    each(figures, "one entry read", lambda number: selectors.entry(number * 7919 % total))
    figures.take("audited in the database", total / seconds(ledger.audit), "/s")


def main(count: int) -> None:
    figures = Figures("ledger")
    engine(figures, count)
    if databases.named():
        databases.set_up()
        with databases.own_database():
            database(figures, min(count, 4_000))
    figures.write()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 20_000)
