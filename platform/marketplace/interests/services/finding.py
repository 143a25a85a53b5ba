"""What an interest would bring now: the best public things that its person has not been sent."""

from collections.abc import Sequence
from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True)
class Find:
    """A thing with its place in the ranking and the words it shares with the topic; without a topic, the newest come first."""

    thing: Thing
    score: float | None = None
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Judge:
    """Which things may be told at all, asked of the best that the matcher found, so that nothing else takes a place."""

    rows: QuerySet[Any]

    def among(self, ids: Sequence[UUID]) -> frozenset[UUID]:
        return frozenset(self.rows.filter(pk__in=ids).order_by().values_list("pk", flat=True))

    def few(self, most: int) -> frozenset[UUID] | None:
        found = frozenset(self.rows.order_by().values_list("pk", flat=True)[: most + 1])
        return found if len(found) <= most else None


def best(interest: Interest, *, most: int = MOST) -> list[Find]:
    """At most so many things that are public, meet every condition, are of other organisations and were never sent to this person."""
    rows = _fitting(interest)
    if not interest.text:
        return [Find(row) for row in rows.order_by("-pk")[:most]]
    found = _ranked(interest, rows, most=most)
    there = {row.pk: row for row in rows.filter(pk__in=[match.id for match in found])}
    return [Find(there[match.id], match.score, _telling(match)) for match in found if match.id in there]


def _fitting(interest: Interest) -> QuerySet[Any]:
    """What anybody may see, is in force and meets the conditions, of others than the person and their organisation, and was not sent."""
    rows = corpora.public(interest.kind).exclude(corpora.lapsed(interest.kind, clock.now())).exclude(_own(interest))
    for unfit in _narrowing(interest).unfit(interest.kind).values():
        rows = rows.exclude(unfit)
    return rows.exclude(pk__in=DigestItem.objects.filter(membership_id=interest.membership_id).values("object_id"))


def _narrowing(interest: Interest) -> Narrowing:
    return Narrowing(region_codes=tuple(interest.region_codes), industry_codes=tuple(interest.industry_codes), readiness=interest.readiness)


def _own(interest: Interest) -> Q:
    """The organisation's own things, and the person as an expert of whichever organisation."""
    own = Q(organisation_id=interest.membership.organisation_id)
    return own | Q(person_id=interest.membership.person_id) if interest.kind == InterestKind.EXPERT else own


def _ranked(interest: Interest, rows: QuerySet[Any], *, most: int) -> list[matcher.Match]:
    """The matcher's best by the topic among these."""
    topic, filters = matcher.QueryInput(title=interest.text), _narrowing(interest).filters(interest.kind)
    found = matcher.rank(corpus=interest.kind, query=topic, filters=filters, judge=_Judge(rows), k=most, reasons="shares")
    return [match for match in found if match.score >= LEAST_SCORE]


def _telling(match: matcher.Match) -> tuple[str, ...]:
    """The shared words that gave most, longer ones before single characters."""
    shares: dict[str, float] = {}
    for term in match.terms:
        shares[term.text[:60]] = shares.get(term.text[:60], 0.0) + term.share
    whole = {word: share for word, share in shares.items() if len(word) > 1}
    return tuple(sorted(whole or shares, key=lambda word: -shares[word])[:TELLING])
