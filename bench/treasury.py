"""How many transfers a second the books take: `python -m marketplace.config.devstack servers python bench/treasury.py [SECONDS]`.

Each transfer is a whole change: ledger intent, transfer, totals by trigger, commit. Measured over many wallets, then into one hot
account; all is then recomputed from the transfers, and the figures count only if the books are clean. The yardstick is one plain row
in a transaction of its own, by the same writers.
"""

import sys
import threading
import time
from collections.abc import Callable

import databases
from figures import Figures

WRITERS = 4


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
