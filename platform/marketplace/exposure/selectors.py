"""How the places of the last complete night fell to institutions."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from marketplace.accounts.models import Organisation, StaffRole
from marketplace.accounts.permissions import demand_office
from marketplace.catalogue import selectors as catalogue
from marketplace.catalogue.services.newcomers import new_and_small
from marketplace.common.actor import Actor
from marketplace.common.errors import Forbidden, NotFound
from marketplace.common.text import bi
from matching.app.services import nightly
from matching.app.services.nightly import Progress


@dataclass(frozen=True, slots=True)
class Institution:
    """An institution with what it published, how much of it stands among the ten of some demand, and how often.

    `first` counts first places, `lifted` those that the guaranteed place gave.
    """

    organisation: Organisation
    new: bool
    small: bool
    published: int
    shown: int
    places: int
    first: int
    lifted: int

    @property
    def favoured(self) -> bool:
        return self.new or self.small


@dataclass(frozen=True, slots=True)
class Exposure:
    """One night's exposure: the institutions by places, and what the two sides had of it."""

    institutions: Sequence[Institution]
    at: datetime | None
    demands: int
    answered: int

    def total(self, name: str, *, favoured: bool = False) -> int:
        """The sum of a count over all institutions, or over the new and small ones alone."""
        return sum(getattr(one, name) for one in self.institutions if one.favoured or not favoured)

    def share(self, name: str) -> float:
        """The part of a count that is of new and small institutions, 0 where there is nothing."""
        whole = self.total(name)
        return self.total(name, favoured=True) / whole if whole else 0.0

    @property
    def gini(self) -> float:
        """How unequally places fell to institutions that published anything: 0 where all have equally many."""
        return gini([one.places for one in self.institutions])


def gini(values: Sequence[int]) -> float:
    """The Gini coefficient of counts, 0 to 1 - 1/n (Gini 1912, by ranks); 0 where there is nothing to share out."""
    ordered, whole = sorted(values), sum(values)
    if not whole:
        return 0.0
    ranked = sum(rank * value for rank, value in enumerate(ordered, start=1))
    return (2 * ranked / whole - len(ordered) - 1) / len(ordered)


def exposure_of(actor: Actor, corpus: str) -> Exposure:
    """The exposure by the night that serves, for an administrator of the whole platform; NotFound for an unknown corpus."""
    demand_office(actor, StaffRole.ADMIN)
    if actor.staff_region:
        raise Forbidden(
            bi("曝光按全平台统计，由全平台管理员查看。", "Exposure is counted over the whole platform, for its administrators alone.")
        )
    serving = next((told for told in progress_of(corpus) if told.finished_at), None)
    shown = nightly.shown(corpus)
    published: Counter[UUID] = Counter()
    counted: dict[UUID, list[int]] = {}
    for pk, owner in _published(corpus):
        published[owner] += 1
        if found := shown.get(pk):
            row = counted.setdefault(owner, [0, 0, 0, 0])
            for place, value in enumerate((1, found.places, found.first, found.lifted)):
                row[place] += value
    new, small = new_and_small(published)
    named = Organisation.objects.in_bulk(list(published))
    rows = [
        Institution(named[pk], pk in new, pk in small, number, *counted.get(pk, (0, 0, 0, 0)))
        for pk, number in published.items()
        if pk in named
    ]
    rows.sort(key=lambda one: (-one.places, -one.published, str(one.organisation.pk)))
    return Exposure(rows, serving.finished_at if serving else None, serving.demands if serving else 0, serving.answered if serving else 0)


def progress_of(corpus: str) -> list[Progress]:
    """The night under way and the one that serves; NotFound for a corpus that is not matched at night."""
    if corpus not in nightly.SUPPLY:
        raise NotFound
    return nightly.progress(corpus)


def _published(corpus: str) -> Any:
    readers: dict[str, Any] = {
        "achievement": catalogue.achievements_for,
        "team": catalogue.teams_for,
        "expert": catalogue.experts_for,
    }
    return readers[corpus](Actor.anonymous()).order_by().select_related(None).values_list("pk", "organisation_id").iterator()
