"""Record: turn a change into a finished intent, inside the transaction of that change."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connections, router, transaction

from ledger.app import models
from ledger.engine import canonical, commitment, entry
from ledger.engine.entry import BODY, ENVELOPE, SEALED, TYPE
from ledger.engine.errors import LedgerFault

# One statement, for it stands in every business transaction: the permanent ids, what may be disclosed, and the intents.
INSERT = """
WITH link AS (
    INSERT INTO ledger_subject (id, kind, object_id, type, public, money)
    SELECT one.* FROM unnest(%s::uuid[], %s::text[], %s::uuid[], %s::text[], %s::boolean[], %s::boolean[]) AS one
), disclosures AS (
    INSERT INTO ledger_disclosure (intent_id, label, value, salt)
    SELECT one.* FROM unnest(%s::uuid[], %s::text[], %s::bytea[], %s::bytea[]) AS one
)
INSERT INTO ledger_inbox (id, fields) SELECT one.* FROM unnest(%s::uuid[], %s::bytea[]) AS one
"""

Secrets = dict[tuple[str, UUID], bytes]
FIND_SECRETS = """
SELECT kind, object_id, secret FROM ledger_handle JOIN unnest(%s::text[], %s::uuid[]) AS wanted(kind, object_id) USING (kind, object_id)
"""
ADD_SECRETS = """
INSERT INTO ledger_handle (kind, object_id, secret) SELECT one.* FROM unnest(%s::text[], %s::uuid[], %s::bytea[]) AS one
ON CONFLICT DO NOTHING RETURNING kind, object_id, secret
"""


@dataclass(frozen=True, slots=True)
class Subject:
    """The object an entry speaks of; `public` says whether the world may see and link this move."""

    kind: str
    id: UUID
    public: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Intent:
    """One change to be proved: see `record` for what each field means."""

    id: UUID
    type: str
    subject: Subject
    actor: UUID | str | None
    at: datetime
    body: Mapping[str, Any]
    private: Mapping[str, Any] = field(default_factory=dict)
    money: bool = False


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
    record_many([Intent(id=id, type=type, subject=subject, actor=actor, at=at, body=body, private=private or {}, money=money)])


def record_many(intents: Sequence[Intent]) -> None:
    """Put many intents into the inbox, each as `record` would, by one statement: all of them or none."""
    if not intents:
        return
    alias = router.db_for_write(models.Inbox)
    if not connections[alias].in_atomic_block:
        raise transaction.TransactionManagementError("A ledger intent is recorded inside the transaction of its change.")
    secrets = _secrets_of(alias, [intent.subject for intent in intents])
    fields: list[bytes] = []
    told: list[tuple[UUID, str, bytes, bytes]] = []
    for intent in intents:
        content, disclosures = _content(intent, secrets[intent.subject.kind, intent.subject.id])
        fields.append(content)
        told += [(intent.id, label, canonical.encode(value), salt) for label, value, salt in disclosures]
    ids = [intent.id for intent in intents]
    subjects = [intent.subject for intent in intents]
    columns: list[Any] = [
        ids,
        [subject.kind for subject in subjects],
        [subject.id for subject in subjects],
        [intent.type for intent in intents],
        [subject.public for subject in subjects],
        [intent.money for intent in intents],
        *(([row[place] for row in told]) for place in range(4)),
        ids,
        fields,
    ]
    with connections[alias].cursor() as cursor:
        cursor.execute(INSERT, columns)


def _content(intent: Intent, secret: bytes) -> tuple[bytes, list[tuple[str, Any, bytes]]]:
    """The intent's canonical bytes, and (label, value, salt) of everything that may be disclosed of it."""
    subject, actor = intent.subject, intent.actor
    body, private = canonical.normalise(intent.body), canonical.normalise(intent.private)
    if {ENVELOPE, TYPE, BODY} & private.keys():
        raise LedgerFault(f"{ENVELOPE}, {TYPE} and {BODY} are labels of the ledger itself")
    if subject.public:
        commit, disclosures = _commit_each(private)
        actor_handle = None if actor is None else commitment.actor_handle(secret, str(actor))
        handle = commitment.subject_handle(secret)
    else:
        inner, disclosures = _commit_each({**private, TYPE: intent.type, BODY: body})
        commit, envelope = _commit_each({ENVELOPE: inner})
        disclosures += envelope
        actor_handle = commitment.actor_handle(secret, str(actor or ""), sealed_in=str(intent.id))
        handle = commitment.subject_handle(secret, sealed_in=str(intent.id))
    content = entry.encode_intent(
        id=str(intent.id),
        type=intent.type if subject.public else SEALED,
        at=canonical.instant(intent.at),
        actor=actor_handle,
        subject=handle,
        body=body if subject.public else {},
        commit=commit,
    )
    return content, disclosures


def _commit_each(values: Mapping[str, Any]) -> tuple[dict[str, str], list[tuple[str, Any, bytes]]]:
    """Return the commitments by label, and (label, value, salt) of each, every salt fresh."""
    disclosures = [(label, value, commitment.new_secret()) for label, value in values.items()]
    return {label: commitment.commit(salt, label, value) for label, value, salt in disclosures}, disclosures


def _secrets_of(alias: str, subjects: Sequence[Subject]) -> Secrets:
    """Return each object's handle secret, made at its first entry; two first entries at once agree on one."""
    wanted = {(subject.kind, subject.id) for subject in subjects}
    found = _secrets(alias, FIND_SECRETS, *zip(*wanted, strict=True))
    if missing := sorted(wanted - found.keys()):
        found |= _made(alias, missing)
    if taken := wanted - found.keys():  # by another transaction, for which the insertion waited
        found |= _secrets(alias, FIND_SECRETS, *zip(*taken, strict=True))
    return found


def _made(alias: str, missing: Sequence[tuple[str, UUID]]) -> Secrets:
    return _secrets(alias, ADD_SECRETS, *zip(*missing, strict=True), [commitment.new_secret() for _ in missing])


def _secrets(alias: str, statement: str, *columns: Sequence[Any]) -> Secrets:
    with connections[alias].cursor() as cursor:
        cursor.execute(statement, [list(column) for column in columns])
        return {(kind, key): bytes(secret) for kind, key, secret in cursor.fetchall()}
