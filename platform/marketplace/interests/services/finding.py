"""What an interest would bring now: the best public things that its person has not been sent."""

from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from marketplace.common import clock
from marketplace.demands.services import corpora
from marketplace.demands.services.corpora import Thing
from marketplace.demands.services.narrowing import Narrowing
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

    thing: Thing
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


def _fitting(interest: Interest) -> QuerySet[Any]:
    """What anybody may see, is in force and meets the conditions, of others than the person and their organisation."""
    rows = corpora.public(interest.kind).exclude(corpora.lapsed(interest.kind, clock.now())).exclude(_own(interest))
    for unfit in _narrowing(interest).unfit(interest.kind).values():
        rows = rows.exclude(unfit)
    return rows


def _narrowing(interest: Interest) -> Narrowing:
    return Narrowing(region_codes=tuple(interest.region_codes), industry_codes=tuple(interest.industry_codes), readiness=interest.readiness)


def _own(interest: Interest) -> Q:
    """The organisation's own things, and the person as an expert of whichever organisation."""
    own = Q(organisation_id=interest.membership.organisation_id)
    return own | Q(person_id=interest.membership.person_id) if interest.kind == InterestKind.EXPERT else own


def _ranked(interest: Interest, *, excluded: frozenset[UUID], most: int) -> list[matcher.Match]:
    """The matcher's best by the topic, every condition applied before it ranks."""
    kind, narrowing = interest.kind, _narrowing(interest)
    unfit = reduce(or_, narrowing.beside(kind).values(), _own(interest))
    beside = frozenset(corpora.public(kind).filter(unfit).order_by().values_list("pk", flat=True))
    filters = narrowing.filters(kind, excluded | beside)
    found = matcher.rank(corpus=kind, query=matcher.QueryInput(title=interest.text), filters=filters, k=most, reasons="shares")
    return [match for match in found if match.score >= LEAST_SCORE]


def _telling(match: matcher.Match) -> tuple[str, ...]:
    """The shared words that gave most, longer ones before single characters."""
    shares: dict[str, float] = {}
    for term in match.terms:
        shares[term.text[:60]] = shares.get(term.text[:60], 0.0) + term.share
    whole = {word: share for word, share in shares.items() if len(word) > 1}
    return tuple(sorted(whole or shares, key=lambda word: -shares[word])[:TELLING])
