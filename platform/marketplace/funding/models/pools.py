"""Matching pools: an institution's money that tops up others' pledges by a rule, and what it has added to each."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from marketplace.accounts.models import Organisation
from marketplace.common.text import bi, pick
from marketplace.demands.models import Demand
from marketplace.funding.models.pledges import Pledge
from marketplace.funding.pool_workflow import POOL, PoolState
from marketplace.treasury.models import Transfer
from marketplace.workflow.models import Stateful

MOST_RATIO_BP = 20_000  # two fen for one


class MatchingPool(Stateful):
    """The rule by which a pool adds to pledges; amounts are fen. Its terms never change, which a trigger keeps too.

    To each fen of a pledge `ratio_bp` ten-thousandths are added, within the caps. `regions` are codes of
    provinces (two digits) or districts (six), `industries` divisions of GB/T 4754; empty means all. The money itself
    stands in the pool's own account of the treasury.
    """

    machine: ClassVar = POOL

    state = models.CharField(bi("状态", "State"), max_length=32, choices=PoolState, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="pools", editable=False)
    name_zh = models.CharField(bi("名称（中文）", "Name (Chinese)"), max_length=80, blank=True)
    name_en = models.CharField(bi("名称（英文）", "Name (English)"), max_length=120, blank=True)
    ratio_bp = models.PositiveIntegerField(bi("配套比例（基点）", "Ratio (basis points)"))
    pledge_cap_fen = models.BigIntegerField(bi("单笔上限（分）", "Most per pledge (fen)"))
    campaign_cap_fen = models.BigIntegerField(bi("单个项目上限（分）", "Most per campaign (fen)"))
    funder_cap_fen = models.BigIntegerField(bi("单家机构上限（分）", "Most per funder (fen)"))
    regions = ArrayField(models.CharField(max_length=6), default=list, blank=True)
    industries = ArrayField(models.CharField(max_length=2), default=list, blank=True)
    until = models.DateTimeField(bi("截止时间", "Until"))

    class Meta:
        verbose_name = bi("引导基金", "matching pool")
        constraints = (
            models.CheckConstraint(condition=Q(state__in=PoolState.values), name="pool_state_is_known"),
            models.CheckConstraint(condition=~Q(name_zh="") | ~Q(name_en=""), name="pool_has_a_name"),
            models.CheckConstraint(condition=Q(ratio_bp__gte=1, ratio_bp__lte=MOST_RATIO_BP), name="pool_ratio_in_bounds"),
            models.CheckConstraint(
                condition=Q(pledge_cap_fen__gt=0, campaign_cap_fen__gte=F("pledge_cap_fen"), funder_cap_fen__gte=F("pledge_cap_fen")),
                name="pool_caps_in_order",
            ),
        )
        indexes = (
            models.Index(fields=["organisation", "-id"], name="pool_by_owner"),
            models.Index(fields=["due_at"], condition=Q(due_at__isnull=False), name="pool_due"),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        return pick(self.name_zh, self.name_en)

    @property
    def region_code(self) -> str:
        return self.organisation.region_code

    def covers(self, demand: Demand) -> bool:
        """Whether the demand's region and industry are within the pool's purpose."""
        here = not self.regions or demand.region_code.startswith(tuple(self.regions))
        return here and (not self.industries or demand.industry_code in self.industries)


class PoolScope(models.TextChoices):
    CAMPAIGN = "campaign", bi("项目", "Campaign")
    FUNDER = "funder", bi("机构", "Funder")


class PoolUse(models.Model):
    """What a pool has added in one campaign, or to one funder's pledges, against that cap; counted by conditional update."""

    id = models.BigAutoField(primary_key=True)
    pool = models.ForeignKey(MatchingPool, on_delete=models.PROTECT, related_name="uses", editable=False)
    scope = models.CharField(max_length=8, choices=PoolScope, editable=False)
    subject_id = models.UUIDField(editable=False, help_text="The campaign or the funder.")
    fen = models.BigIntegerField(default=0, editable=False)
    cap_fen = models.BigIntegerField(editable=False)

    class Meta:
        verbose_name = bi("引导基金用量", "use of a matching pool")
        constraints = (
            models.CheckConstraint(condition=Q(scope__in=PoolScope.values), name="pool_use_scope_is_known"),
            models.CheckConstraint(condition=Q(fen__gte=0, fen__lte=F("cap_fen")), name="pool_use_within_its_cap"),
            models.UniqueConstraint(fields=["pool", "scope", "subject_id"], name="pool_use_once_per_subject"),
        )
        indexes = (models.Index(fields=["scope", "subject_id"], name="pool_use_of"),)

    def __str__(self) -> str:
        return f"{self.scope} {self.subject_id}"


class TopUp(models.Model):
    """What one pool adds to one pledge: held, captured and returned with it. `hold` is on the pool's account."""

    id = models.BigAutoField(primary_key=True)
    pool = models.ForeignKey(MatchingPool, on_delete=models.PROTECT, related_name="top_ups", editable=False)
    pledge = models.OneToOneField(Pledge, on_delete=models.PROTECT, related_name="top_up", editable=False)
    hold = models.OneToOneField(Transfer, on_delete=models.PROTECT, related_name="+", editable=False)
    fen = models.BigIntegerField(editable=False)
    captured_fen = models.BigIntegerField(default=0, editable=False)
    refunded_fen = models.BigIntegerField(default=0, editable=False)
    created_at = models.DateTimeField(editable=False)

    class Meta:
        verbose_name = bi("配套资金", "top-up")
        constraints = (
            models.CheckConstraint(condition=Q(fen__gt=0), name="top_up_is_positive"),
            models.CheckConstraint(
                condition=Q(captured_fen__gte=0, captured_fen__lte=F("fen"), refunded_fen__gte=0, refunded_fen__lte=F("captured_fen")),
                name="top_up_amounts_in_order",
            ),
        )

    def __str__(self) -> str:
        return f"{self.fen}"
