"""Who is on the exchange under soak, and what the bank said to them."""

from dataclasses import dataclass
from typing import Any

from marketplace.accounts.models import Organisation
from marketplace.common.actor import Actor
from marketplace.treasury.models import TopUpReference
from tests.soak.model import ASSESSED, FREEZE


@dataclass(frozen=True, slots=True)
class Scale:
    """How many of each there are; `places` is how many campaigns may run at a time."""

    funders: int = 8
    companies: int = 3
    universities: int = 3
    officers: int = 4
    places: int = 6


@dataclass(frozen=True, slots=True)
class BankLine:
    """Money that came in by the bank's statement, by the bank's own id."""

    id: str
    wallet: str
    fen: int


@dataclass
class Member:
    """An organisation with who acts for it; times are steps of the soak's clock."""

    organisation: Organisation
    actor: Actor
    reference: TopUpReference | None = None
    assessed_until: int = ASSESSED
    frozen_until: int = FREEZE
    account: Any = None
    verified: bool = True
