"""Certificates: choose what of an object's ledger entries to disclose, and give it a number that can be looked up."""

import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from ledger.app import selectors as log
from ledger.app import services as ledger
from marketplace.common import clock
from marketplace.common.actor import Actor
from marketplace.common.errors import MissingScope, NotFound, Unauthenticated
from marketplace.evidence import errors, standing
from marketplace.evidence.models import Certificate
from marketplace.evidence.numbers import new_number
from marketplace.evidence.selectors import asked_by
from marketplace.evidence.sources import Document, Source, Words, source_of
from marketplace.workflow.models import Change

# Bytes of all documents of one evidence file: a verifier reads 64 MiB, and entries and paper need their part.
LARGEST_TOGETHER = 48 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Field:
    """One value behind a commitment, with the key by which it is chosen."""

    key: str
    label: str
    value: Any


@dataclass(frozen=True, slots=True)
class Line:
    """One proven entry and what can be disclosed of it; `part` names the part of the object of which it speaks, if of one."""

    row: ledger.EntryRow
    words: Any
    fields: tuple[Field, ...]
    part: Words = ""

    @property
    def tells_event(self) -> bool:
        """Whether its reader is told what happened: of a sealed entry the type is committed to like any field."""
        return self.row.public or any(field.label == "type" for field in self.fields)

    @property
    def withheld(self) -> frozenset[str]:
        """The labels that the entry commits to and that are not disclosed."""
        return frozenset(ledger.choosable(self.row)) - {field.label for field in self.fields}


@dataclass(frozen=True, slots=True)
class Offer:
    """What a certificate of an object and its parts can hold for this reader; `waiting` entries are not under a checkpoint yet.

    The documents `left_out` are named by their hashes alone: with them the file would be larger than a verifier reads.
    """

    source: Source
    obj: Any
    lines: tuple[Line, ...]
    documents: tuple[Document, ...]
    waiting: int
    log_size: int
    left_out: tuple[Document, ...] = ()

    @property
    def title(self) -> Any:
        return self.source.title(self.obj)

    @property
    def heading(self) -> Any:
        """The title as it may stand in the file: the kind of object where the title is withheld."""
        return self.source.label if str(self.title) in self.hidden else self.title

    @property
    def objects(self) -> dict[tuple[str, UUID], list[Line]]:
        """The entries by the object of which they speak: the certified one first, its parts as they came onto the ledger."""
        found: dict[tuple[str, UUID], list[Line]] = {}
        for line in sorted(self.lines, key=lambda line: bool(line.part)):
            found.setdefault((line.row.kind, line.row.object_id), []).append(line)
        return found

    @property
    def withheld(self) -> frozenset[str]:
        """The labels that an entry commits to and that are not disclosed of it."""
        return frozenset[str]().union(*(line.withheld for line in self.lines))

    @property
    def hidden(self) -> frozenset[str]:
        """The values of these, but for those that another field discloses: none may stand anywhere in the file."""
        kept = {said for line in self.lines for label in line.withheld for said in _said(line.row.disclosures[label])}
        return frozenset(kept - {said for line in self.lines for field in line.fields for said in _said(field.value)})

    @property
    def keys(self) -> frozenset[str]:
        return frozenset(field.key for line in self.lines for field in line.fields)


def offer(*, actor: Actor, kind: str, object_id: UUID) -> Offer:
    """What the actor may have certified of an object. Raises Unauthenticated, and NotFound for what they may not know of."""
    if actor.person_id is None:
        raise Unauthenticated
    source = source_of(kind)
    obj = source.find(actor, object_id)
    checkpoint = ledger.latest_checkpoint()
    size = checkpoint.size if checkpoint else 0
    parts = {(part.kind, part.id): part.title for part in source.parts(obj, actor)}
    rows = log.entries_of_all([(kind, object_id), *parts])
    proven = [row for row in rows if row.seq is not None and row.seq < size]
    words, closed = source.words(), {} if actor.staff else _for_staff(source, proven)
    return Offer(
        source=source,
        obj=obj,
        lines=tuple(
            Line(row, words.get(row.type, row.type), _fields(row, closed.get(row.id, ())), part=parts.get((row.kind, row.object_id), ""))
            for row in proven
        ),
        documents=tuple(source.documents(obj, actor)),
        waiting=len(rows) - len(proven),
        log_size=size,
    )


