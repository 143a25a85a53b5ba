"""Later revenue, and how each fen of it was divided."""

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q

from marketplace.accounts.models import Organisation
from marketplace.agreements.models.agreements import Agreement
from marketplace.agreements.workflow import REVENUE, RevenueState
from marketplace.common.ids import uuid7
from marketplace.common.models import StoredFile
from marketplace.common.text import bi
from marketplace.funding.models import Pledge
from marketplace.workflow.models import Stateful


class RevenueReport(Stateful):
    """Revenue of one period, in fen, of which `shared_fen` is divided by the agreement's tiers.

    `costs_fen` are the period's costs as the evidence shows them. Team and funders audit until `audit_until`. Once
    reported the amounts and the evidence stand: a wrong report is withdrawn and another made.
    """

    machine: ClassVar = REVENUE

    state = models.CharField(bi("状态", "State"), max_length=32, choices=RevenueState, editable=False)
    agreement = models.ForeignKey(Agreement, on_delete=models.PROTECT, related_name="revenue_reports")
    period_from = models.DateField(bi("期间自", "Period from"))
    period_to = models.DateField(bi("期间至", "Period to"))
    revenue_fen = models.BigIntegerField(bi("收入（分）", "Revenue (fen)"))
    costs_fen = models.BigIntegerField(bi("有凭证的成本（分）", "Evidenced costs (fen)"), default=0)
    shared_fen = models.BigIntegerField(bi("可分配金额（分）", "To be shared (fen)"))
    evidence = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")
    note = models.TextField(blank=True)
    audit_until = models.DateTimeField(bi("审查截止", "Audit until"), null=True, editable=False)
    contested_by = models.ForeignKey(Organisation, on_delete=models.PROTECT, null=True, editable=False, related_name="+")
    approved_by = models.UUIDField(null=True, editable=False)

    class Meta:
        verbose_name = bi("收益申报", "revenue report")
        constraints = (
            models.CheckConstraint(condition=Q(state__in=RevenueState.values), name="revenue_state_is_known"),
            models.CheckConstraint(condition=Q(period_from__lte=models.F("period_to")), name="revenue_period_in_order"),
            models.CheckConstraint(
                condition=Q(shared_fen__gt=0, shared_fen__lte=models.F("revenue_fen"), costs_fen__gte=0), name="revenue_share_within"
            ),
            models.CheckConstraint(
                condition=Q(state=RevenueState.DRAFT) | Q(audit_until__isnull=False), name="revenue_reported_can_be_audited"
            ),
            models.UniqueConstraint(
                fields=["agreement", "period_from"], condition=~Q(state=RevenueState.REJECTED), name="revenue_one_report_per_period"
            ),
        )
        indexes = (models.Index(fields=["due_at"], condition=Q(due_at__isnull=False), name="revenue_due"),)

    def __str__(self) -> str:
        return f"{self.agreement.title} · {self.period_from} – {self.period_to}"

    @property
    def region_code(self) -> str:
        return self.agreement.region_code


class Tier(models.IntegerChoices):
    """The order in which a report's amount is divided."""

    COSTS = 1, bi("一、成本", "1. Costs")
    FUNDERS = 2, bi("二、出资方", "2. Funders")
    REST = 3, bi("三、其余", "3. The rest")


class Share(models.TextChoices):
    """As what somebody receives a part."""

    COMPANY = "company", bi("企业成本", "The company's costs")
    FUNDER = "funder", bi("出资方", "Funder")
    INVENTOR = "inventor", bi("成果完成人（由所在单位支付）", "Inventors (paid by their institution)")
    UNIT = "unit", bi("成果所在单位", "Institution")
    REGION = "region", bi("地区", "Region")


REST = (Share.INVENTOR, Share.UNIT, Share.REGION)


class Distribution(models.Model):
    """One line of one report: who received how many fen, in which tier; a funder's line names the pledge it is traced to.

    A line is never changed or taken out.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    report = models.ForeignKey(RevenueReport, on_delete=models.PROTECT, related_name="distributions")
    number = models.PositiveSmallIntegerField()
    tier = models.PositiveSmallIntegerField()
    role = models.CharField(max_length=8)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    pledge = models.ForeignKey(Pledge, on_delete=models.PROTECT, null=True, related_name="+")
    fen = models.BigIntegerField()

    class Meta:
        verbose_name = bi("分配", "distribution")
        ordering = ("number",)
        constraints = (
            models.CheckConstraint(condition=Q(fen__gt=0), name="distribution_is_something"),
            models.CheckConstraint(
                condition=Q(tier=Tier.COSTS, role=Share.COMPANY, pledge=None)
                | Q(tier=Tier.FUNDERS, role=Share.FUNDER, pledge__isnull=False)
                | Q(tier=Tier.REST, role__in=REST, pledge=None),
                name="distribution_tier_fits",
            ),
            models.UniqueConstraint(fields=["report", "number"], name="distribution_in_order"),
            models.UniqueConstraint(fields=["report", "role", "pledge"], nulls_distinct=False, name="distribution_once"),
        )

    @property
    def tier_label(self) -> Any:
        return Tier(self.tier).label

    @property
    def role_label(self) -> Any:
        return Share(self.role).label

    def __str__(self) -> str:
        return f"{self.report_id} {self.role} {self.fen}"
