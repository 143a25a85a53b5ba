"""How many transfers a second the books take: `python -m marketplace.config.devstack servers python bench/treasury.py [SECONDS]`.

Each transfer is a whole change: ledger intent, transfer, totals by trigger, commit. Measured over many wallets, then into one hot
account; all is then recomputed from the transfers, and the figures count only if the books are clean. Books that
have moved money already are left alone.
"""

import os
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import django

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "platform")]
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "marketplace.config.settings.test")
django.setup()

from django.db import connection  # noqa: E402 - what follows may be imported only once Django is set up

from marketplace.common.ids import uuid7  # noqa: E402
from marketplace.treasury.models import Transfer  # noqa: E402
from marketplace.treasury.services import accounts, checking  # noqa: E402
from tests.factories.treasury import funded_wallet, pay  # noqa: E402

WRITERS = 4


def rate(seconds: float, work: Callable[[int], object]) -> float:
    """Changes per second that the writers commit together."""
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


def main(seconds: float) -> None:
    if Transfer.objects.exists():
        sys.exit("These books have moved money already: measure on an empty database.")
    payers = [funded_wallet(10**12) for _ in range(WRITERS)]
    payees = [accounts.payable(uuid7()) for _ in range(WRITERS)]
    hot = accounts.campaign_escrow(uuid7())
    print(f"{WRITERS} writers, {seconds:g} s each, {os.cpu_count()} CPUs")
    print(f"{'spread over accounts':<24}{rate(seconds, lambda n: pay(payers[n], payees[n], 1)):10.0f} transfers/s")
    print(f"{'into one hot account':<24}{rate(seconds, lambda n: pay(payers[n], hot, 1)):10.0f} transfers/s")
    started = time.monotonic()
    found = checking.check()
    print(f"{'check_books':<24}{time.monotonic() - started:10.2f} s")
    if found:
        sys.exit(f"The books are not clean: {found[:3]}")


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else 5.0)
