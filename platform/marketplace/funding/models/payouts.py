"""Payouts to a beneficiary's bank, and the accounts they go to."""

import secrets
from typing import ClassVar

from django.db import models
from django.db.models import Q

from marketplace.accounts.models import Organisation
from marketplace.common.ids import uuid7
from marketplace.common.money import yuan
from marketplace.common.text import bi
from marketplace.funding.workflow import BANK_TRANSFER, PAYOUT, SANDBOX, PayoutState
from marketplace.workflow.models import Stateful

REFERENCE_PREFIX = "PAY"
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_PAID_ONCE = (PayoutState.PAID, PayoutState.SETTLED, PayoutState.REVERSED)
_UNAPPROVED = (PayoutState.REQUESTED, PayoutState.FAILED, PayoutState.REJECTED)


def new_reference() -> str:
    """A new reference for the bank's text: PAY and ten characters of Crockford's base 32."""
    return REFERENCE_PREFIX + "".join(secrets.choice(_ALPHABET) for _ in range(10))


class BankAccount(models.Model):
    """Where an organisation is paid; a change is a new row, and money goes there only once it is verified and its freeze is over."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="bank_accounts")
    holder_name = models.CharField(bi("账户名称", "Account name"), max_length=160)
    number = models.CharField(bi("账号", "Account number"), max_length=34)
    bank_name = models.CharField(bi("开户银行", "Bank"), max_length=120)
    created_at = models.DateTimeField(editable=False)
    created_by = models.UUIDField(editable=False, help_text="The person, by erasable reference.")
    frozen_until = models.DateTimeField(editable=False)
    verified_at = models.DateTimeField(null=True, editable=False)
    verified_by = models.UUIDField(null=True, editable=False, help_text="The finance officer, by erasable reference.")
    replaced_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        verbose_name = bi("收款账户", "bank account")
        constraints = (
            models.UniqueConstraint(fields=["organisation"], condition=Q(replaced_at=None), name="bank_account_one_in_use"),
            models.CheckConstraint(condition=Q(number__regex=r"^[0-9]{8,34}$"), name="bank_account_number_is_digits"),
            models.CheckConstraint(
                condition=Q(verified_at=None, verified_by=None)
                | (Q(verified_at__isnull=False, verified_by__isnull=False) & ~Q(verified_by=models.F("created_by"))),
                name="bank_account_verified_by_another",
            ),
        )

    def __str__(self) -> str:
        return f"{self.bank_name} {self.masked}"

    @property
    def masked(self) -> str:
        """The number as it is shown: only its last four digits."""
        return f"**** {self.number[-4:]}"


class Payout(Stateful):
    """So many fen owed to an organisation, on their way to its bank.

    Requester and approvers are three people, by erasable reference; the system may be the requester. The bank's refusal is
    told by one officer and booked by another.
    `payable_from` is when the approved bank account's freeze ends; `reference` is what the bank's
    statement names the payment by. `paid_late`: the bank paid an earlier try after it had been booked as
    refused, and the trail names those who approved it.
    """

    machine: ClassVar = PAYOUT

    state = models.CharField(bi("状态", "State"), max_length=32, choices=PayoutState, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="payouts")
    fen = models.BigIntegerField(bi("金额（分）", "Amount (fen)"))
    purpose_kind = models.CharField(max_length=40)
    purpose_id = models.UUIDField()
    reference = models.CharField(bi("银行附言", "Bank reference"), max_length=13, unique=True, default=new_reference, editable=False)
    bank_account = models.ForeignKey(BankAccount, on_delete=models.PROTECT, null=True, editable=False, related_name="payouts")
    requested_by = models.UUIDField(null=True, editable=False)
    first_approver = models.UUIDField(null=True, editable=False)
    second_approver = models.UUIDField(null=True, editable=False)
    payable_from = models.DateTimeField(null=True, editable=False)
    gateway = models.CharField(max_length=13, choices=((SANDBOX, SANDBOX), (BANK_TRANSFER, BANK_TRANSFER)), blank=True, editable=False)
    paid_at = models.DateTimeField(null=True, editable=False)
    paid_late = models.BooleanField(default=False, editable=False)
    note = models.TextField(bi("说明", "Note"), blank=True, editable=False)
    refusal_told_by = models.UUIDField(null=True, editable=False)
    refusal_agreed_by = models.UUIDField(null=True, editable=False)

    class Meta:
        verbose_name = bi("划付", "payout")
        constraints = (
            models.CheckConstraint(
                condition=Q(refusal_agreed_by=None) | Q(refusal_told_by__isnull=False) & ~Q(refusal_agreed_by=models.F("refusal_told_by")),
                name="payout_refusal_by_two",
            ),
            models.CheckConstraint(condition=Q(state__in=PayoutState.values), name="payout_state_is_known"),
            models.CheckConstraint(condition=Q(fen__gt=0), name="payout_is_positive"),
            models.CheckConstraint(
                condition=(Q(second_approver=None) | ~Q(second_approver=models.F("first_approver")))
                & (Q(requested_by=None) | Q(first_approver=None) | ~Q(requested_by=models.F("first_approver")))
                & (Q(requested_by=None) | Q(second_approver=None) | ~Q(requested_by=models.F("second_approver"))),
                name="payout_people_differ",
            ),
            models.CheckConstraint(
                condition=Q(state__in=(*_UNAPPROVED, PayoutState.FIRST_APPROVED))
                | Q(first_approver__isnull=False, second_approver__isnull=False, bank_account__isnull=False)
                | Q(state__in=_PAID_ONCE, paid_late=True),
                name="payout_sent_is_approved_twice",
            ),
            models.UniqueConstraint(
                fields=["purpose_kind", "purpose_id", "organisation"],
                condition=~Q(state__in=(PayoutState.REJECTED, PayoutState.REVERSED)),
                name="payout_once_per_purpose",
            ),
        )
        indexes = (models.Index(fields=["due_at"], condition=Q(due_at__isnull=False), name="payout_due"),)

    def __str__(self) -> str:
        return f"{self.reference} {self.organisation.name} ¥{yuan(self.fen)}"

    @property
    def region_code(self) -> str:
        return self.organisation.region_code
