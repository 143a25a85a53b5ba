"""Where an organisation is paid: registered in its own name, changed by replacing, frozen for a while after."""

import re
import unicodedata
from datetime import timedelta
from uuid import UUID

from django.db import transaction

from ledger.app import services as ledger
from marketplace.accounts.models import Organisation
from marketplace.common import clock, outbox, policy
from marketplace.common.actor import Actor
from marketplace.common.errors import Forbidden, Invalid, MissingScope, NotFound, NotVerified, Unauthenticated, WrongState
from marketplace.common.ids import uuid7
from marketplace.common.text import bi
from marketplace.demands.permissions import within_region
from marketplace.funding import errors
from marketplace.funding.models import BankAccount, Payout
from marketplace.funding.permissions import MONEY_ROLES
from marketplace.funding.workflow import APPROVED
from marketplace.workflow.performing import lock_row, perform


def bank_account_set(*, actor: Actor, holder_name: str, number: str, bank_name: str) -> BankAccount:
    """Register or replace the account that the actor's organisation is paid to, frozen for `account_freeze_seconds`.

    A finance officer has to verify it, and payouts that were approved for the account before are approved anew.
    Raises Unauthenticated, Forbidden, NotVerified, MissingScope, NotTheirName, Invalid.
    """
    if actor.is_anonymous or actor.person_id is None:
        raise Unauthenticated
    if actor.organisation_id is None or not actor.roles & MONEY_ROLES:
        raise Forbidden(bi("收款账户由单位管理员或财务维护。", "Bank accounts are kept by an organisation's managers or finance people."))
    if not actor.verified:
        raise NotVerified
    if "money" not in actor.scopes:
        raise MissingScope
    digits = re.sub(r"[\s-]", "", unicodedata.normalize("NFKC", number))
    if not re.fullmatch(r"[0-9]{8,34}", digits):
        text = bi("账号须为 8 至 34 位数字。", "An account number has 8 to 34 digits.")
        raise Invalid(text, fields={"number": [text]})
    with transaction.atomic():
        organisation: Organisation = lock_row(Organisation(pk=actor.organisation_id))
        if _plain(holder_name) not in {_plain(organisation.name_zh), _plain(organisation.name_en)} - {""}:
            raise errors.NotTheirName(fields={"holder_name": [errors.NotTheirName.title]})
        now = clock.now()
        BankAccount.objects.filter(organisation=organisation, replaced_at=None).update(replaced_at=now)
        account = BankAccount.objects.create(
            organisation=organisation,
            holder_name=holder_name.strip(),
            number=digits,
            bank_name=bank_name.strip(),
            created_at=now,
            created_by=actor.person_id,
            frozen_until=now + timedelta(seconds=policy.current().account_freeze_seconds),
        )
        ledger.record(
            id=uuid7(),
            type="bank_account.set",
            subject=ledger.Subject(kind="bank_account", id=account.pk, public=False),
            actor=actor.ledger_id,
            at=now,
            body={},
            private={"person": str(actor.person_id), "organisation": str(organisation.pk), "number": digits},
        )
        for payout in Payout.objects.filter(organisation=organisation, state__in=APPROVED).order_by("id"):
            perform("account_changed", payout, Actor.system())
        outbox.emit("bank_account.set", kind="bank_account", object_id=account.pk, payload={"organisation": str(organisation.pk)})
    return account


def bank_account_verify(*, actor: Actor, account_id: UUID) -> BankAccount:
    """Say that the account in use is the organisation's own, having asked it by another way than this platform.

    Raises Unauthenticated, Forbidden, MissingScope, NotFound (no such account in use), WrongState (verified before),
    SamePerson (who registered it, whatever office they hold now).
    """
    if actor.is_anonymous or actor.person_id is None:
        raise Unauthenticated
    if actor.staff != "finance":
        raise Forbidden
    if "money" not in actor.scopes:
        raise MissingScope
    with transaction.atomic():
        account: BankAccount = lock_row(BankAccount(pk=account_id))
        if account.replaced_at is not None or not within_region(actor, account.organisation.region_code):
            raise NotFound
        if account.verified_at is not None:
            raise WrongState
        if account.created_by == actor.person_id:
            raise errors.SamePerson
        account.verified_at, account.verified_by = clock.now(), actor.person_id
        account.save(update_fields=["verified_at", "verified_by"])
        ledger.record(
            id=uuid7(),
            type="bank_account.verified",
            subject=ledger.Subject(kind="bank_account", id=account.pk, public=False),
            actor=actor.ledger_id,
            at=account.verified_at,
            body={},
            private={"person": str(actor.person_id), "organisation": str(account.organisation_id)},
        )
    return account


def _plain(name: str) -> str:
    """A name as names are compared: width, case and spaces do not count."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", name)).casefold()
