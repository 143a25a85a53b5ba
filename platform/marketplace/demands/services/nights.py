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
            refused=partial(refused, corpus=corpus),
            favoured=partial(new_or_small, corpus=corpus),
        )


def refused(demand_id: UUID, *, corpus: str) -> frozenset[UUID]:
    """Which of all documents have lapsed or are ruled out by what the demand states."""
    demand = Demand.objects.filter(pk=demand_id).defer("search").first()
    return conditions.unfit_among(demand, None, corpus=corpus) if demand else frozenset()
