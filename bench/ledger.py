"""How fast the ledger is on this machine: `python bench/ledger.py [ENTRIES]`; ENTRIES (1,000,000) is the size of the long log.

The engine's figures need nothing; those of the database are taken where DATABASE_URL, MIGRATE_DATABASE_URL and SEQUENCER_DATABASE_URL
name a server (as in `make bench-ledger`), in a database of their own that is dropped afterwards. Yardsticks: the same hashes by hashlib
alone for the verifier, the same business without its ledger intent for the writers.
"""

import hashlib
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import redirect_stderr
from datetime import UTC, datetime
from io import StringIO
from itertools import pairwise
from pathlib import Path
from statistics import median, quantiles
from uuid import UUID, uuid4

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "platform")]

import databases  # noqa: E402 - the path is set above
import programs  # noqa: E402
from figures import Figures  # noqa: E402
from writers import WRITERS, beside, together  # noqa: E402

from ledger.engine import canonical, entry, merkle, tiles  # noqa: E402
from ledger.engine.checkpoint import Checkpoint  # noqa: E402
from ledger.engine.notes import Signer  # noqa: E402
from tests.factories.ledger import ORIGIN, chain, intent  # noqa: E402


def seconds(run: Callable[[], object]) -> float:
    begun = time.perf_counter()
    run()
    return time.perf_counter() - begun


def each(figures: Figures, label: str, run: Callable[[int], object], times: int = 200) -> None:
    spent = [1000 * seconds(lambda number=number: run(number)) for number in range(times)]  # type: ignore[misc]
    figures.take(f"{label}, median", median(spent), "ms")
    figures.take(f"{label}, 95th percentile", quantiles(spent, n=20)[-1], "ms")


def quickly(count: int) -> Iterator[bytes]:
    """A long valid log, made by writing number, id and link into the bytes of one entry."""
    made = entry.assemble(intent(1), log=ORIGIN, seq=0, prev=entry.GENESIS).raw
    head, rest = made.split(b'"id":"')
    middle, tail = rest[36:].split(b'"prev":"')
    end = tail[64:].split(b'"seq":0')[1]
    prev = entry.GENESIS.encode()
    for seq in range(count):
        raw = b'%b"id":"%b%b"prev":"%b","seq":%d%b' % (head, str(UUID(int=seq)).encode(), middle, prev, seq, end)
        yield raw
        prev = merkle.leaf_hash(raw).hex().encode()


def engine(figures: Figures) -> None:
    count = 5_000
    figures.take("entries assembled and chained", count / seconds(lambda: chain(count)), "/s")
    kept: dict[tuple[int, int], bytes] = {}
    leaves = [merkle.leaf_hash(raw) for raw in quickly(70_000)]
    figures.take("tiles made in one go", 70_000 / seconds(lambda: kept.update(tiles.grow(lambda *_: b"", 0, leaves))), "/s")
    signer = Signer.generate(ORIGIN)
    each(figures, "checkpoint signed", lambda _: signer.sign("a\n1\nb\n"))


def verifier(figures: Figures, count: int) -> None:
    """The whole export, as a stranger checks it, beside nothing but the hashes of its leaves and nodes."""
    signer, tree = Signer.generate(ORIGIN), merkle.CompactRange()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "entries.jsonl"
        figures.tell(f"making an export of {count:,} entries")
        with file.open("wb") as lines:
            for raw in quickly(count):
                lines.write(raw + b"\n")
                tree.append(merkle.leaf_hash(raw))
            lines.write(canonical.encode({"checkpoint": Checkpoint(ORIGIN, count, tree.root()).sign(signer)}) + b"\n")
        figures.tell("verifying it")
        before = time.process_time()
        hash_alone(file)
        alone = time.process_time() - before
        command = [sys.executable, str(ROOT / "ledger" / "verify.py"), "export", str(file), "--key", signer.verifier.vkey]
        spent = programs.run(command)
    figures.take(f"{count:,} exported entries verified, by the clock", spent.seconds, "s")
    figures.take(f"{count:,} exported entries verified, processor", spent.processor, "s", yardstick=alone)
    figures.take("largest resident memory of the verifier", spent.memory, "MiB")


def hash_alone(file: Path) -> None:
    """As many hashes of the same bytes as the tree has leaves and nodes, and nothing else."""
    with file.open("rb") as lines:
        for line in lines:
            leaf = hashlib.sha256(b"\x00" + line).digest()
            hashlib.sha256(b"\x01" + leaf + leaf).digest()


