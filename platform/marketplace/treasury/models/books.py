"""The books: accounts and transfers.

The triggers that keep them true stand in migrations 0002, 0009 and 0019. What a column may hold by itself (kinds, currency, amount,
code), and which accounts have an owner, migration 0019 says to the database: a kind that is added here is added to its domain there.
"""

from typing import ClassVar

from django.db import models

from marketplace.common.ids import uuid7
from marketplace.common.text import bi

MAX_FEN = 2**53 - 1  # what a ledger entry's JSON can carry exactly


class AccountKind(models.TextChoices):
    CUSTODY = "custody", bi("银行存管", "Bank custody")
    WALLET = "wallet", bi("单位钱包", "Organisation wallet")
    MATCHING_POOL = "matching_pool", bi("引导基金", "Matching pool")
    CAMPAIGN_ESCROW = "campaign_escrow", bi("募资监管", "Campaign escrow")
    AGREEMENT_ESCROW = "agreement_escrow", bi("协议托管", "Agreement escrow")
    DEPOSIT = "deposit", bi("诚意金", "Earnest deposit")
    DISPUTED = "disputed", bi("争议冻结", "Disputed")
    PAYABLE = "payable", bi("应付未划", "Payable")
    REVENUE = "revenue", bi("收入分成", "Revenue share")
    DEBT = "debt", bi("单位欠款", "Organisation's debt")
    IN_TRANSIT = "in_transit", bi("划付在途", "In transit")
    FEE = "fee", bi("平台费", "Platform fee")


BELOW_ZERO = (AccountKind.CUSTODY, AccountKind.DEBT)


class Account(models.Model):
    """One purse of the books; its four totals are changed by the transfers' trigger and by nothing else.

    Totals in fen since the account was opened: `posted_in` and `posted_out` have moved, `pending_in`
    and `pending_out` are held. `owner_id` is the organisation, campaign or agreement it belongs to.
    Custody mirrors the bank's account: money enters the books out of it, so it may go below zero. A debt is
    what the bank took back of an organisation's money after that was spent: below zero by what is owed, never above.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    kind = models.CharField(max_length=16, choices=AccountKind, editable=False)
    owner_id = models.UUIDField(null=True, editable=False)
    currency = models.CharField(max_length=3, default="CNY", editable=False)
    posted_in = models.BigIntegerField(default=0, editable=False)
    posted_out = models.BigIntegerField(default=0, editable=False)
    pending_in = models.BigIntegerField(default=0, editable=False)
    pending_out = models.BigIntegerField(default=0, editable=False)
    created_at = models.DateTimeField(editable=False)

    class Meta:
        verbose_name = bi("账户", "account")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["kind", "owner_id", "currency"], nulls_distinct=False, name="account_one_of_its_kind"),
            models.CheckConstraint(
                condition=models.Q(posted_in__gte=0, posted_out__gte=0, pending_in__gte=0, pending_out__gte=0),
                name="account_totals_not_negative",
            ),
            models.CheckConstraint(
                condition=models.Q(kind__in=BELOW_ZERO) | models.Q(posted_in__gte=models.F("posted_out") + models.F("pending_out")),
                name="account_available_not_negative",
            ),
            models.CheckConstraint(
                condition=~models.Q(kind=AccountKind.DEBT) | models.Q(posted_out__gte=models.F("posted_in") + models.F("pending_in")),
                name="account_debt_repaid_at_most",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.owner_id or ''}".strip()

    @property
    def is_debit_normal(self) -> bool:
        """Whether the balance is what went out: true of custody, which mirrors an asset at the bank."""
        return self.kind == AccountKind.CUSTODY


class TransferKind(models.TextChoices):
    POSTED = "posted", bi("入账", "Posted")
    PENDING = "pending", bi("冻结", "Held")
    POST = "post", bi("冻结转入账", "Hold posted")
    VOID = "void", bi("解冻", "Hold voided")
    EXPIRE = "expire", bi("到期解冻", "Hold expired")


RESOLUTIONS = (TransferKind.POST, TransferKind.VOID, TransferKind.EXPIRE)


class Transfer(models.Model):
    """So many fen from one account to another: balanced by construction, never edited, corrected only by another.

    A `pending` transfer is a hold on its source; `post`, `void` or `expire` resolves it, at most once.
    A `post` may be of less than the hold: the rest is free again. `group_id` is the ledger intent's id.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    group_id = models.UUIDField(editable=False)
    kind = models.CharField(max_length=8, choices=TransferKind, editable=False)
    source = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False)
    target = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False)
    fen = models.BigIntegerField(editable=False)
    currency = models.CharField(max_length=3, default="CNY", editable=False)
    pending = models.OneToOneField("self", on_delete=models.PROTECT, null=True, editable=False, related_name="resolution")
    code = models.CharField(max_length=60, editable=False)
    created_at = models.DateTimeField(editable=False)

    class Meta:
        verbose_name = bi("转账", "transfer")
        indexes: ClassVar = [
            models.Index(fields=["group_id"], name="transfer_by_group"),
            models.Index(fields=["source", "-id"], name="transfer_by_source"),
            models.Index(fields=["target", "-id"], name="transfer_by_target"),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(condition=~models.Q(source=models.F("target")), name="transfer_between_two_accounts"),
            models.CheckConstraint(
                condition=models.Q(kind__in=RESOLUTIONS, pending__isnull=False)
                | (~models.Q(kind__in=RESOLUTIONS) & models.Q(pending__isnull=True)),
                name="transfer_resolves_a_hold",
            ),
            models.UniqueConstraint(
                fields=["group_id"], condition=models.Q(code="treasury.topup"), name="transfer_one_top_up_per_bank_line"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.fen}"
