"""What the nightly matching follows of the exchange: a demand's conditions, and whom the guaranteed place is for."""

from functools import partial
from uuid import UUID

from marketplace.catalogue.services.newcomers import new_or_small
from marketplace.demands.models import Demand
from marketplace.demands.services import conditions, corpora
from marketplace.demands.services.unfit import unfit
from matching.app.services.rules import set_rules


def register() -> None:
    """Hand both to the matcher (called once, at start). What single organisations declined stays theirs and is not asked."""
    for corpus in corpora.SUPPLY:
        set_rules(
            corpus,
            unfit=partial(unfit, corpus=corpus),
            few=partial(few, corpus=corpus),
            favoured=partial(new_or_small, corpus=corpus),
        )


def few(demand_id: UUID, most: int, *, corpus: str) -> frozenset[UUID] | None:
    """Which of all documents meet what the demand states, None where they are more than so many, or where it is gone."""
    demand = Demand.objects.filter(pk=demand_id).defer("search").first()
    return conditions.on_supply(demand, corpus=corpus).few(most) if demand else None
