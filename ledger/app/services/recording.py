"""Record: turn a change into a finished intent, inside the transaction of that change."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connections, router, transaction

from ledger.app import models
from ledger.engine import canonical, commitment, entry
from ledger.engine.entry import BODY, ENVELOPE, SEALED, TYPE
from ledger.engine.errors import LedgerFault

# One statement, for it stands in every business transaction: the permanent id, what may be disclosed, and the intent.
INSERT = """
WITH link AS (
    INSERT INTO ledger_subject (id, kind, object_id, type, public, money) VALUES (%s, %s, %s, %s, %s, %s)
), disclosures AS (
    INSERT INTO ledger_disclosure (intent_id, label, value, salt)
    SELECT %s, one.* FROM unnest(%s::text[], %s::bytea[], %s::bytea[]) AS one
)
INSERT INTO ledger_inbox (id, fields) VALUES (%s, %s)
"""


@dataclass(frozen=True, slots=True)
class Subject:
    """The object an entry speaks of; `public` says whether the world may see and link this move."""

    kind: str
    id: UUID
    public: bool


def record(
    *,
    id: UUID,
    type: str,
    subject: Subject,
    actor: UUID | str | None,
    at: datetime,
    body: Mapping[str, Any],
    private: Mapping[str, Any] | None = None,
    money: bool = False,
) -> None:
    """Put one intent into the inbox, so that it exists exactly when the caller's transaction commits.

    A public subject's entry shows type and body and commits to `private`; any other subject's shows nothing but
    commitments that cannot be linked with each other. `money` says that a transfer group of the same id moves money.
    Raises LedgerFault for values outside the profile of canonical JSON, IntegrityError for an id recorded before.
    """
    alias = router.db_for_write(models.Inbox)
    if not connections[alias].in_atomic_block:
        raise transaction.TransactionManagementError("A ledger intent is recorded inside the transaction of its change.")
    secret = _secret_of(alias, subject)
    body, private = canonical.normalise(body), canonical.normalise(private or {})
    if {ENVELOPE, TYPE, BODY} & private.keys():
        raise LedgerFault(f"{ENVELOPE}, {TYPE} and {BODY} are labels of the ledger itself")
    if subject.public:
        commit, disclosures = _commit_each(private)
        actor_handle = None if actor is None else commitment.actor_handle(secret, str(actor))
        handle = commitment.subject_handle(secret)
    else:
        inner, disclosures = _commit_each({**private, TYPE: type, BODY: body})
        commit, envelope = _commit_each({ENVELOPE: inner})
        disclosures += envelope
        actor_handle = commitment.actor_handle(secret, str(actor or ""), sealed_in=str(id))
        handle = commitment.subject_handle(secret, sealed_in=str(id))
    fields = entry.encode_intent(
        id=str(id),
        type=type if subject.public else SEALED,
        at=canonical.instant(at),
        actor=actor_handle,
        subject=handle,
        body=body if subject.public else {},
        commit=commit,
    )
    with connections[alias].cursor() as cursor:
        labels = [label for label, _, _ in disclosures]
        values = [canonical.encode(value) for _, value, _ in disclosures]
        salts = [salt for _, _, salt in disclosures]
        link: list[Any] = [id, subject.kind, subject.id, type, subject.public, money]
        cursor.execute(INSERT, [*link, id, labels, values, salts, id, fields])


def _commit_each(values: Mapping[str, Any]) -> tuple[dict[str, str], list[tuple[str, Any, bytes]]]:
    """Return the commitments by label, and (label, value, salt) of each, every salt fresh."""
    disclosures = [(label, value, commitment.new_secret()) for label, value in values.items()]
    return {label: commitment.commit(salt, label, value) for label, value, salt in disclosures}, disclosures


def _secret_of(alias: str, subject: Subject) -> bytes:
    """Return the object's handle secret, made at its first entry; two first entries at once agree on one."""
    handles = models.Handle.objects.using(alias)
    found = handles.filter(kind=subject.kind, object_id=subject.id).values_list("secret", flat=True)
    if (secret := found.first()) is None:
        fresh = models.Handle(kind=subject.kind, object_id=subject.id, secret=commitment.new_secret())
        handles.bulk_create([fresh], ignore_conflicts=True)
        secret = found.get()
    return bytes(secret)
