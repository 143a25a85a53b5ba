"""Pledges: one organisation's promise to one campaign, backed by a hold on its wallet."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from marketplace.accounts.models import Organisation
from marketplace.common.money import yuan
from marketplace.common.text import bi
from marketplace.funding.models.campaigns import Campaign
from marketplace.funding.models.suitability import Suitability
from marketplace.funding.workflow import PLEDGE, PledgeState
from marketplace.treasury.models import Transfer
from marketplace.workflow.models import Stateful

ALIVE = (PledgeState.COOLING_OFF, PledgeState.FIRM, PledgeState.CAPTURED, PledgeState.PARTIALLY_REFUNDED)


class Pledge(Stateful):
    """So many fen from one funder. Sealed in the ledger: the public cannot tell who pledged what.

    `hold` is the pending transfer from the funder's wallet to the campaign's escrow. Who accepted
    the risk statement and the terms is kept by erasable reference, beside its version, their hash, the moment and the
    suitability assessment that it rests on; the database asks for assessment and hash.
    """

    machine: ClassVar = PLEDGE

    state = models.CharField(bi("状态", "State"), max_length=32, choices=PledgeState, editable=False)
    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="pledges")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="pledges")
    fen = models.BigIntegerField(bi("金额（分）", "Amount (fen)"))
    captured_fen = models.BigIntegerField(default=0, editable=False)
    refunded_fen = models.BigIntegerField(default=0, editable=False)
    hold = models.OneToOneField(Transfer, on_delete=models.PROTECT, null=True, editable=False, related_name="+")
    risk_version = models.CharField(max_length=20, blank=True, editable=False)
    terms_sha256 = models.CharField(bi("条款哈希", "Hash of the terms"), max_length=64, blank=True, editable=False)
    suitability = models.ForeignKey(Suitability, on_delete=models.PROTECT, null=True, editable=False, related_name="+")
    accepted_at = models.DateTimeField(null=True, editable=False)
    accepted_by = models.UUIDField(null=True, editable=False)
    agreed_close_at = models.DateTimeField(bi("同意提前截止", "Agreed to an early close"), null=True, editable=False)

    class Meta:
        verbose_name = bi("认筹", "pledge")
        constraints = (
            models.CheckConstraint(condition=Q(state__in=PledgeState.values), name="pledge_state_is_known"),
            models.CheckConstraint(condition=Q(fen__gt=0), name="pledge_is_positive"),
            models.CheckConstraint(
                condition=Q(captured_fen__gte=0, captured_fen__lte=F("fen"), refunded_fen__gte=0, refunded_fen__lte=F("captured_fen")),
                name="pledge_amounts_in_order",
            ),
            models.UniqueConstraint(fields=["campaign", "organisation"], condition=Q(state__in=ALIVE), name="pledge_one_alive_per_funder"),
            models.CheckConstraint(
                condition=Q(state__in=(PledgeState.INTENT, PledgeState.EXPIRED))
                | (Q(hold__isnull=False, accepted_at__isnull=False) & ~Q(risk_version="")),
                name="pledge_confirmed_is_held_and_accepted",
            ),
        )
        indexes = (
            models.Index(fields=["campaign", "state"], name="pledge_by_campaign"),
            models.Index(fields=["organisation", "-id"], name="pledge_by_funder"),
            models.Index(fields=["due_at"], condition=Q(due_at__isnull=False), name="pledge_due"),
        )

    def __str__(self) -> str:
        return f"{self.campaign.title} ¥{yuan(self.fen)}"

    @property
    def region_code(self) -> str:
        return self.campaign.region_code