def business(figures: Figures, times: int) -> None:
    """A real move by its one door, with the ledger and with `record` taken out; then intents alone."""
    from ledger.app import services as ledger  # noqa: PLC0415 - after set_up()
    from marketplace.workflow.performing import perform  # noqa: PLC0415
    from tests.factories import demands  # noqa: PLC0415
    from tests.factories.recorded import record  # noqa: PLC0415

    open_ones = [demands.claimable() for _ in range(WRITERS)]
    actors = [demands.company_of(one) for one in open_ones]

    def amend(writer: int, turn: int) -> float:
        return seconds(lambda: perform("amend", open_ones[writer], actors[writer], fields={"text_zh": f"第 {turn} 版"}))

    recorded, taken_out = ledger.record, lambda **_: None
    rates: dict[bool, list[float]] = {True: [], False: []}
    # Taken in turns, so that a busy neighbour is busy for both.
    for kept in (False, True, False, True):
        ledger.record = recorded if kept else taken_out
        rates[kept].append(together(amend, times).rate)
    ledger.record = recorded
    figures.take(f"demands amended by {WRITERS} writers", median(rates[True]), "/s", yardstick=median(rates[False]))
    objects = [uuid4() for _ in range(20)]
    intents = together(lambda writer, turn: seconds(lambda: record(object_id=objects[turn % 20], public=turn % 3 > 0)), 2 * times)
    figures.take(f"intents committed alone by {WRITERS} writers", intents.rate, "/s")


