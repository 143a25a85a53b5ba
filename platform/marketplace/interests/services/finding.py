"""What an interest would bring now: the best public things that its person has not been sent."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q, QuerySet

from marketplace.catalogue import selectors as catalogue
from marketplace.catalogue.models import Achievement
from marketplace.common import clock
from marketplace.common.actor import Actor
from marketplace.common.codes import regions
from marketplace.demands import selectors as demands
from marketplace.demands.models import Demand
from marketplace.interests.models import DigestItem, Interest, InterestKind
from matching.app import services as matcher

MOST = 10
# Below this a thing shares single characters with the topic rather than the topic: a topic of two words of which a title
# holds one scores about twice as much (docs/matching.md has an example by hand).
LEAST_SCORE = 0.1
TELLING = 5
# Some of what the matcher finds may have passed its deadline a moment ago.
SPARE = 10


@dataclass(frozen=True, slots=True)
class Find:
    """A thing with its place in the ranking and the words it shares with the topic; without a topic, the newest come first."""

    thing: Demand | Achievement
    score: float | None = None
    words: tuple[str, ...] = ()


def best(interest: Interest, *, most: int = MOST) -> list[Find]:
    """At most so many things that are public, meet every condition, are of other organisations and were never sent to this person."""
    rows = _fitting(interest)
    sent = DigestItem.objects.filter(membership_id=interest.membership_id).values("object_id")
    if not interest.text:
        return [Find(row) for row in rows.exclude(pk__in=sent).order_by("-pk")[:most]]
    found = _ranked(interest, excluded=frozenset(sent.values_list("object_id", flat=True)), most=most + SPARE)
    there = {row.pk: row for row in rows.filter(pk__in=[match.id for match in found])}
    return [Find(there[match.id], match.score, _telling(match)) for match in found if match.id in there][:most]


def _fitting(interest: Interest) -> QuerySet[Demand] | QuerySet[Achievement]:
    """What anybody may see and the conditions allow, without the person's own organisation's."""
    wants = _any_region(interest.region_codes)
    if interest.industry_codes:
        wants &= Q(industry_code__in=interest.industry_codes)
    others = ~Q(organisation_id=interest.membership.organisation_id)
    if interest.kind == InterestKind.DEMAND:
        if interest.readiness:
            wants &= Q(readiness_wanted=None) | Q(readiness_wanted__lte=interest.readiness)
        return demands.open_demands(clock.now()).filter(wants, others)
    if interest.readiness:
        wants &= Q(readiness__gte=interest.readiness)
    return catalogue.achievements_for(Actor.anonymous()).filter(wants, others)


def _any_region(codes: Iterable[str]) -> Q:
    either = Q()
    for code in codes:
        either |= Q(region_code__startswith=code)
    return either


def _ranked(interest: Interest, *, excluded: frozenset[UUID], most: int) -> list[matcher.Match]:
    """The matcher's best by the topic, its conditions applied before it ranks."""
    named = frozenset(code for code in regions.REGIONS for wanted in interest.region_codes if code.startswith(wanted))
    filters = matcher.Filters(
        region_codes=named,
        industry_codes=frozenset(interest.industry_codes),
        least_readiness=interest.readiness or 0 if interest.kind == InterestKind.ACHIEVEMENT else 0,
        excluded_ids=excluded | _beside_the_point(interest),
    )
    found = matcher.rank(corpus=interest.kind, query=matcher.QueryInput(title=interest.text), filters=filters, k=most, reasons="shares")
    return [match for match in found if match.score >= LEAST_SCORE]


def _beside_the_point(interest: Interest) -> frozenset[UUID]:
    """What the matcher has no condition for: the organisation's own things, and demands that want more than is offered."""
    home = interest.membership.organisation_id
    if interest.kind == InterestKind.ACHIEVEMENT:
        own = catalogue.achievements_for(Actor.anonymous()).filter(organisation_id=home)
        return frozenset(own.values_list("pk", flat=True))
    unfit = Q(organisation_id=home) | (Q(readiness_wanted__gt=interest.readiness) if interest.readiness else Q())
    return frozenset(demands.open_demands(clock.now()).filter(unfit).values_list("pk", flat=True))


def _telling(match: matcher.Match) -> tuple[str, ...]:
    """The shared words that gave most, longer ones before single characters."""
    shares: dict[str, float] = {}
    for term in match.terms:
        shares[term.text[:60]] = shares.get(term.text[:60], 0.0) + term.share
    whole = {word: share for word, share in shares.items() if len(word) > 1}
    return tuple(sorted(whole or shares, key=lambda word: -shares[word])[:TELLING])
