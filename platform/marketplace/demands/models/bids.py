"""Bids: ciphertext until the opener has opened them, then the plain offer."""

from typing import Any, ClassVar

from django.db import models

from marketplace.accounts.models import Organisation
from marketplace.catalogue.models import Team
from marketplace.common.text import bi
from marketplace.demands.models.demands import Demand
from marketplace.demands.workflow import BID, BidState
from marketplace.workflow.models import Stateful

ACTIVE = (BidState.SEALED, BidState.OPENED, BidState.SELECTED)


class RefusalReason(models.TextChoices):
    """Why a bid was not selected; one is always given."""

    PRICE = "price", bi("报价偏高", "Price")
    PLAN = "plan", bi("技术路线不够匹配", "The technical plan fits less well")
    SCHEDULE = "schedule", bi("周期偏长", "Schedule")
    EXPERIENCE = "experience", bi("相关经验不足", "Experience")
    READINESS = "readiness", bi("成熟度不足", "Readiness")
    OTHER = "other", bi("其他", "Other")


class Bid(Stateful):
    """One team's offer for one demand.

    While sealed, `sealed` holds only ciphertext for the demand's key and `commitment` is the
    salted HMAC-SHA-256 that the ledger carries; the plain columns are filled at opening.
    `milestones` is a list of {title_zh, title_en, days, share_bp}, the shares summing to 10,000.
    """

    machine: ClassVar = BID

    state = models.CharField(bi("状态", "State"), max_length=32, choices=BidState, editable=False)
    demand = models.ForeignKey(Demand, on_delete=models.PROTECT, related_name="bids")
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="bids")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="bids")
    sealed = models.BinaryField(null=True, editable=False)
    commitment = models.CharField(max_length=64, blank=True, editable=False)
    salt = models.CharField(max_length=64, blank=True, editable=False)
    price_fen = models.BigIntegerField(bi("报价（分）", "Price (fen)"), null=True, editable=False)
    plan_zh = models.TextField(bi("方案（中文）", "Plan (Chinese)"), blank=True, editable=False)
    plan_en = models.TextField(bi("方案（英文）", "Plan (English)"), blank=True, editable=False)
    milestones = models.JSONField(default=list, editable=False)
    refusal_reason = models.CharField(max_length=12, choices=RefusalReason, blank=True, editable=False)
    refusal_text = models.TextField(blank=True, editable=False)

    class Meta:
        verbose_name = bi("投标", "bid")
        constraints = (
            models.CheckConstraint(condition=models.Q(state__in=BidState.values), name="bid_state_is_known"),
            models.UniqueConstraint(fields=["demand", "team"], condition=models.Q(state__in=ACTIVE), name="bid_one_active_per_team"),
            models.CheckConstraint(
                condition=~models.Q(state=BidState.SEALED)
                | models.Q(sealed__isnull=False, price_fen__isnull=True, plan_zh="", plan_en="", salt=""),
                name="bid_sealed_holds_no_plain_text",
            ),
            models.CheckConstraint(condition=models.Q(price_fen__isnull=True) | models.Q(price_fen__gt=0), name="bid_price_is_positive"),
            models.CheckConstraint(
                condition=~models.Q(state=BidState.NOT_SELECTED) | ~models.Q(refusal_reason=""), name="bid_refusal_has_a_reason"
            ),
        )
        indexes = (
            models.Index(fields=["demand", "state"], name="bid_by_demand"),
            models.Index(fields=["organisation", "-id"], name="bid_by_organisation"),
        )

    def __str__(self) -> str:
        return f"{self.demand_id} ← {self.team_id}"

    @property
    def region_code(self) -> str:
        """A bid is reviewed where its demand is."""
        return self.demand.region_code

    @property
    def refusal_label(self) -> Any:
        return dict(RefusalReason.choices).get(self.refusal_reason, "")
