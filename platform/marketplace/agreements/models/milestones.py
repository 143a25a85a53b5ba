"""Milestones: what is delivered, when, and how much of each source it releases."""

from typing import ClassVar

from django.db import models

from marketplace.agreements.models.agreements import Agreement
from marketplace.agreements.workflow import MILESTONE, MilestoneState
from marketplace.common.models import StoredFile
from marketplace.common.text import bi, pick
from marketplace.workflow.models import Stateful

MAX_REVISIONS = 2


class Milestone(Stateful):
    """One delivery. `fen` = `company_fen` + `campaign_fen`, frozen at signing; `fee_fen` of it is the fee."""

    machine: ClassVar = MILESTONE

    state = models.CharField(bi("状态", "State"), max_length=32, choices=MilestoneState, editable=False)
    agreement = models.ForeignKey(Agreement, on_delete=models.PROTECT, related_name="milestones")
    ordinal = models.PositiveSmallIntegerField(editable=False)
    title_zh = models.CharField(max_length=200, blank=True)
    title_en = models.CharField(max_length=200, blank=True)
    days = models.PositiveIntegerField()
    share_bp = models.PositiveSmallIntegerField()
    fen = models.BigIntegerField()
    company_fen = models.BigIntegerField()
    campaign_fen = models.BigIntegerField()
    fee_fen = models.BigIntegerField()
    deliver_by = models.DateTimeField(null=True, editable=False)
    deliverable = models.ForeignKey(StoredFile, on_delete=models.PROTECT, null=True, related_name="+")
    delivery_note = models.TextField(blank=True)
    revisions = models.PositiveSmallIntegerField(default=0, editable=False)
    review_note = models.TextField(blank=True, editable=False)

    class Meta:
        verbose_name = bi("里程碑", "milestone")
        ordering = ("ordinal",)
        constraints = (
            models.CheckConstraint(condition=models.Q(state__in=MilestoneState.values), name="milestone_state_is_known"),
            models.UniqueConstraint(fields=["agreement", "ordinal"], name="milestone_in_order"),
            models.CheckConstraint(
                condition=models.Q(company_fen__gte=0, campaign_fen__gte=0, fee_fen__gte=0, fee_fen__lte=models.F("fen"))
                & models.Q(fen=models.F("company_fen") + models.F("campaign_fen")),
                name="milestone_sources_make_the_amount",
            ),
            models.CheckConstraint(condition=models.Q(revisions__lte=MAX_REVISIONS), name="milestone_revisions_are_bounded"),
        )
        indexes = (models.Index(fields=["due_at"], condition=models.Q(due_at__isnull=False), name="milestone_due"),)

    def __str__(self) -> str:
        return self.title

    @property
    def title(self) -> str:
        return pick(self.title_zh, self.title_en)

    @property
    def region_code(self) -> str:
        return self.agreement.region_code

    @property
    def net_fen(self) -> int:
        """What the team receives: the amount less the fee."""
        return self.fen - self.fee_fen
