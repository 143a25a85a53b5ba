"""How much the books bear: `make bench-treasury`, or with smaller sizes `make bench-treasury ARGS="--seconds 1 --pledges 24 --crowd 500"`.

Each transfer is a whole change: ledger intent, transfer, totals by trigger, proof at commit. First inside the database alone, by
pgbench, beside pgbench's own simple-update and beside two bare postings, on a server that waits for its disk at each commit and on the
one that `make bench` starts, which does not; then through Python, over many wallets and into one hot
account, beside one plain row in a transaction of its own. Pledges go over HTTP, beside the same statements from a bare view; a campaign
of many is settled. At last all is recomputed from the transfers by `check_books`, and the figures count only if the books are clean.
"""

import argparse
import os
import sys
import threading
import time
from collections.abc import Callable
from statistics import median

import checking
import databases
import indatabase
import pledging
import settling
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


def inside(figures: Figures, seconds: float, *, way: str) -> None:
    """Whole transfers by pgbench, by several clients and by one; `way` says what the server does at a commit."""
    from tests.factories.treasury import funded_wallet  # noqa: PLC0415 - after set_up()

    figures.tell(f"opening {indatabase.ACCOUNTS:,} wallets, {way}")
    wallets = [str(funded_wallet(10**9).pk) for _ in range(indatabase.ACCOUNTS)]
    span = max(1, round(seconds))
    with indatabase.tables(wallets):
        for clients in (indatabase.MANY, 1):
            transfers, postings, updates, hot = [], [], [], []
            # In turns, so that a busy neighbour is busy for all.
            for _ in range(ROUNDS):
                updates.append(indatabase.simple_update(span, clients=clients))
                transfers.append(indatabase.rate(indatabase.TRANSFER, span, accounts=len(wallets), clients=clients))
                postings.append(indatabase.rate(indatabase.POSTINGS, span, accounts=len(wallets), clients=clients))
                if clients > 1:
                    hot.append(indatabase.rate(indatabase.TRANSFER, span, accounts=2, clients=clients))
            paid, told = median(transfers), f"{way}, {clients} client{'s' if clients > 1 else ''}"
            figures.take(f"transfers, {told}, vs simple-update", paid, "/s", yardstick=median(updates))
            figures.take(f"transfers, {told}, vs two postings", paid, "/s", yardstick=median(postings))
            if hot:
                figures.take(f"transfers between two accounts, {told}", median(hot), "/s", yardstick=median(updates))


def through_python(figures: Figures, seconds: float) -> None:
    from django.db import transaction  # noqa: PLC0415 - after set_up()

    from marketplace.common import outbox  # noqa: PLC0415
    from marketplace.common.ids import uuid7  # noqa: PLC0415
    from marketplace.treasury.services import accounts  # noqa: PLC0415
    from tests.factories.treasury import funded_wallet, pay  # noqa: PLC0415

    def plain(number: int) -> None:
        with transaction.atomic():
            outbox.emit("bench.row", kind="bench", object_id=uuid7(), payload={"number": number})

    payers = [funded_wallet(10**12) for _ in range(WRITERS)]
    payees = [accounts.payable(uuid7()) for _ in range(WRITERS)]
    hot = accounts.campaign_escrow(uuid7())
    bare = rate(seconds, plain)
    spread = rate(seconds, lambda n: pay(payers[n], payees[n], 1))
    figures.take(f"transfers spread over accounts, {WRITERS} writers", spread, "/s", yardstick=bare)
    into_one = rate(seconds, lambda n: pay(payers[n], hot, 1))
    figures.take(f"transfers into one hot account, {WRITERS} writers", into_one, "/s", yardstick=bare)


def main() -> None:
    parser = argparse.ArgumentParser(description="How much the books bear.")
    parser.add_argument("--seconds", type=float, default=5.0, help="of each rate of transfers")
    parser.add_argument("--pledges", type=int, default=150, help="sent over HTTP for each of those figures")
    parser.add_argument("--crowd", type=int, default=10_000, help="pledges of the campaign that is settled")
    parser.add_argument("--transfers", type=int, default=1_000_000, help="in the books that are checked")
    asked = parser.parse_args()
    if not databases.named():
        sys.exit("No database is named: run `make bench-treasury`.")
    # Whatever the servers were started with: thousands of members are made, with cheap hashes of their passwords.
    os.environ["DJANGO_SETTINGS_MODULE"] = "marketplace.config.settings.test"
    databases.set_up()
    figures = Figures("treasury")
    if asked.seconds:
        with databases.durable_server(), databases.own_database():
            inside(figures, asked.seconds, way="each commit on disk")
    with databases.own_database():
        if asked.seconds:
            inside(figures, asked.seconds, way="nothing kept safe")
            through_python(figures, asked.seconds)
        if asked.pledges:
            pledging.measure(figures, asked.pledges)
        if asked.crowd:
            settling.measure(figures, asked.crowd)
        # A program that fails unless the books are clean.
        checking.measure(figures, asked.transfers)
    figures.write()


if __name__ == "__main__":
    main()