def issue(
    *,
    actor: Actor,
    kind: str,
    object_id: UUID,
    fields: Collection[str] | None = None,
    particulars: bool = True,
    documents: bool = True,
) -> Certificate:
    """Issue a certificate over all proven entries of an object and its parts that discloses the chosen fields, all where none are named.

    Raises MissingScope, EvidenceNotYet while no entry is under a signed checkpoint, NoSuchField.
    """
    offered = offer(actor=actor, kind=kind, object_id=object_id)
    if actor.person_id is None or "write" not in actor.scopes:
        raise MissingScope
    if not offered.lines:
        raise errors.EvidenceNotYet
    chosen = offered.keys if fields is None else frozenset(fields)
    if not chosen <= offered.keys:
        raise errors.NoSuchField(fields={"fields": [errors.NoSuchField.title]})
    shown = {str(line.row.id): [field.label for field in line.fields if field.key in chosen] for line in offered.lines}
    return Certificate.objects.create(
        number=new_number(),
        kind=kind,
        object_id=object_id,
        organisation_id=actor.organisation_id,
        asked_by=actor.person_id,
        asked_as=actor.label if actor.organisation_id or actor.staff else standing.IN_OWN_NAME,
        issued_at=clock.now(),
        log_size=offered.log_size,
        shown=shown,
        withheld=len(offered.keys) - len(chosen),
        particulars=particulars,
        documents=documents and bool(_named(offered.documents, _choice(offered.lines, shown))),
    )


def disclosed(*, actor: Actor, certificate: Certificate) -> Offer:
    """What a certificate holds now, for the side that asked for it; what was erased meanwhile is gone.

    Raises NotFound for everybody else, and once the object may no longer be seen.
    """
    if not asked_by(actor, certificate):
        raise NotFound
    whole = offer(actor=actor, kind=certificate.kind, object_id=certificate.object_id)
    lines = _choice(whole.lines, certificate.shown)
    documents, left_out = _fitting(_named(whole.documents, lines)) if certificate.documents else ((), ())
    return Offer(whole.source, whole.obj, lines, documents, 0, whole.log_size, left_out)


def covered(certificate: Certificate) -> list[ledger.EntryRow]:
    """The entries that a certificate covers, in order: place and hash are for whoever holds the number, nothing else is."""
    return log.entries_recorded_as(UUID(intent) for intent in certificate.shown)


def _choice(lines: Iterable[Line], shown: Mapping[str, Collection[str]]) -> tuple[Line, ...]:
    """The covered entries, each with no more than the fields that are disclosed."""
    return tuple(
        replace(line, fields=tuple(field for field in line.fields if field.label in shown[str(line.row.id)]))
        for line in lines
        if str(line.row.id) in shown
    )


def _named(documents: Iterable[Document], lines: Iterable[Line]) -> tuple[Document, ...]:
    """The documents whose hash these entries show: of any other a stranger could not tell what it has to do with them."""
    said = json.dumps([[line.row.body if line.row.public else None, [field.value for field in line.fields]] for line in lines])
    return tuple(document for document in documents if document.sha256 in said)


def _fitting(documents: Iterable[Document]) -> tuple[tuple[Document, ...], tuple[Document, ...]]:
    """The documents that fit together, in their order and each content once, and those that do not."""
    kept: list[Document] = []
    left: list[Document] = []
    for document in {one.path: one for one in documents}.values():
        fits = sum(one.size for one in kept) + document.size <= LARGEST_TOGETHER
        (kept if fits else left).append(document)
    return tuple(kept), tuple(left)


def _for_staff(source: Source, rows: Collection[ledger.EntryRow]) -> dict[UUID, Collection[str]]:
    """The labels of each entry that only staff may read: those that the source names, and who acted where staff did."""
    done = Change.objects.filter(pk__in=[row.id for row in rows], actor_label__startswith="staff:")
    by_staff = set(done.values_list("pk", flat=True))
    return {row.id: source.for_staff | {"person"} if row.id in by_staff else source.for_staff for row in rows}


def _fields(row: ledger.EntryRow, closed: Collection[str]) -> tuple[Field, ...]:
    labels = [label for label in ledger.choosable(row) if label not in closed]
    return tuple(Field(f"{row.id}:{label}", label, row.disclosures[label]) for label in labels)


def _said(value: Any) -> Iterator[str]:
    """A value as text, of a map or a list each of its parts."""
    if isinstance(value, dict | list):
        for one in value.values() if isinstance(value, dict) else value:
            yield from _said(one)
    else:
        yield str(value)
