"""What the nightly matching follows of the exchange: a demand's conditions, and whom the guaranteed place is for."""

from collections.abc import Sequence
from functools import partial
from uuid import UUID

from marketplace.catalogue.services.newcomers import new_or_small
from marketplace.demands.models import Demand
from marketplace.demands.services import conditions, corpora
from matching.app.services.rules import set_rules


def register() -> None:
    """Hand both to the matcher (called once, at start). What single organisations declined stays theirs and is not asked."""
    for corpus in corpora.SUPPLY:
        set_rules(corpus, unfit=partial(unfit, corpus=corpus), favoured=partial(new_or_small, corpus=corpus))


def unfit(demand_id: UUID, ids: Sequence[UUID] | None, *, corpus: str) -> frozenset[UUID]:
    """Which of these documents, or of all, have lapsed or are ruled out by what the demand states."""
    demand = Demand.objects.filter(pk=demand_id).defer("search").first()
    return conditions.unfit_among(demand, ids, corpus=corpus) if demand else frozenset()
