"""Deposits: an organisation, or an expert in their own name, fixes the hash of a file before anybody else has seen the file."""

import hashlib
import re
from collections.abc import Mapping
from typing import IO, Any
from uuid import UUID

from django.db import transaction

from ledger.app import services as ledger
from marketplace.accounts.models import Organisation, Person
from marketplace.common import clock, files
from marketplace.common.actor import Actor
from marketplace.common.errors import Invalid, MissingScope, NotVerified, Unauthenticated
from marketplace.common.ids import uuid7
from marketplace.common.text import bi
from marketplace.evidence import errors, standing
from marketplace.evidence.models import Deposit

KIND, MADE = "deposit", "deposit.made"
PURPOSE = "evidence_deposit"
CHUNK = 1024 * 1024
# What a page sends is hashed here only where its own script did not: larger files are hashed at home.
LARGEST = 200 * 1024 * 1024
# The largest size of a file hashed at home that an entry can state.
LARGEST_STATED = 2**53 - 1


def deposit_make(
    *,
    actor: Actor,
    title: str,
    sha256: str = "",
    size: int | None = None,
    stream: IO[bytes] | None = None,
    name: str = "",
    content_type: str = "application/octet-stream",
    keep: bool = False,
) -> Deposit:
    """Deposit a hash that is given, or that of a file which is read and forgotten, or kept where `keep` says so.

    One sealed ledger entry, `deposit.made`, commits to hash, size, title and depositor, so that the public log does not
    even show that a deposit was made. Raises Unauthenticated, NoDepositor, NotVerified, MissingScope, HashRefused (no hash, a malformed
    one, or another than the file has), FileRefused for a file that cannot be kept.
    """
    person, organisation = require_depositor(actor)
    heading = title.strip()
    if not heading:
        say = bi("请填写名称，便于日后查找。", "Give it a title by which you will find it again.")
        raise Invalid(say, fields={"title": [say]})
    if keep and stream is None:
        raise _refused("file", "需要保存原件时请选择文件。", "Choose the file that is to be kept.")
    if stream is not None:
        found, size = _hash_of(stream)
        if sha256 and sha256.strip().lower() != found:
            raise _refused("sha256", "所给哈希与文件不符。", "The hash given is not that of the file.")
        sha256 = found
    with transaction.atomic():
        if organisation is None:
            _hold(person)
        made = Deposit(
            id=uuid7(),
            organisation=None if organisation is None else Organisation.objects.get(pk=organisation),
            person_id=person,
            title=heading,
            sha256=_checked(sha256),
            size=size,
            made_at=clock.now(),
        )
        if keep and stream is not None:
            owner = organisation or person
            made.file = files.store(owner_id=owner, name=name, stream=stream, content_type=content_type, purpose=PURPOSE)
        made.save(force_insert=True)
        _on_record(made)
    return made


def given(body: Mapping[str, Any]) -> dict[str, Any]:
    """What `deposit_make` takes, from the fields of a form or of a request's body."""
    upload = body.get("file")
    return {
        "title": body["title"],
        "sha256": body.get("sha256") or "",
        "size": body.get("size"),
        "stream": upload,
        "name": upload.name if upload else "",
        "content_type": (upload.content_type if upload else "") or "application/octet-stream",
        "keep": body["keep"],
    }


def require_depositor(actor: Actor) -> tuple[UUID, UUID | None]:
    """The person who deposits, and the verified organisation for which; None for a verified person's own name.

    Raises Unauthenticated, NoDepositor (the platform's staff, and whoever acts for no organisation and is no verified
    person), NotVerified, MissingScope.
    """
    if actor.person_id is None:
        raise Unauthenticated
    if actor.organisation_id is None and (actor.staff or not standing.is_verified(actor.person_id)):
        raise errors.NoDepositor
    if actor.organisation_id is not None and not actor.verified:
        raise NotVerified
    if "write" not in actor.scopes:
        raise MissingScope
    return actor.person_id, actor.organisation_id


def _hold(person_id: UUID) -> None:
    """Have an erasure wait until the deposit stands, and so find it; who was erased meanwhile deposits no more."""
    if not Person.objects.select_for_update(no_key=True).filter(pk=person_id, erased_at=None):
        raise errors.NoDepositor


def _on_record(made: Deposit) -> None:
    who = made.organisation
    # A person is committed to by reference alone, which is erased with the person: a name would have to be found again.
    private: dict[str, Any] = {"sha256": made.sha256, "title": made.title, "person": str(made.person_id)}
    if who is not None:
        private["depositor"] = {"name": who.name_zh or who.name_en, "credit_code": who.uscc}
    if made.size is not None:
        private["size"] = made.size
    ledger.record(
        id=made.pk,
        type=MADE,
        subject=ledger.Subject(kind=KIND, id=made.pk, public=False),
        actor=made.organisation_id or standing.IN_OWN_NAME,
        at=made.made_at,
        body={},
        private=private,
    )


def _hash_of(stream: IO[bytes]) -> tuple[str, int]:
    digest, size = hashlib.sha256(), 0
    stream.seek(0)
    while chunk := stream.read(CHUNK):
        digest.update(chunk)
        size += len(chunk)
        if size > LARGEST:
            raise _refused("file", "文件超过 200 MB：请在本机计算哈希后填写。", "Over 200 MB: compute the hash at home and write it down.")
    if size == 0:
        raise _refused("file", "文件是空的。", "The file is empty.")
    stream.seek(0)
    return digest.hexdigest(), size


def _checked(text: str) -> str:
    digits = text.strip().lower()
    if not re.fullmatch(r"[0-9a-f]{64}", digits):
        raise _refused("sha256", "请选择文件，或填写 64 位十六进制的 SHA-256。", "Choose a file, or give its SHA-256 as 64 hex digits.")
    return digits


def _refused(field: str, zh: str, en: str) -> errors.HashRefused:
    text = bi(zh, en)
    return errors.HashRefused(text, fields={field: [text]})
