"""The waterfall of later revenue: agreed costs first, then funders up to their caps, then the agreed shares of the rest.

Arithmetic on whole fen and nothing else, so that a model of a few lines can be held against it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

from marketplace.agreements.models.agreements import WHOLE_PPM
from marketplace.common.money import split


@dataclass(frozen=True, slots=True)
class Terms:
    """What the agreement fixes: costs that may be taken back over all years, each pledge's cap, and shares of the rest in millionths."""

    costs_cap_fen: int
    caps: Mapping[UUID, int]
    shares: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Before:
    """What all reports distributed so far have evidenced and paid, in fen."""

    evidenced_fen: int = 0
    costs_fen: int = 0
    received: Mapping[UUID, int] = field(default_factory=dict)
    rest: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Parts:
    """One report's amount divided, in fen: the parts sum to it."""

    costs_fen: int
    pledges: Mapping[UUID, int]
    rest: Mapping[str, int]


def divide(fen: int, *, evidenced_fen: int, terms: Terms, before: Before) -> Parts:
    """Divide one report's amount by tiers, each from what the one above it has left.

    Costs: what is evidenced by this report and earlier ones and not yet paid back, up to the agreed sum. Funders: in
    proportion to what remains to each pledge's cap, so that none passes its cap. The rest: by the agreed shares.
    """
    costs = min(fen, max(0, min(terms.costs_cap_fen, before.evidenced_fen + evidenced_fen) - before.costs_fen))
    open_to = [(pledge, max(0, cap - before.received.get(pledge, 0))) for pledge, cap in terms.caps.items()]
    funders = min(fen - costs, sum(remaining for _, remaining in open_to))
    rest = apportion(fen - costs - funders, shares=terms.shares, paid=before.rest)
    return Parts(costs, split(funders, open_to), rest)


def apportion(fen: int, *, shares: Mapping[str, int], paid: Mapping[str, int]) -> dict[str, int]:
    """Divide the rest so that over all reports together each of up to three shares is off by less than one fen.

    Largest remainder over everything so far: each is owed its share of all that was ever divided, less what it has had;
    whole fen of it first, then one fen each to whoever is owed most, ties by name. What rounding gave in one year is taken
    into account in the next.
    """
    whole = fen + sum(paid.values())
    owed = {name: whole * ppm - paid.get(name, 0) * WHOLE_PPM for name, ppm in shares.items()}
    parts = {name: max(0, millionths // WHOLE_PPM) for name, millionths in owed.items()}
    most_owed = sorted(shares, key=lambda name: (parts[name] * WHOLE_PPM - owed[name], name))
    for name in most_owed[: fen - sum(parts.values())]:
        parts[name] += 1
    return parts
