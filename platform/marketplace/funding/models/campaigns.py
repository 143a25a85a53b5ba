"""Campaigns: what institutions may pledge to, by invitation only."""

from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q

from marketplace.accounts.models import Organisation
from marketplace.common.text import bi, pick
from marketplace.demands.models import Demand
from marketplace.funding import risk
from marketplace.funding.terms import Instrument
from marketplace.funding.workflow import CAMPAIGN, CampaignState
from marketplace.workflow.models import Stateful

# Over 200 specific persons an offer would be public (Securities Law of the PRC, article 9).
MOST_FUNDERS = 200
LONGEST_TEXT = 20_000  # characters, in either language
ENDED = (CampaignState.REJECTED, CampaignState.CLOSED, CampaignState.FAILED_CLOSED, CampaignState.CANCELLED_CLOSED)


class Campaign(Stateful):
    """Money for one awarded demand from invited funders. Amounts are fen.

    `held_fen` is the sum of pledges cooling off or firm, `captured_fen` of those captured, `matched_fen` of what pools
    have added to either; they change with the pledges by conditional update and together never pass `optimum_fen`. `terms` are those
    of its `instrument` as `terms.cleaned` made them, `terms_sha256` their hash. `milestones` is a list of {title_zh, title_en,
    days, share_bp} taken from the awarded bid at submission: when the money is paid out; what it buys are its `use_of_funds` lines.
    """

    machine: ClassVar = CAMPAIGN

    state = models.CharField(bi("状态", "State"), max_length=32, choices=CampaignState, editable=False)
    demand = models.ForeignKey(Demand, on_delete=models.PROTECT, related_name="campaigns")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="campaigns")
    title_zh = models.CharField(bi("标题（中文）", "Title (Chinese)"), max_length=120, blank=True)
    title_en = models.CharField(bi("标题（英文）", "Title (English)"), max_length=200, blank=True)
    text_zh = models.TextField(bi("说明（中文）", "Text (Chinese)"), blank=True)
    text_en = models.TextField(bi("说明（英文）", "Text (English)"), blank=True)
    instrument = models.CharField(bi("出资方式", "Instrument"), max_length=20, choices=Instrument, blank=True, editable=False)
    terms = models.JSONField(bi("条款", "Terms"), default=dict, blank=True, editable=False)
    terms_sha256 = models.CharField(bi("条款哈希", "Hash of the terms"), max_length=64, blank=True, editable=False)
    milestones = models.JSONField(default=list, editable=False)
    minimum_fen = models.BigIntegerField(bi("最低目标（分）", "Minimum (fen)"))
    optimum_fen = models.BigIntegerField(bi("最优目标（分）", "Optimum (fen)"), help_text="The cap: not a fen more is taken.")
    funder_min_fen = models.BigIntegerField(bi("单笔下限（分）", "Least per funder (fen)"))
    funder_max_fen = models.BigIntegerField(bi("单笔上限（分）", "Most per funder (fen)"))
    max_funders = models.PositiveSmallIntegerField(bi("出资方上限", "Most funders"))
    deadline = models.DateTimeField(bi("截止时间", "Deadline"))
    invited = models.ManyToManyField(Organisation, related_name="invited_to", blank=True)
    risk_version = models.CharField(max_length=20, default=risk.VERSION, editable=False)
    held_fen = models.BigIntegerField(default=0, editable=False)
    captured_fen = models.BigIntegerField(default=0, editable=False)
    matched_fen = models.BigIntegerField(default=0, editable=False)
    opened_at = models.DateTimeField(null=True, editable=False)
    clears_at = models.DateTimeField(null=True, editable=False)
    extension_until = models.DateTimeField(bi("申请延期至", "More time asked for until"), null=True, editable=False)
    extension_reason = models.TextField(bi("延期理由", "Why more time is asked for"), blank=True, default="", editable=False)
    extended_from = models.DateTimeField(bi("原截止时间", "First deadline"), null=True, editable=False)
    close_asked_at = models.DateTimeField(bi("征询提前截止", "Asked for an early close"), null=True, editable=False)
    review_note = models.TextField(bi("审核意见", "Reviewer's note"), blank=True, editable=False)

    class Meta:
        verbose_name = bi("募资项目", "campaign")
        constraints = (
            models.CheckConstraint(condition=Q(state__in=CampaignState.values), name="campaign_state_is_known"),
            models.CheckConstraint(condition=~Q(title_zh="") | ~Q(title_en=""), name="campaign_has_a_title"),
            models.CheckConstraint(condition=Q(instrument__in=("", *Instrument.values)), name="campaign_instrument_is_known"),
            models.CheckConstraint(condition=Q(minimum_fen__gt=0, optimum_fen__gte=F("minimum_fen")), name="campaign_goals_in_order"),
            models.CheckConstraint(
                condition=Q(funder_min_fen__gt=0, funder_max_fen__gte=F("funder_min_fen"), funder_max_fen__lte=F("optimum_fen")),
                name="campaign_funder_limits_in_order",
            ),
            models.CheckConstraint(condition=Q(max_funders__gte=1, max_funders__lte=MOST_FUNDERS), name="campaign_is_not_public"),
            models.CheckConstraint(
                condition=Q(
                    held_fen__gte=0,
                    captured_fen__gte=0,
                    matched_fen__gte=0,
                    held_fen__lte=F("optimum_fen") - F("captured_fen") - F("matched_fen"),
                ),
                name="campaign_never_over_its_cap",
            ),
            models.CheckConstraint(
                condition=Q(matched_fen__lte=F("optimum_fen") - F("minimum_fen")), name="campaign_pools_leave_the_minimum"
            ),
            models.UniqueConstraint(fields=["demand"], condition=~Q(state__in=ENDED), name="campaign_one_alive_per_demand"),
        )
        indexes = (
            models.Index(fields=["organisation", "-id"], name="campaign_by_owner"),
            models.Index(fields=["due_at"], condition=Q(due_at__isnull=False), name="campaign_due"),
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
    def region_code(self) -> str:
        """A campaign is reviewed where its demand is."""
        return self.demand.region_code

    @property
    def written_terms(self) -> dict[str, Any] | None:
        """The terms, or None while a draft has none."""
        return self.terms or None

    @property
    def left_fen(self) -> int:
        """How much may still be pledged."""
        return self.optimum_fen - self.held_fen - self.captured_fen - self.matched_fen

    @property
    def room_for_pools_fen(self) -> int:
        """How much pools may still add: what the pledges, or the minimum where they are still under it, leave of the optimum."""
        return self.optimum_fen - max(self.minimum_fen, self.held_fen + self.captured_fen) - self.matched_fen

    @property
    def risk_statement(self) -> Any:
        """The wording that funders of this campaign accept."""
        return risk.text(self.risk_version)
