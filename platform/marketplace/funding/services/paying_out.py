"""Payouts: asked for by one, approved by two others, sent once, and paid only when the bank says so."""

import re
import unicodedata
from uuid import UUID

from django.conf import settings

from marketplace.common.actor import Actor
from marketplace.common.errors import DomainError
from marketplace.demands.services.publishing import required
from marketplace.funding import errors
from marketplace.funding.models import REFERENCE_PREFIX, Payout
from marketplace.funding.models.payouts import new_reference
from marketplace.funding.selectors import bank_account_in_use
from marketplace.funding.workflow import SANDBOX, PayoutState
from marketplace.treasury.models import StatementLine
from marketplace.treasury.services import accounts
from marketplace.treasury.services.statements import Match
from marketplace.treasury.services.transferring import transfer
from marketplace.workflow.context import Context
from marketplace.workflow.performing import begin, perform

_REFERENCE = re.compile(rf"(?<![0-9A-Z]){REFERENCE_PREFIX}[0-9A-Z]{{10}}(?![0-9A-Z])")


def payout_request(*, organisation_id: UUID, fen: int, purpose_kind: str, purpose_id: UUID, actor: Actor) -> Payout:
    """Ask that so many fen of what is payable to an organisation be paid to its bank: once per purpose.

    Call it in the transaction that made the amount payable. Two finance officers other than the
    requester must approve; a second request for the same purpose is refused by the database.
    """
    payout = Payout(
        organisation_id=organisation_id,
        fen=fen,
        purpose_kind=purpose_kind,
        purpose_id=purpose_id,
        requested_by=actor.person_id,
    )
    return begin(payout, actor)


def first_is_another(ctx: Context[Payout]) -> None:
    """The first approver did not ask for it, and there is an account to pay to."""
    if ctx.actor.person_id == ctx.obj.requested_by:
        raise errors.SamePerson
    if bank_account_in_use(ctx.obj.organisation_id) is None:
        raise errors.NoBankAccount


def approve_1(ctx: Context[Payout]) -> None:
    """Approve the amount and the account as it stands now."""
    ctx.obj.bank_account = bank_account_in_use(ctx.obj.organisation_id)
    ctx.obj.first_approver = ctx.actor.person_id
    _describe(ctx)


def second_is_another(ctx: Context[Payout]) -> None:
    """The second approver is neither the first nor the requester, and the account is still the one approved."""
    if ctx.actor.person_id in {ctx.obj.requested_by, ctx.obj.first_approver}:
        raise errors.SamePerson
    _account_unchanged(ctx.obj)


def approve_2(ctx: Context[Payout]) -> None:
    """Approve a second time; the payment goes out once the account's freeze is over."""
    assert ctx.obj.bank_account is not None  # the first approval named it
    ctx.obj.second_approver = ctx.actor.person_id
    ctx.obj.payable_from = max(ctx.now, ctx.obj.bank_account.frozen_until)
    _describe(ctx)


def account_has_stood(ctx: Context[Payout]) -> None:
    """Nothing is sent to an account that changed after approval or is still frozen."""
    _account_unchanged(ctx.obj)
    if ctx.obj.payable_from is not None and ctx.obj.payable_from > ctx.now:
        raise errors.BankAccountFrozen


def send(ctx: Context[Payout]) -> None:
    """Hand the payment to the gateway: the amount is in transit until the bank answers."""
    payout = ctx.obj
    payout.gateway = settings.PAYMENT_GATEWAY
    source, target = accounts.payable(payout.organisation_id), accounts.in_transit()
    transfer(group=ctx.group, source=source, target=target, fen=payout.fen, code="payout.sent")
    ctx.money = True
    _describe(ctx)


def confirm(ctx: Context[Payout], *, line_id: UUID | None = None) -> None:
    """The bank has paid: by a line of its statement, or by the sandbox in the demonstration."""
    payout = ctx.obj
    if line_id is None and payout.gateway != SANDBOX:
        raise errors.BankHasNotAnswered
    transfer(group=ctx.group, source=accounts.in_transit(), target=accounts.custody(), fen=payout.fen, code="payout.paid")
    ctx.money = True
    payout.paid_at = ctx.now
    _describe(ctx)
    if line_id is not None:
        ctx.private["statement_line"] = str(line_id)


def bank_error(ctx: Context[Payout], *, reason: str) -> None:
    """The bank refused: the amount is payable again."""
    payout = ctx.obj
    payout.note = ctx.reason = required(reason)
    source, target = accounts.in_transit(), accounts.payable(payout.organisation_id)
    transfer(group=ctx.group, source=source, target=target, fen=payout.fen, code="payout.failed")
    ctx.money = True
    _describe(ctx)


def retry(ctx: Context[Payout]) -> None:
    """Ask again under a new reference; both approvals are given anew, by others than whoever asks now."""
    payout = ctx.obj
    payout.requested_by = ctx.actor.person_id
    payout.first_approver = payout.second_approver = payout.bank_account = payout.payable_from = None
    payout.gateway, payout.reference = "", new_reference()


def reject(ctx: Context[Payout], *, reason: str) -> None:
    """Refuse, with the reason; the amount stays payable."""
    ctx.obj.note = ctx.reason = required(reason)


def return_window_over(ctx: Context[Payout]) -> None:
    """A payment is settled when the bank can no longer return it."""
    if ctx.obj.due_at is not None and ctx.obj.due_at > ctx.now:
        raise errors.BankHasNotAnswered


def recognise(line: StatementLine) -> Match | None:
    """Confirm the payout that an outgoing line names and agrees with to the fen; None when there is none."""
    named = set(_REFERENCE.findall(unicodedata.normalize("NFKC", line.reference).upper()))
    payout = Payout.objects.filter(reference__in=named, state=PayoutState.PROCESSING, fen=line.fen).first() if len(named) == 1 else None
    if payout is None:
        return None
    try:
        perform("confirm", payout, Actor.system(), line_id=line.pk)
    except DomainError:  # confirmed or refused meanwhile: the line waits for a person
        return None
    return Match("payout", payout.pk)


def _account_unchanged(payout: Payout) -> None:
    current = bank_account_in_use(payout.organisation_id)
    if current is None or current.pk != payout.bank_account_id:
        raise errors.BankAccountChanged


def _describe(ctx: Context[Payout]) -> None:
    ctx.private.update(fen=ctx.obj.fen, reference=ctx.obj.reference)
    if ctx.obj.bank_account_id:
        ctx.private["bank_account"] = str(ctx.obj.bank_account_id)
