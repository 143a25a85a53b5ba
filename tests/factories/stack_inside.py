"""What a test does inside a running stack, as a process of it: `python -m tests.factories.stack_inside prepare … | examine | night …`.

Prints who may pledge to what, everything that is wrong with the books and the ledger, or how many pieces a night has, as JSON.
"""

import json
import sys
import time
from typing import Any

import django

django.setup()

from django.test.utils import override_settings  # noqa: E402 - what follows may be imported only once Django is set up

from marketplace.common.actor import ALL_SCOPES  # noqa: E402
from marketplace.treasury.services import topups  # noqa: E402
from matching.app import tasks  # noqa: E402
from matching.app.services import nightly  # noqa: E402
from tests.factories import accounts, funding, nights  # noqa: E402
from tests.factories.books import everything_wrong  # noqa: E402

WALLET_FEN = 100_000_000
FAST = override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"])  # of these nobody signs in


def prepare(funders: int, campaigns: int) -> dict[str, Any]:
    """So many funders with full wallets and keys, and so many open campaigns that invite them all."""
    with FAST:
        invited = [funding.funder(WALLET_FEN) for _ in range(funders)]
        opened = [
            funding.campaign(
                invited,
                demand=funding.awarded_demand(price=10_000_000),
                minimum_fen=100_000,
                optimum_fen=5_000_000,
                funder_max_fen=100_000,
                max_funders=200,
            )
            for _ in range(campaigns)
        ]
        tokens = [accounts.api_key(one, scopes=sorted(ALL_SCOPES))[1] for one in invited]
        references = [topups.issue_reference(actor=accounts.actor_for(one))[0].code for one in invited]
    return {
        "tokens": tokens,
        "references": references,
        "campaigns": [str(one.pk) for one in opened],
        "accepted": funding.accepted(opened[0]),
        "home": str(invited[0].pk),
        "manager": accounts.member(invited[0]).email,
        "finance": accounts.staff("finance", factor=False).email,
        "password": accounts.PASSWORD,
    }


def whole_night() -> int:
    """Match everything in this process, whoever else is at it too."""
    while not nights.night(block=100, shard=1000).serving:
        time.sleep(0.1)
    return 1


def night_of_the_workers(demands: int, words: str) -> int:
    """Change what achievements say, and send each demand's piece of a new run to whichever workers there are."""
    nights.crowd(demands, words)
    pieces = nightly.left(nightly.begin("achievement", block=1))
    for piece in pieces:
        tasks.match_piece.delay(piece)
    return len(pieces)


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["prepare", funders, campaigns]:
            print(json.dumps(prepare(int(funders), int(campaigns))))
        case ["examine"]:
            print(json.dumps(everything_wrong()))
        case ["night", "of one process", demands, words]:
            nights.crowd(int(demands), words)
            print(json.dumps(whole_night()))
        case ["night", "of the workers", demands, words]:
            print(json.dumps(night_of_the_workers(int(demands), words)))
        case ["night", "is looked after"]:
            print(json.dumps(tasks.keep_matching()))
        case other:
            sys.exit(f"Unknown: {other}")
