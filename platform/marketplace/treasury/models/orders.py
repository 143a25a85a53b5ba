"""Payment orders: the files by which finance tells the bank to pay, kept as they were made."""

import secrets
from typing import ClassVar

from django.db import models
from django.db.models import Q

from marketplace.common.ids import uuid7
from marketplace.common.text import bi
from marketplace.treasury.models.books import MAX_FEN
from marketplace.treasury.workflow import PAYMENT_ORDER, PaymentOrderState
from marketplace.workflow.models import Stateful

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def new_number() -> str:
    """A new number for a file: JQ and twelve random characters, within the 35 that a bank allows."""
    return "JQ" + "".join(secrets.choice(_ALPHABET) for _ in range(12))


class OrderForm(models.TextChoices):
    PAIN001 = "pain001", bi("ISO 20022 pain.001（XML）", "ISO 20022 pain.001 (XML)")
    CSV = "csv", bi("CSV 表格", "CSV table")


class PaymentOrder(Stateful):
    """One file for the bank: its bytes, their SHA-256, and the payments in it, none of which ever changes.

    `number` is what the bank knows the file by; the amounts are in fen.
    """

    machine: ClassVar = PAYMENT_ORDER

    state = models.CharField(max_length=32, choices=PaymentOrderState, editable=False)
    number = models.CharField(max_length=35, unique=True, default=new_number, editable=False)
    form = models.CharField(max_length=8, choices=OrderForm, editable=False)
    made_by = models.UUIDField(editable=False, help_text="The finance officer, by erasable reference.")
    payments = models.PositiveIntegerField(default=0, editable=False)
    fen = models.BigIntegerField(default=0, editable=False)
    content = models.BinaryField(default=b"", editable=False)
    sha256 = models.CharField(max_length=64, blank=True, editable=False)

    class Meta:
        verbose_name = bi("付款文件", "payment order")
        constraints = (
            models.CheckConstraint(condition=Q(state__in=PaymentOrderState.values), name="payment_order_state_is_known"),
            models.CheckConstraint(condition=Q(form__in=OrderForm.values), name="payment_order_form_is_known"),
            models.CheckConstraint(
                condition=Q(state=PaymentOrderState.DRAFT) | (Q(payments__gte=1, fen__gte=1) & Q(sha256__regex=r"^[0-9a-f]{64}$")),
                name="payment_order_pays_something",
            ),
        )

    def __str__(self) -> str:
        return self.number

    @property
    def file_name(self) -> str:
        """The name that the file is saved under."""
        return f"{self.number}.{'xml' if self.form == OrderForm.PAIN001 else 'csv'}"


class PaymentInstruction(models.Model):
    """One payment of an order, as it was told to the bank: once for ever by its end-to-end id.

    `kind` and `object_id` say what is paid, such as a payout; a second try has an end-to-end id of its own.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    order = models.ForeignKey(PaymentOrder, on_delete=models.PROTECT, related_name="instructions", editable=False)
    place = models.PositiveIntegerField(editable=False)
    end_to_end_id = models.CharField(max_length=35, unique=True, editable=False)
    kind = models.CharField(max_length=40, editable=False)
    object_id = models.UUIDField(editable=False)
    name = models.CharField(max_length=160, editable=False)
    account = models.CharField(max_length=64, editable=False)
    bank = models.CharField(max_length=120, blank=True, editable=False)
    fen = models.BigIntegerField(editable=False)

    class Meta:
        verbose_name = bi("付款指令", "payment instruction")
        constraints = (
            models.CheckConstraint(condition=Q(fen__gte=1, fen__lte=MAX_FEN), name="payment_instruction_pays_something"),
            models.UniqueConstraint(fields=["order", "place"], name="payment_instruction_one_at_a_place"),
        )
        indexes = (models.Index(fields=["kind", "object_id"], name="payment_instruction_of"),)

    def __str__(self) -> str:
        return self.end_to_end_id
