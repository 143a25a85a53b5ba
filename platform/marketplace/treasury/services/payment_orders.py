"""Payment orders: what the rooms above have approved goes to the bank in files, each payment in exactly one.

A room offers its payments by `pay_out_from`; the order asks it to send those that were chosen, in the
order's own transaction, so that a payment is in a file if and only if it is on its way.
"""

import hashlib
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction

from marketplace.common.actor import Actor
from marketplace.treasury.errors import CustodyUnnamed, ForFinanceOnly, NothingToPay, PaymentsChanged, TooManyPayments
from marketplace.treasury.models import OrderForm, PaymentInstruction, PaymentOrder
from marketplace.treasury.permissions import require_finance_officer
from marketplace.treasury.services import payment_files
from marketplace.treasury.services.payment_files import Payer, Payment
from marketplace.workflow.context import Context
from marketplace.workflow.performing import begin, perform

# One transaction makes a file and holds the account in transit meanwhile, and a form has a box for each payment: both stay small.
MOST_PAYMENTS = 200
MOST_LISTED = 1000


@dataclass(frozen=True, slots=True)
class Source:
    """Where payments of one kind come from.

    `waiting` lists what may be sent now; `send` sends those of the given ids that still may be and
    returns them; `found` gives the objects behind ids, for a page to show what became of each.
    """

    waiting: Callable[[], Sequence[Payment]]
    send: Callable[[UUID, Collection[UUID]], Sequence[Payment]]
    found: Callable[[Collection[UUID]], Mapping[UUID, Any]]


_sources: dict[str, Source] = {}


def pay_out_from(kind: str, source: Source) -> None:
    """Let a room above have its payments sent in files, once per kind."""
    _sources[kind] = source


def waiting() -> list[Payment]:
    """Every payment that may go into a file now, the oldest first within its kind: 1,000 at most of each."""
    return [payment for source in _sources.values() for payment in source.waiting()]


def fates(order: PaymentOrder) -> list[tuple[PaymentInstruction, Any]]:
    """Each payment of an order with the object behind it as it now stands."""
    rows = list(order.instructions.order_by("place"))
    found = {kind: source.found([row.object_id for row in rows if row.kind == kind]) for kind, source in _sources.items()}
    return [(row, found.get(row.kind, {}).get(row.object_id)) for row in rows]


def make_order(*, actor: Actor, form: OrderForm, payments: Collection[UUID]) -> PaymentOrder:
    """Send the chosen payments to the bank in one file, all of them or none.

    Raises ForFinanceOnly, MissingScope, NothingToPay, TooManyPayments (over 200), CustodyUnnamed,
    PaymentsChanged when one of them is no longer waiting: another file may have it.
    """
    require_finance_officer(actor)
    if actor.person_id is None:
        raise ForFinanceOnly
    with transaction.atomic():
        order = begin(PaymentOrder(form=form, made_by=actor.person_id), actor)
        return perform("make", order, actor, chosen=set(payments))


def make(ctx: Context[PaymentOrder], *, chosen: set[UUID]) -> None:
    """Send each chosen payment and write the file; the ledger keeps its SHA-256."""
    order = ctx.obj
    if not chosen:
        raise NothingToPay
    if len(chosen) > MOST_PAYMENTS:
        raise TooManyPayments
    payments = [payment for source in _sources.values() for payment in source.send(order.pk, chosen)]
    if {payment.id for payment in payments} != chosen:
        raise PaymentsChanged
    order.payments, order.fen = len(payments), sum(payment.fen for payment in payments)
    content = payment_files.write(OrderForm(order.form), number=order.number, at=ctx.now, payer=custody_payer(), payments=payments)
    order.content, order.sha256 = content, hashlib.sha256(content).hexdigest()
    PaymentInstruction.objects.bulk_create(
        [
            PaymentInstruction(
                order=order,
                place=place,
                end_to_end_id=one.end_to_end_id,
                kind=one.kind,
                object_id=one.id,
                name=one.name,
                account=one.account,
                bank=one.bank,
                fen=one.fen,
            )
            for place, one in enumerate(payments, start=1)
        ]
    )
    ctx.body.update(sha256=order.sha256, payments=order.payments, fen=order.fen)
    ctx.private["number"] = order.number


def custody_payer() -> Payer:
    """The custody account that files are paid from. Raises CustodyUnnamed where the settings do not name it."""
    if not (settings.CUSTODY_NAME and settings.CUSTODY_NUMBER and settings.CUSTODY_BANK):
        raise CustodyUnnamed
    return Payer(settings.CUSTODY_NAME, settings.CUSTODY_NUMBER, settings.CUSTODY_BANK)
