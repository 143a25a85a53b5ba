"""Payouts as payments of a payment order: what waits for a file, and how it goes out in one."""

from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

from django.conf import settings

from marketplace.common.actor import Actor
from marketplace.common.errors import DomainError
from marketplace.funding.models import Payout
from marketplace.funding.services.bank_lines import KIND
from marketplace.funding.workflow import BANK_TRANSFER, PayoutState
from marketplace.treasury.services import accounts, transferring
from marketplace.treasury.services.payment_files import Payment
from marketplace.treasury.services.payment_orders import MOST_LISTED, Source
from marketplace.workflow.performing import perform


def waiting() -> Sequence[Payment]:
    """Scheduled payouts, the oldest first; none where the sandbox sends by itself."""
    if settings.PAYMENT_GATEWAY != BANK_TRANSFER:
        return []
    rows = Payout.objects.filter(state=PayoutState.SCHEDULED).select_related("bank_account").order_by("id")
    return [_payment(payout) for payout in rows[:MOST_LISTED]]


def send(order_id: UUID, chosen: Collection[UUID]) -> Sequence[Payment]:
    """Send those of the chosen payouts that still wait; payouts are locked in the order of their ids, accounts after them."""
    rows = Payout.objects.filter(pk__in=chosen, state=PayoutState.SCHEDULED).select_related("bank_account").order_by("id")
    locked = list(rows.select_for_update(of=("self",), no_key=True))
    transferring.lock([accounts.in_transit(), *(accounts.payable(owner) for owner in {payout.organisation_id for payout in locked})])
    sent = []
    for payout in locked:
        try:
            perform("send", payout, Actor.system(), order_id=order_id)
        except DomainError:  # its account changed meanwhile: it does not go out, and the order says so
            continue
        sent.append(_payment(payout))  # sending changes neither amount nor account, and the row is locked
    return sent


def found(ids: Collection[UUID]) -> Mapping[UUID, Payout]:
    """The payouts behind these ids."""
    return Payout.objects.in_bulk(ids)


SOURCE = Source(waiting=waiting, send=send, found=found)


def _payment(payout: Payout) -> Payment:
    account = payout.bank_account
    assert account is not None  # the database keeps it so once approved
    return Payment(KIND, payout.pk, payout.reference, account.holder_name, account.number, account.bank_name, payout.fen)
