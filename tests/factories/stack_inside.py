"""What a test does inside a running stack, as a process of that stack: `python -m tests.factories.stack_inside prepare … | examine`.

Prints one JSON object: who may pledge to what, or everything that is wrong with the books and the ledger.
"""

import json
import sys
from typing import Any

import django

django.setup()

from django.test.utils import override_settings  # noqa: E402 - what follows may be imported only once Django is set up

from ledger.app import services as ledger  # noqa: E402
from marketplace.common.actor import ALL_SCOPES  # noqa: E402
from marketplace.treasury.services import checking, topups  # noqa: E402
from tests.factories import accounts, funding  # noqa: E402

WALLET_FEN = 100_000_000
FAST = override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"])  # nobody here signs in but the finance officer


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
        "finance": accounts.staff("finance", factor=False).email,
        "password": accounts.PASSWORD,
    }


def examine() -> dict[str, Any]:
    """Everything that the books' check and the ledger's audit find; two empty lists when all is well."""
    return {
        "books": [f"{finding.rule.code} {finding.what}: {finding.detail}" for finding in checking.check()],
        "ledger": [finding.words for finding in ledger.audit()],
    }


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["prepare", funders, campaigns]:
            print(json.dumps(prepare(int(funders), int(campaigns))))
        case ["examine"]:
            print(json.dumps(examine()))
        case other:
            sys.exit(f"Unknown: {other}")
