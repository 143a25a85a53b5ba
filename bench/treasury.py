"""How many transfers a second the books take: `python -m marketplace.config.devstack servers python bench/treasury.py [SECONDS]`.

Each transfer is a whole change: ledger intent, transfer, totals by trigger, proof at commit. First inside the database alone, by
pgbench, beside pgbench's own simple-update and beside two bare postings; then through Python, over many wallets and into one hot
account, beside one plain row in a transaction of its own. All is then recomputed from the transfers, and the figures count only if
the books are clean.
"""

import sys
import threading
import time
from collections.abc import Callable
from statistics import median

import databases
import indatabase
from figures import Figures

WRITERS = 4
ROUNDS = 3


def rate(seconds: float, work: Callable[[int], object]) -> float:
    """Changes per second that the writers commit together."""
    from django.db import connection  # noqa: PLC0415 - after set_up()

    done = [0] * WRITERS
    until = time.monotonic() + seconds

    def write(number: int) -> None:
        while time.monotonic() < until:
            work(number)
            done[number] += 1
        connection.close()

    threads = [threading.Thread(target=write, args=(number,)) for number in range(WRITERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(done) / seconds


def inside(figures: Figures, seconds: float) -> None:
    from tests.factories.treasury import funded_wallet  # noqa: PLC0415 - after set_up()

    figures.tell(f"opening {indatabase.ACCOUNTS:,} wallets")
    wallets = [str(funded_wallet(10**9).pk) for _ in range(indatabase.ACCOUNTS)]
    span = max(1, round(seconds))
    transfers, postings, updates, hot = [], [], [], []
    with indatabase.tables(wallets):
        # In turns, so that a busy neighbour is busy for all.
        for _ in range(ROUNDS):
            updates.append(indatabase.simple_update(span))
            transfers.append(indatabase.rate(indatabase.TRANSFER, span, accounts=len(wallets)))
            postings.append(indatabase.rate(indatabase.POSTINGS, span, accounts=len(wallets)))
            hot.append(indatabase.rate(indatabase.TRANSFER, span, accounts=2))
    paid, clients = median(transfers), f"{indatabase.CLIENTS} clients"
    figures.take(f"transfers in the database, {clients}, vs simple-update", paid, "/s", yardstick=median(updates))
    figures.take(f"transfers in the database, {clients}, vs two postings", paid, "/s", yardstick=median(postings))
    figures.take(f"transfers between two hot accounts, {clients}", median(hot), "/s", yardstick=median(updates))


def measure(seconds: float) -> None:
    from django.db import transaction  # noqa: PLC0415 - after set_up()

    from marketplace.common import outbox  # noqa: PLC0415
    from marketplace.common.ids import uuid7  # noqa: PLC0415
    from marketplace.treasury.services import accounts, checking  # noqa: PLC0415
    from tests.factories.treasury import funded_wallet, pay  # noqa: PLC0415

    def plain(number: int) -> None:
        with transaction.atomic():
            outbox.emit("bench.row", kind="bench", object_id=uuid7(), payload={"number": number})

    payers = [funded_wallet(10**12) for _ in range(WRITERS)]
    payees = [accounts.payable(uuid7()) for _ in range(WRITERS)]
    hot = accounts.campaign_escrow(uuid7())
    figures = Figures("treasury")
    inside(figures, seconds)
    bare = rate(seconds, plain)
    figures.take(
        f"transfers spread over accounts, {WRITERS} writers", rate(seconds, lambda n: pay(payers[n], payees[n], 1)), "/s", yardstick=bare
    )
    figures.take(
        f"transfers into one hot account, {WRITERS} writers", rate(seconds, lambda n: pay(payers[n], hot, 1)), "/s", yardstick=bare
    )
    started = time.monotonic()
    found = checking.check()
    figures.take("check_books", time.monotonic() - started, "s")
    if found:
        sys.exit(f"The books are not clean: {found[:3]}")
    figures.write()


def main(seconds: float) -> None:
    if not databases.named():
        sys.exit("No database is named: run `make bench-treasury`.")
    databases.set_up()
    with databases.own_database():
        measure(seconds)


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else 5.0)
