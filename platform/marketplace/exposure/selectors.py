"""How the places of the last complete night fell to institutions."""

from collections.abc import Sequence
from dataclasses import astuple, dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, OuterRef, QuerySet

from marketplace.accounts.models import Organisation, StaffRole
from marketplace.accounts.permissions import demand_office
from marketplace.catalogue import selectors as catalogue
from marketplace.catalogue.services.newcomers import new_and_small
from marketplace.common.actor import Actor
from marketplace.common.errors import Forbidden, NotFound
from marketplace.common.text import bi
from matching.app.services import nightly
from matching.app.services.nightly import Progress, Shown

NOWHERE = Shown(0, 0, 0, 0)


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
    """One night's exposure: the institutions by places, what the two sides had of it, and the night under way."""

    institutions: Sequence[Institution]
    at: datetime | None
    demands: int
    answered: int
    under_way: Progress | None

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
    if corpus not in nightly.SUPPLY:
        raise NotFound
    nights = {told.finished_at is not None: told for told in nightly.progress(corpus)}
    serving, rows = nights.get(True), _published(corpus)
    published = dict(rows.values("organisation_id").annotate(number=Count("pk")).values_list("organisation_id", "number"))
    shown = nightly.shown(corpus, owner=rows.filter(pk=OuterRef("object_id")).values("organisation_id"))
    new, small = new_and_small(published)
    named = Organisation.objects.in_bulk(list(published))
    institutions = [
        Institution(named[pk], pk in new, pk in small, number, *astuple(shown.get(pk, NOWHERE))) for pk, number in published.items()
    ]
    institutions.sort(key=lambda one: (-one.places, -one.published, str(one.organisation.pk)))
    told = (serving.finished_at, serving.demands, serving.answered) if serving else (None, 0, 0)
    return Exposure(institutions, *told, under_way=nights.get(False))


def _published(corpus: str) -> QuerySet[Any]:
    readers: dict[str, Any] = {
        "achievement": catalogue.achievements_for,
        "team": catalogue.teams_for,
        "expert": catalogue.experts_for,
    }
    rows: QuerySet[Any] = readers[corpus](Actor.anonymous())
    return rows.order_by().select_related(None)