def sequencer(figures: Figures, count: int) -> None:
    from ledger.app import services as ledger  # noqa: PLC0415 - after set_up()
    from tests.factories.recorded import record  # noqa: PLC0415

    figures.tell(f"recording {count:,} intents")
    while ledger.sequence_batch():
        pass
    together(lambda writer, turn: record(public=turn % 3 > 0, private={"person": "张三"}), count // WRITERS)
    moved = 0

    def drain() -> None:
        nonlocal moved
        while batch := ledger.sequence_batch():
            moved += batch

    before = time.process_time()
    spent = seconds(drain)
    figures.take("sequenced alone in batches of 512", moved / spent, "/s")
    figures.take("of sequencing at work in the process itself", 1_000_000 * (time.process_time() - before) / moved, "CPU us each")
    figures.take("audited in the database", ledger.height() / seconds(ledger.audit), "/s")


def waiting(figures: Figures, times: int) -> None:
    """The sequencer in a process of its own, as in life, with a witness: how long until an entry has its place, signature, cosignature."""
    from django.core.management import call_command  # noqa: PLC0415 - after set_up()
    from django.test import override_settings  # noqa: PLC0415

    from ledger.app import models, selectors, signing  # noqa: PLC0415
    from ledger.witness.store import Store  # noqa: PLC0415
    from tests.factories.recorded import record  # noqa: PLC0415
    from tests.factories.witnesses import serving  # noqa: PLC0415

    def until(true: Callable[[], object]) -> float:
        begun = time.perf_counter()
        while not true():
            time.sleep(0.005)
        return time.perf_counter() - begun

    def included(writer: int, turn: int) -> float:
        name = record()
        return until(lambda: models.Entry.objects.filter(id=name).exists())

    with tempfile.TemporaryDirectory() as folder, override_settings():
        from django.conf import settings  # noqa: PLC0415

        settings.LEDGER_KEY_FILE, settings.LEDGER_LAST_CHECKPOINT_FILE = f"{folder}/key", f"{folder}/last"
        key = signing.make_key(Path(folder) / "key", origin=settings.LEDGER_ORIGIN)
        store = Store.create(Path(folder) / "witness", name="witness.example/bench")
        store.trust(key.verifier.vkey)
        with serving(store) as client:
            settings.LEDGER_WITNESSES = [f"http://127.0.0.1:{client.port} {store.key().cosigner.vkey} ours"]
            with redirect_stderr(StringIO()), beside(lambda: call_command("ledger_sequence", "--forever", stdout=StringIO())):
                waits = together(included, times).results
                figures.take(f"wait for inclusion under {WRITERS} writers, median", 1000 * median(waits), "ms")
                figures.take("wait for inclusion, 99th percentile", 1000 * quantiles(waits, n=100)[-1], "ms")
                signed, cosigned = [], []
                for _ in range(10):
                    name = record()
                    begun = time.perf_counter()
                    until(lambda name=name: models.Entry.objects.filter(id=name).exists())
                    seq = models.Entry.objects.get(id=name).seq
                    until(lambda seq=seq: models.SignedCheckpoint.objects.filter(size__gt=seq).exists())
                    signed.append(time.perf_counter() - begun)
                    until(lambda seq=seq: models.Cosignature.objects.filter(checkpoint__size__gt=seq).exists())
                    cosigned.append(time.perf_counter() - begun)
                assert selectors.latest_checkpoint() is not None
    figures.take("checkpoint after an entry, slowest of 10", max(signed), "s")
    figures.take("cosigned after an entry, slowest of 10", max(cosigned), "s")


FILL = """
INSERT INTO ledger_entry (seq, id, type, at, leaf_hash, bytes, sequenced_at)
SELECT n, gen_random_uuid(), 'bench.entry', now(), sha256('\\x00'::bytea || raw), raw, now()
FROM (SELECT n, convert_to(repeat('x', 480) || n, 'UTF8') AS raw FROM generate_series(%s, %s) AS n) AS made
"""


# What PostgreSQL itself counted so far, rows read within functions too.
ROWS = "SELECT sum(seq_tup_read + coalesce(idx_tup_fetch, 0)) FROM pg_stat_xact_user_tables WHERE starts_with(relname, 'ledger_')"


def proofs(figures: Figures, count: int) -> None:
    """One proof of one entry from the tables of a long log: first of one that nobody watches, then of one that a witness cosigned."""
    from django.db import connections, transaction  # noqa: PLC0415 - after set_up()
    from django.test import override_settings  # noqa: PLC0415

    from ledger.app import models, storage  # noqa: PLC0415
    from ledger.engine.cosignature import CosigningKey  # noqa: PLC0415

    figures.tell(f"filling the tables of a log of {count:,} entries, by one statement")
    signer = Signer.generate(ORIGIN)
    with transaction.atomic(using="sequencer"), connections["sequencer"].cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")
        cursor.execute(FILL, [0, count - 1])
        leaves = [merkle.leaf_hash(b"x" * 480 + str(number).encode()) for number in range(count)]
        storage.append("sequencer", 0, leaves)
        root = merkle.range_hash(storage.subtree_hashes("sequencer"), 0, count)
        note = Checkpoint(ORIGIN, count, root).sign(signer)
        models.SignedCheckpoint.objects.using("sequencer").create(size=count, root=root, note=note, vkey=signer.verifier.vkey)
    with connections["owner"].cursor() as cursor:
        cursor.execute("ANALYZE ledger_entry, ledger_tile, ledger_checkpoint")
    proof_of_one(figures, f"a proof at {count:,} entries", leaves, signer)
    witness = CosigningKey.generate("witness.example/bench")
    line = witness.cosign(note.partition("\n\n")[0] + "\n", time=1_772_352_000)
    models.Cosignature.objects.using("sequencer").create(
        checkpoint_id=count, vkey=witness.cosigner.vkey, line=line, cosigned_at=datetime(2026, 3, 1, 8, tzinfo=UTC)
    )
    with override_settings(LEDGER_WITNESSES=[f"http://127.0.0.1:1 {witness.cosigner.vkey} ours"]):
        proof_of_one(figures, "a cosigned proof", leaves, signer)


def proof_of_one(figures: Figures, what: str, leaves: list[bytes], signer: Signer) -> None:
    """Rows, clock and processor of a proof; some are verified."""
    from django.db import connection, transaction  # noqa: PLC0415 - after set_up()

    from ledger.app import selectors  # noqa: PLC0415
    from ledger.engine.proof import verify  # noqa: PLC0415

    def prove(number: int) -> None:
        found = selectors.proof(number * 7919 % len(leaves))
        assert found is not None
        if number % 50 == 0:
            verify(found, leaf=leaves[found.index], trusted=[signer.verifier])

    rows: list[int] = []
    with transaction.atomic(), connection.cursor() as cursor:
        for number in range(21):
            cursor.execute(ROWS)
            rows.append(int(cursor.fetchone()[0]))
            prove(number)
    figures.take(f"rows read for {what}, at most", max(after - before for before, after in pairwise(rows)), "")
    before, times = time.process_time(), 500
    each(figures, what, prove, times=times)
    figures.take(f"of {what} at work in the process itself", 1000 * (time.process_time() - before) / times, "CPU ms")


def main(count: int) -> None:
    figures = Figures("ledger")
    engine(figures)
    verifier(figures, count)
    if databases.named():
        databases.set_up()
        with databases.own_database():
            business(figures, 40)
            sequencer(figures, 8 * 512)
            waiting(figures, 40)
        with databases.own_database():
            proofs(figures, count)
    figures.write()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
