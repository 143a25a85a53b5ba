"""Payouts: asked for by one, approved by two others, sent once, and paid only when the bank says so."""

from uuid import UUID

from django.conf import settings

from marketplace.common.actor import Actor
from marketplace.demands.services.publishing import required
from marketplace.funding import errors
from marketplace.funding.models import Payout
from marketplace.funding.models.payouts import new_reference
from marketplace.funding.selectors import bank_account_in_use
from marketplace.funding.services.bank_lines import not_paid_before, requests_for_the_purpose_of
from marketplace.funding.workflow import BANK_TRANSFER, SANDBOX
from marketplace.treasury.debt_reads import debt_of
from marketplace.treasury.errors import DebtFirst
from marketplace.treasury.services import accounts
from marketplace.treasury.services.transferring import transfer
from marketplace.workflow.context import Context
from marketplace.workflow.performing import begin


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
    """The first approver did not ask for it, and there is a verified account to pay to."""
    if ctx.actor.person_id == ctx.obj.requested_by:
        raise errors.SamePerson
    account = bank_account_in_use(ctx.obj.organisation_id)
    if account is None:
        raise errors.NoBankAccount
    if account.verified_at is None:
        raise errors.BankAccountUnverified
    not_paid_before(ctx.obj)


def approve_1(ctx: Context[Payout]) -> None:
    """Approve the amount and the account as it stands now."""
    ctx.obj.bank_account = bank_account_in_use(ctx.obj.organisation_id)
    ctx.obj.first_approver = ctx.actor.person_id
    describe(ctx)


def second_is_another(ctx: Context[Payout]) -> None:
    """The second approver is neither the first nor the requester, and the account is still the one approved."""
    if ctx.actor.person_id in {ctx.obj.requested_by, ctx.obj.first_approver}:
        raise errors.SamePerson
    _account_unchanged(ctx.obj)
    not_paid_before(ctx.obj)


def approve_2(ctx: Context[Payout]) -> None:
    """Approve a second time; the payment goes out once the account's freeze is over."""
    assert ctx.obj.bank_account is not None  # the first approval named it
    ctx.obj.second_approver = ctx.actor.person_id
    ctx.obj.payable_from = max(ctx.now, ctx.obj.bank_account.frozen_until)
    describe(ctx)


def account_has_stood(ctx: Context[Payout]) -> None:
    """Nothing is sent to an account that changed after approval or is still frozen, to whoever owes, or that the bank has paid before."""
    _account_unchanged(ctx.obj)
    if ctx.obj.payable_from is not None and ctx.obj.payable_from > ctx.now:
        raise errors.BankAccountFrozen
    if debt_of(ctx.obj.organisation_id):
        raise DebtFirst
    not_paid_before(ctx.obj)


def send(ctx: Context[Payout], *, order_id: UUID | None = None) -> None:
    """Hand the payment to the gateway: the amount is in transit until the bank answers.

    A bank is told by a payment order alone; only the sandbox takes a payout by itself.
    """
    payout = ctx.obj
    payout.gateway = settings.PAYMENT_GATEWAY
    if payout.gateway != SANDBOX and order_id is None:
        raise errors.WaitsForOrder
    source, target = accounts.payable(payout.organisation_id), accounts.in_transit()
    transfer(group=ctx.group, source=source, target=target, fen=payout.fen, code="payout.sent")
    ctx.money = True
    describe(ctx)
    if order_id is not None:
        ctx.private["payment_order"] = str(order_id)


def start_again(ctx: Context[Payout]) -> None:
    """Both approvals are void, because the account that they were given for is no longer in use."""
    _void_approvals(ctx.obj)


def asked_again_or_refused(ctx: Context[Payout]) -> None:
    """What a statement shows as paid after all is neither asked for again nor rejected."""
    not_paid_before(ctx.obj)


def retry(ctx: Context[Payout]) -> None:
    """Ask again under a new reference; both approvals are given anew, by others than whoever asks now."""
    payout = ctx.obj
    payout.requested_by = ctx.actor.person_id
    _void_approvals(payout)
    payout.refusal_told_by = payout.refusal_agreed_by = None
    payout.gateway, payout.reference = "", new_reference()


def paid_late(ctx: Context[Payout], *, reference: str, line_id: UUID) -> None:
    """The bank paid an earlier try that was booked as refused: the payout is paid under that reference, and not once more.

    Approvals that a later try was given are void: the trail names those who approved the one that was paid. Where that try
    was of a request since rejected, its reference comes over to this payout, by which the bank would name a return.
    """
    payout = ctx.obj
    if payout.reference != reference:
        _void_approvals(payout)
        requests_for_the_purpose_of(payout).filter(reference=reference).update(reference=new_reference())
    payout.reference, payout.gateway, payout.paid_at, payout.paid_late = reference, BANK_TRANSFER, ctx.now, True
    source, target = accounts.payable(payout.organisation_id), accounts.custody()
    transfer(group=ctx.group, source=source, target=target, fen=payout.fen, code="payout.paid_late")
    ctx.money = True
    describe(ctx)
    ctx.private["statement_line"] = str(line_id)


def reject(ctx: Context[Payout], *, reason: str) -> None:
    """Refuse, with the reason; the amount stays payable."""
    ctx.obj.note = ctx.reason = required(reason)


def return_window_over(ctx: Context[Payout]) -> None:
    """A payment is settled when the bank can no longer return it."""
    if ctx.obj.due_at is not None and ctx.obj.due_at > ctx.now:
        raise errors.BankHasNotAnswered


def _account_unchanged(payout: Payout) -> None:
    current = bank_account_in_use(payout.organisation_id)
    if current is None or current.pk != payout.bank_account_id:
        raise errors.BankAccountChanged
    if current.verified_at is None:  # approved before accounts were verified
        raise errors.BankAccountUnverified


def _void_approvals(payout: Payout) -> None:
    payout.first_approver = payout.second_approver = payout.bank_account = payout.payable_from = None


def describe(ctx: Context[Payout]) -> None:
    """What the ledger commits to of every move of a payout."""
    ctx.private.update(fen=ctx.obj.fen, reference=ctx.obj.reference)
    if ctx.obj.bank_account_id:
        ctx.private["bank_account"] = str(ctx.obj.bank_account_id)
