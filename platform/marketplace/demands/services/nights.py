"""What the nightly matching follows of the exchange: a demand's conditions, and whom the guaranteed place is for."""

from collections.abc import Sequence
from functools import partial
from uuid import UUID

from marketplace.catalogue.services.newcomers import new_or_small
from marketplace.demands.models import Demand
from marketplace.demands.services import conditions
from matching.app.services.rules import set_rules


def register() -> None:
    """Hand both to the matcher (called once, at start). What single organisations declined stays theirs and is not asked."""
    set_rules("achievement", unfit=unfit, favoured=partial(new_or_small, corpus="achievement"))
    for corpus in ("team", "expert"):
        set_rules(corpus, favoured=partial(new_or_small, corpus=corpus))


def unfit(demand_id: UUID, ids: Sequence[UUID]) -> frozenset[UUID]:
    """Which of these achievements the demand's budget or its wanted protection rules out."""
    demand = Demand.objects.only("budget_max_fen", "ipr_wanted").filter(pk=demand_id).first()
    return conditions.unfit_among(demand, ids) if demand else frozenset()
