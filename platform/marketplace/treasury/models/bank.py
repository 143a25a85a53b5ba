"""What the bank says: statements, their lines, and the references by which payers are known."""

from typing import ClassVar
from zoneinfo import ZoneInfo

from django.db import models
from django.db.models.functions import Now

from marketplace.accounts.models import Organisation
from marketplace.common.ids import uuid7
from marketplace.common.text import bi
from marketplace.treasury.models.books import MAX_FEN

# The custody bank's day: a statement's dates and times without an offset are Beijing's.
BEIJING = ZoneInfo("Asia/Shanghai")
CHARGE_BACK = "charge_back"


class TopUpReference(models.Model):
    """The standing code that an organisation writes into its bank transfers, so that they find its wallet."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    organisation = models.OneToOneField(Organisation, on_delete=models.PROTECT, related_name="+")
    code = models.CharField(max_length=12, unique=True)
    created_at = models.DateTimeField(editable=False)

    class Meta:
        verbose_name = bi("充值附言码", "top-up reference")

    def __str__(self) -> str:
        return self.code


class BankStatement(models.Model):
    """One imported file, known by its SHA-256; `faults` lists the lines that could not be read."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField(max_length=255)
    sha256 = models.CharField(max_length=64, unique=True)
    imported_by = models.UUIDField()
    created_at = models.DateTimeField(editable=False)
    lines_known = models.PositiveIntegerField(default=0, help_text="Lines that an earlier statement had brought.")
    faults = models.JSONField(default=list)
    closing_fen = models.BigIntegerField(null=True, help_text="The balance that the bank says the account closed with, where it says one.")
    closing_on = models.DateField(null=True)

    class Meta:
        verbose_name = bi("银行对账单", "bank statement")

    def __str__(self) -> str:
        return self.name


class Direction(models.TextChoices):
    IN = "in", bi("收入", "In")
    OUT = "out", bi("支出", "Out")


class StatementLine(models.Model):
    """One line of the bank's account, once for ever by the bank's own id.

    What the bank said never changes (a trigger sees to it). A line waits until it is matched: a line
    in to an organisation's wallet, a line out to whatever paid it. Its id is also the ledger intent
    and the transfer group of the top-up that books it.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    statement = models.ForeignKey(BankStatement, on_delete=models.PROTECT, related_name="lines")
    number = models.PositiveIntegerField(help_text="The line of the file, or the entry of an XML file, from 1.")
    bank_line_id = models.CharField(max_length=64, unique=True)
    booked_at = models.DateTimeField()
    fen = models.BigIntegerField()
    direction = models.CharField(max_length=3, choices=Direction)
    payer_name = models.CharField(max_length=200, blank=True)
    payer_account = models.CharField(max_length=64, blank=True)
    reference = models.CharField(max_length=400, blank=True)
    matched_kind = models.CharField(max_length=40, blank=True)
    matched_id = models.UUIDField(null=True)
    matched_at = models.DateTimeField(null=True)
    matched_by = models.UUIDField(null=True, help_text="The finance officer; empty when the reference matched by itself.")
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        verbose_name = bi("对账单明细", "statement line")
        indexes: ClassVar = [
            models.Index(fields=["direction", "id"], name="statement_line_waiting", condition=models.Q(matched_at=None)),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(fen__gte=1, fen__lte=MAX_FEN), name="statement_line_moves_something"),
            models.CheckConstraint(condition=models.Q(direction__in=Direction.values), name="statement_line_direction_is_known"),
            models.CheckConstraint(
                condition=models.Q(matched_at=None, matched_id=None, matched_kind="", matched_by=None)
                | (models.Q(matched_at__isnull=False, matched_id__isnull=False) & ~models.Q(matched_kind="")),
                name="statement_line_matched_wholly",
            ),
            # A top-up is taken back once: such a line's `matched_id` is the line that brought the money.
            models.UniqueConstraint(
                fields=["matched_id"], condition=models.Q(matched_kind=CHARGE_BACK), name="statement_line_charged_back_once"
            ),
        ]

    def __str__(self) -> str:
        return self.bank_line_id

    @property
    def is_waiting(self) -> bool:
        """Whether nobody has said yet what this money is."""
        return self.matched_at is None
