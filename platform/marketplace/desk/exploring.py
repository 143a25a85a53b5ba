"""Finding a ledger entry by what somebody has in hand, and which of an object's entries a reader may link with it."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from ledger.app import exploring as log
from ledger.app import selectors as entries
from marketplace.catalogue import permissions as catalogue
from marketplace.common.actor import Actor
from marketplace.common.errors import NotFound
from marketplace.demands.permissions import may_read_reference
from marketplace.evidence import selectors as evidence
from marketplace.workflow import registry
from marketplace.workflow.models import Stateful

MOST_SEQ = 2**62
_SEQ = re.compile(r"[#＃]?\s*(\d[\d,，]{0,24})")
_HASH = re.compile(r"[0-9a-f]{64}")


def _whoever_sees_it(actor: Actor, obj: Any) -> bool:
    return True


# Who may know which sealed entries are an object's, and what they say; for a kind that is not named here, nobody.
_LINKED_FOR: dict[str, Callable[[Actor, Any], bool]] = {
    **dict.fromkeys(("campaign", "pledge", "pool", "payout", "agreement", "milestone", "revenue"), _whoever_sees_it),
    "demand": may_read_reference,
    "bid": lambda actor, bid: bool(actor.staff) or actor.organisation_id == bid.organisation_id,
    "achievement": catalogue.owns,
    "team": catalogue.owns,
    "expert": catalogue.owns,
}


@dataclass(frozen=True, slots=True)
class Thing:
    """An object behind ledger entries, for a reader who may see it; `linked` says whether its sealed entries are theirs too."""

    kind: str
    label: Any
    obj: Stateful
    linked: bool


@dataclass(frozen=True, slots=True)
class Place:
    """Where a search leads: to one entry, to all entries of an object, or to a certificate by its number."""

    seq: int | None = None
    thing: Thing | None = None
    certificate: str = ""


def find(text: str, actor: Actor) -> Place | None:
    """Return what a number, hash, entry id, certificate number or object id leads to, None where this reader may not go."""
    words = text.strip().lower()
    if _HASH.fullmatch(words):
        found = log.by_leaf_hash(bytes.fromhex(words))
        return Place(seq=found.seq) if found else None
    if match := _SEQ.fullmatch(words):
        seq = int(re.sub(r"[,，]", "", match[1]))
        return Place(seq=seq) if seq <= MOST_SEQ and entries.entry(seq) else None
    if certificate := evidence.certificate_by_number(words):
        return Place(certificate=certificate.number)
    try:
        named = UUID(words)
    except ValueError:
        return None
    entry = entries.entry_by_id(named)
    return Place(seq=entry.seq) if entry else _place_of(named, actor)


def _place_of(id: UUID, actor: Actor) -> Place | None:
    for kind in log.kinds_of(id, [each.machine.name for each in registry.everyone()]):
        try:
            return Place(thing=thing(kind, id, actor))
        except NotFound:
            continue
    return None


def thing(kind: str, id: UUID, actor: Actor) -> Thing:
    """Return the object of a kind for a reader who may see it; NotFound for any other, as for an object that does not exist."""
    registered = next((each for each in registry.everyone() if each.machine.name == kind), None)
    obj = registered.model._default_manager.filter(pk=id).first() if registered else None  # noqa: SLF001 - Django's documented model API
    if registered is None or obj is None or not registered.visible(actor, obj):
        raise NotFound
    linked = kind in _LINKED_FOR and _LINKED_FOR[kind](actor, obj)
    return Thing(kind=kind, label=registered.machine.label, obj=obj, linked=linked)


def rows_of(found: Thing) -> list[entries.EntryRow]:
    """Return the object's entries in order: all of them for those who may link the sealed ones, else the public ones."""
    return [row for row in entries.entries_of(found.kind, found.obj.pk) if row.public or found.linked]


def thing_behind(entry: entries.PublicEntry, actor: Actor) -> Thing | None:
    """Return the object that an entry speaks of when this reader may know so, else None."""
    behind = log.behind(entry.id)
    if behind is None or (actor.is_anonymous and not behind.public):
        return None
    try:
        found = thing(behind.kind, behind.id, actor)
    except NotFound:
        return None
    return found if behind.public or found.linked else None
