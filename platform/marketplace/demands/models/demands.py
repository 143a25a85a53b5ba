"""Demands, with what is confidential in a table of its own."""

from typing import Any, ClassVar

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models

from marketplace.accounts.models import Organisation
from marketplace.catalogue.models import IprStatus
from marketplace.common.codes import industries, readiness, regions
from marketplace.common.search import SearchField
from marketplace.common.text import bi, pick
from marketplace.demands.workflow import DEMAND, PUBLIC_DEMAND_STATES, DemandState
from marketplace.workflow.models import Stateful

LONGEST_TEXT = 20_000  # characters of one text in one language, as pages, API and files take it


class DemandMode(models.TextChoices):
    CLAIM = "claim", bi("领取任务（一口价）", "Claim (fixed price)")
    CHALLENGE = "challenge", bi("揭榜挂帅（密封投标）", "Open challenge (sealed bids)")


class Demand(Stateful):
    """What a company needs: everything here may be published; secrets are in DemandConfidential.

    Amounts are fen. A claim has one price (`budget_min_fen` equals `budget_max_fen`).
    `bid_public_key` seals bids; its private half is wrapped for the opener alone.
    """

    machine: ClassVar = DEMAND

    state = models.CharField(bi("状态", "State"), max_length=32, choices=DemandState, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="demands")
    ref = models.CharField(bi("单位内部编号", "Reference"), max_length=80, blank=True)
    content_hash = models.CharField(max_length=64, blank=True, editable=False)
    mode = models.CharField(bi("方式", "Mode"), max_length=10, choices=DemandMode, default=DemandMode.CHALLENGE)
    title_zh = models.CharField(bi("标题（中文）", "Title (Chinese)"), max_length=120, blank=True)
    title_en = models.CharField(bi("标题（英文）", "Title (English)"), max_length=200, blank=True)
    text_zh = models.TextField(bi("需求说明（中文）", "What is needed (Chinese)"), blank=True)
    text_en = models.TextField(bi("需求说明（英文）", "What is needed (English)"), blank=True)
    acceptance_zh = models.TextField(bi("验收标准（中文）", "Acceptance criteria (Chinese)"), blank=True)
    acceptance_en = models.TextField(bi("验收标准（英文）", "Acceptance criteria (English)"), blank=True)
    indicators = models.JSONField(bi("技术指标", "Indicators"), default=list, blank=True)
    keywords = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    industry_code = models.CharField(bi("行业", "Industry"), max_length=2, blank=True, db_index=True)
    region_code = models.CharField(bi("地区", "Region"), max_length=6, db_index=True)
    readiness_wanted = models.PositiveSmallIntegerField(
        bi("期望成熟度", "Readiness wanted"), null=True, blank=True, choices=readiness.choices
    )
    ipr_wanted = ArrayField(models.CharField(max_length=10), default=list, blank=True, verbose_name=bi("知识产权要求", "Protection wanted"))
    budget_min_fen = models.BigIntegerField(bi("预算下限（分）", "Budget from (fen)"), null=True, blank=True)
    budget_max_fen = models.BigIntegerField(bi("预算上限（分）", "Budget to (fen)"), null=True, blank=True)
    deadline = models.DateTimeField(bi("截止时间", "Deadline"), null=True, blank=True)
    opened_at = models.DateTimeField(null=True, editable=False)
    extended = models.BooleanField(default=False, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)
    review_note = models.TextField(bi("审核意见", "Reviewer's note"), blank=True, editable=False)
    bid_public_key = models.BinaryField(max_length=32, null=True, editable=False)
    bid_wrapped_key = models.BinaryField(max_length=200, null=True, editable=False)
    awarded_bid = models.ForeignKey("demands.Bid", on_delete=models.PROTECT, null=True, editable=False, related_name="+")
    search = SearchField(sources=("title_zh", "title_en", "text_zh", "text_en", "keywords"))

    class Meta:
        verbose_name = bi("需求", "demand")
        constraints = (
            models.CheckConstraint(condition=models.Q(state__in=DemandState.values), name="demand_state_is_known"),
            models.UniqueConstraint(fields=["organisation", "ref"], condition=~models.Q(ref=""), name="demand_ref_once_per_owner"),
            models.CheckConstraint(condition=~models.Q(title_zh="") | ~models.Q(title_en=""), name="demand_has_a_title"),
            models.CheckConstraint(
                condition=models.Q(budget_min_fen__isnull=True, budget_max_fen__isnull=True)
                | models.Q(budget_min_fen__gt=0, budget_max_fen__gte=models.F("budget_min_fen")),
                name="demand_budget_in_order",
            ),
            models.CheckConstraint(
                condition=~models.Q(mode=DemandMode.CLAIM)
                | models.Q(budget_min_fen=models.F("budget_max_fen"))
                | models.Q(budget_min_fen__isnull=True),
                name="demand_claim_has_one_price",
            ),
            models.CheckConstraint(condition=models.Q(ipr_wanted__contained_by=IprStatus.values), name="demand_protection_is_known"),
            models.CheckConstraint(
                condition=~models.Q(state__in=(DemandState.AWARDED, DemandState.CONTRACTED, DemandState.IN_PROGRESS, DemandState.COMPLETED))
                | models.Q(awarded_bid__isnull=False),
                name="demand_award_names_its_bid",
            ),
        )
        indexes = (
            models.Index(fields=["-id"], condition=models.Q(state__in=PUBLIC_DEMAND_STATES), name="demand_public_newest"),
            models.Index(fields=["organisation", "-id"], name="demand_by_owner"),
            models.Index(fields=["due_at"], condition=models.Q(due_at__isnull=False), name="demand_due"),
            GinIndex(fields=["search"], name="demand_search"),
            # What a condition of a match takes out is counted by this alone (services/counting.py).
            models.Index(
                fields=["budget_max_fen"],
                include=["ipr_wanted", "readiness_wanted", "region_code", "industry_code", "deadline"],
                condition=models.Q(state=DemandState.OPEN),
                name="demand_by_conditions",
            ),
        )

    def __str__(self) -> str:
        return self.title

    @property
    def title(self) -> str:
        return pick(self.title_zh, self.title_en)

    @property
    def text(self) -> str:
        return pick(self.text_zh, self.text_en)

    @property
    def acceptance(self) -> str:
        return pick(self.acceptance_zh, self.acceptance_en)

    @property
    def region_name(self) -> str:
        return regions.name_of(self.region_code)

    @property
    def industry_name(self) -> str:
        return industries.name_of(self.industry_code)

    @property
    def protection_names(self) -> list[str]:
        """The kinds of protection that would do, in the reader's language; none where any would."""
        return [str(IprStatus(value).label) for value in self.ipr_wanted]

    @property
    def is_public(self) -> bool:
        """Whether anyone at all may see it; what was once published stays in view."""
        return self.opened_at is not None

    def terms(self) -> dict[str, Any]:
        """The published terms as the ledger hashes them: one version of the demand."""
        return {
            "version": self.version,
            "mode": self.mode,
            "title_zh": self.title_zh,
            "title_en": self.title_en,
            "text_zh": self.text_zh,
            "text_en": self.text_en,
            "acceptance_zh": self.acceptance_zh,
            "acceptance_en": self.acceptance_en,
            "indicators": self.indicators,
            "industry_code": self.industry_code,
            "region_code": self.region_code,
            "readiness_wanted": self.readiness_wanted,
            # Only where it is wanted: terms from before demands could say so keep the hash that is on the ledger.
            **({"ipr_wanted": self.ipr_wanted} if self.ipr_wanted else {}),
            "budget_min_fen": self.budget_min_fen,
            "budget_max_fen": self.budget_max_fen,
            "deadline": self.deadline.isoformat() if self.deadline else None,
        }


class DemandConfidential(models.Model):
    """What only the poster, the awarded team and the reviewer may read."""

    demand = models.OneToOneField(Demand, on_delete=models.CASCADE, primary_key=True, related_name="confidential")
    details_zh = models.TextField(bi("保密说明（中文）", "Confidential details (Chinese)"), blank=True)
    details_en = models.TextField(bi("保密说明（英文）", "Confidential details (English)"), blank=True)
    contact_name = models.CharField(bi("联系人", "Contact"), max_length=60, blank=True)
    contact_phone = models.CharField(bi("联系电话", "Telephone"), max_length=30, blank=True)
    contact_email = models.EmailField(bi("联系邮箱", "E-mail"), blank=True)

    def __str__(self) -> str:
        return f"{self.demand_id}"
