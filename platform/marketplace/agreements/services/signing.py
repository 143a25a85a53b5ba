"""Signing: every party signs the same bytes; the last signature makes the agreement signed."""

from datetime import timedelta
from uuid import UUID

from marketplace.agreements import errors
from marketplace.agreements.models import Agreement, KeyCustody, Party
from marketplace.agreements.services import keys
from marketplace.common.actor import Actor
from marketplace.common.errors import WrongState
from marketplace.demands.workflow import DemandState
from marketplace.workflow.context import Context
from marketplace.workflow.performing import perform


def sign(ctx: Context[Agreement], *, signature: str = "", key: UUID | None = None) -> None:
    """Record one party's signature over the statement.

    With the organisation's own key the signature is given; with a key in the platform's custody
    it is made here. Raises AlreadySigned, NoSuchKey, BadSignature.
    """
    party = _party(ctx)
    chosen = keys.usable_key(party.organisation_id, key)
    if chosen is None:
        raise errors.NoSuchKey
    statement = bytes(ctx.obj.statement or b"")
    if chosen.custody == KeyCustody.PLATFORM and not signature:
        signature = keys.sign_for(chosen, statement)
    if not keys.verifies(chosen, statement, signature):
        raise errors.BadSignature(fields={"signature": [errors.BadSignature.title]})
    party.key, party.signature = chosen, signature.lower()
    party.signed_at, party.signed_by = ctx.now, ctx.actor.person_id
    party.save(update_fields=["key", "signature", "signed_at", "signed_by"])
    ctx.body["role"] = party.role
    ctx.body["public_key"] = chosen.public_key
    ctx.body["signature"] = party.signature
    ctx.body["document_sha256"] = ctx.obj.document_sha256


def conclude_if_all_signed(agreement: Agreement) -> Agreement:
    """Make the agreement signed once nobody's signature is missing."""
    if agreement.parties.filter(signature="").exists():
        return agreement
    try:
        return perform("last_signature", agreement, Actor.system())
    except WrongState:  # two signed at once and the other has concluded it
        agreement.refresh_from_db()
        return agreement


def all_signed(ctx: Context[Agreement]) -> None:
    """Only a fully signed agreement is concluded."""
    if ctx.obj.parties.filter(signature="").exists():
        raise errors.BadSignature


def last_signature(ctx: Context[Agreement]) -> None:
    """The agreement is concluded: the demand is contracted and the time to fund it runs."""
    agreement = ctx.obj
    agreement.signed_at = ctx.now
    agreement.fund_by = ctx.now + timedelta(seconds=ctx.policy.funding_seconds)
    ctx.body["document_sha256"] = agreement.document_sha256
    ctx.body["version"] = agreement.version
    ctx.body["signatures"] = [
        {"role": party.role, "public_key": party.key.public_key, "signature": party.signature}
        for party in agreement.parties.select_related("key").order_by("role", "organisation_id")
        if party.key is not None
    ]
    ctx.private["statement"] = bytes(agreement.statement or b"").decode()
    if agreement.demand.state == DemandState.AWARDED:
        perform("agreement_signed", agreement.demand, Actor.system())


def _party(ctx: Context[Agreement]) -> Party:
    signer = ctx.actor.organisation_id
    party = ctx.obj.parties.filter(organisation_id=signer).first() if signer else None
    if party is None:
        raise errors.NoSuchKey
    if party.signature:
        raise errors.AlreadySigned
    return party
