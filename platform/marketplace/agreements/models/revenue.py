"""Later revenue and how each fen of it was shared."""

from typing import Any, ClassVar

from django.db import models

from marketplace.accounts.models import Organisation
from marketplace.agreements.models.agreements import Agreement, PartyRole
from marketplace.agreements.workflow import REVENUE, RevenueState
from marketplace.common.ids import uuid7
from marketplace.common.models import StoredFile
from marketplace.common.text import bi
from marketplace.workflow.models import Stateful


class RevenueReport(Stateful):
    """Revenue of one period, in fen, of which `shared_fen` is to be divided by the agreed shares."""

    machine: ClassVar = REVENUE

    state = models.CharField(bi("状态", "State"), max_length=32, choices=RevenueState, editable=False)
    agreement = models.ForeignKey(Agreement, on_delete=models.PROTECT, related_name="revenue_reports")
    period_from = models.DateField(bi("期间自", "Period from"))
    period_to = models.DateField(bi("期间至", "Period to"))
    revenue_fen = models.BigIntegerField(bi("收入（分）", "Revenue (fen)"))
    shared_fen = models.BigIntegerField(bi("可分配金额（分）", "To be shared (fen)"))
    evidence = models.ForeignKey(StoredFile, on_delete=models.PROTECT, null=True, related_name="+")
    note = models.TextField(blank=True)
    approved_by = models.UUIDField(null=True, editable=False)

    class Meta:
        verbose_name = bi("收益申报", "revenue report")
        constraints = (
            models.CheckConstraint(condition=models.Q(state__in=RevenueState.values), name="revenue_state_is_known"),
            models.CheckConstraint(condition=models.Q(period_from__lte=models.F("period_to")), name="revenue_period_in_order"),
            models.CheckConstraint(
                condition=models.Q(shared_fen__gt=0, shared_fen__lte=models.F("revenue_fen")), name="revenue_share_within"
            ),
            models.UniqueConstraint(
                fields=["agreement", "period_from"], condition=~models.Q(state=RevenueState.REJECTED), name="revenue_one_report_per_period"
            ),
        )
        indexes = (models.Index(fields=["due_at"], condition=models.Q(due_at__isnull=False), name="revenue_due"),)

    def __str__(self) -> str:
        return f"{self.period_from} – {self.period_to}"

    @property
    def region_code(self) -> str:
        return self.agreement.region_code


class Distribution(models.Model):
    """One party's part of one report; a funder's part names the pledge it is traced to."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    report = models.ForeignKey(RevenueReport, on_delete=models.PROTECT, related_name="distributions")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    role = models.CharField(max_length=8)
    pledge_id = models.UUIDField(null=True)
    fen = models.BigIntegerField()

    class Meta:
        verbose_name = bi("分配", "distribution")
        constraints = (
            models.CheckConstraint(condition=models.Q(fen__gte=0), name="distribution_not_negative"),
            models.UniqueConstraint(fields=["report", "organisation", "pledge_id"], nulls_distinct=False, name="distribution_once"),
        )

    @property
    def role_label(self) -> Any:
        return PartyRole(self.role).label

    def __str__(self) -> str:
        return f"{self.report_id} {self.role} {self.fen}"
