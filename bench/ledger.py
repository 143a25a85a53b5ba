"""How fast the ledger is on this machine: `python bench/ledger.py [ENTRIES]`.

The engine's figures need nothing; those of the database are taken where DATABASE_URL, MIGRATE_DATABASE_URL and SEQUENCER_DATABASE_URL
name a server (as in `make bench`), in a database of their own that is dropped afterwards.
"""

import os
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

from ledger.engine import merkle, tiles  # noqa: E402 - the path is set above
from ledger.engine.notes import Signer  # noqa: E402
from tests.factories.ledger import ORIGIN, chain, checkpoint, write_lines, write_log  # noqa: E402

WRITERS = 8


def rate(label: str, count: int, run: Callable[[], object]) -> None:
    start = time.perf_counter()
    run()
    spent = time.perf_counter() - start
    print(f"{label:<52}{count / spent:12,.0f} /s{spent:10.2f} s")


def each(label: str, run: Callable[[int], object], times: int = 200) -> None:
    spent = []
    for number in range(times):
        start = time.perf_counter()
        run(number)
        spent.append((time.perf_counter() - start) * 1000)
    print(f"{label:<52}{median(spent):9.3f} ms median{quantiles(spent, n=20)[-1]:9.3f} ms p95")


def engine(count: int) -> None:
    made: list[bytes] = []
    rate("entries assembled and chained", count, lambda: made.extend(chain(count)))
    leaves = [merkle.leaf_hash(raw) for raw in made]
    rate("tree appended to (compact range)", count, lambda: merkle.root_of(leaves))
    kept: dict[tuple[int, int], bytes] = {}
    rate("tiles made in one go", count, lambda: kept.update(tiles.grow(lambda level, index: b"", 0, leaves)))

    def prove(number: int) -> None:
        subtree = tiles.subtree_hashes(lambda level, index: kept[level, index])
        merkle.inclusion_proof(subtree, number * 7919 % count, count)

    each("inclusion proof from tiles", prove)
    signer = Signer.generate(ORIGIN)
    each("checkpoint signed", lambda _: signer.sign("a\n1\nb\n"))
    note = checkpoint(made, signer)
    with tempfile.TemporaryDirectory() as folder:
        log, lines = Path(folder) / "log", Path(folder) / "entries.jsonl"
        write_log(log, made, note)
        write_lines(lines, made, note)
        for name, path in (("log", log), ("export", lines)):
            command = [sys.executable, ROOT / "ledger" / "verify.py", name, path, "--key", signer.verifier.vkey]
            rate(
                f"verified by a stranger: verify.py {name}",
                count,
                lambda command=command: subprocess.run(command, check=True, capture_output=True),
            )


def database(count: int) -> None:
    import django  # noqa: PLC0415 - the engine's figures need none
    from django.db import connections  # noqa: PLC0415
    from django.test.utils import setup_databases, teardown_databases  # noqa: PLC0415

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "marketplace.config.settings.test")
    django.setup()
    app, owner = connections["default"].settings_dict, connections["owner"].settings_dict
    login = {name: app[name] for name in ("USER", "PASSWORD")}
    app.update({name: owner[name] for name in login})
    created = setup_databases(verbosity=0, interactive=False, serialized_aliases=[])
    connections["default"].close()
    app.update(login)
    try:
        with_database(count)
    finally:
        connections.close_all()
        app.update({name: owner[name] for name in login})
        teardown_databases(created, verbosity=0)


def with_database(count: int) -> None:
    from django.db import connections  # noqa: PLC0415 - after django.setup()

    from ledger.app import selectors  # noqa: PLC0415
    from ledger.app import services as ledger  # noqa: PLC0415
    from tests.factories.recorded import record  # noqa: PLC0415

    waits: list[float] = []

    def write() -> None:
        objects = [uuid4() for _ in range(20)]
        for number in range(count // WRITERS):
            start = time.perf_counter()
            record(object_id=objects[number % 20], public=number % 3 > 0, private={"person": "张三"})
            waits.append((time.perf_counter() - start) * 1000)
        connections.close_all()

    def write_all() -> None:
        writers = [threading.Thread(target=write) for _ in range(WRITERS)]
        for one in writers:
            one.start()
        for one in writers:
            one.join()

    total = count // WRITERS * WRITERS
    rate(f"intents committed by {WRITERS} writers (threads of one process)", total, write_all)
    print(f"{'  one commit':<52}{median(waits):9.3f} ms median{quantiles(waits, n=100)[-1]:9.3f} ms p99")

    def drain() -> None:
        while ledger.sequence_batch():
            pass

    rate("sequenced in batches of 512", total, drain)
    each("one entry read", lambda number: selectors.entry(number * 7919 % total))
    rate("audited in the database", total, ledger.audit)


if __name__ == "__main__":
    size = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    engine(size)
    if os.environ.get("SEQUENCER_DATABASE_URL"):
        database(min(size, 4_000))
