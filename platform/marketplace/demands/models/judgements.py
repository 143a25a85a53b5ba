"""What an organisation said of a match: useful or not, and why not. Nobody else ever sees it."""

from typing import Any
from uuid import UUID

from django.db import models
from django.db.models import Q

from marketplace.accounts.models import Organisation
from marketplace.catalogue.models import Achievement, Team
from marketplace.common.ids import uuid7
from marketplace.common.text import bi
from marketplace.demands.models.demands import Demand


class DeclineReason(models.TextChoices):
    """Why a match is of no use; one is always given."""

    FIELD = "field", bi("领域不符", "Wrong field")
    READINESS = "readiness", bi("成熟度不符", "Readiness")
    PRICE = "price", bi("价格不合适", "Price")
    REGION = "region", bi("地区不合适", "Region")
    KNOWN = "known", bi("已经了解", "Already known")
    OTHER = "other", bi("其他", "Other")


class MatchJudgement(models.Model):
    """One organisation's last word on one demand and one achievement or team, whichever side it looked from."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="+")
    demand = models.ForeignKey(Demand, on_delete=models.CASCADE, related_name="judgements")
    achievement = models.ForeignKey(Achievement, on_delete=models.CASCADE, null=True, related_name="+")
    team = models.ForeignKey(Team, on_delete=models.CASCADE, null=True, related_name="+")
    useful = models.BooleanField()
    reason = models.CharField(max_length=12, choices=DeclineReason, blank=True)
    at = models.DateTimeField()

    class Meta:
        verbose_name = bi("匹配反馈", "word on a match")
        constraints = (
            models.UniqueConstraint(
                fields=["organisation", "demand", "achievement", "team"], nulls_distinct=False, name="judgement_once_a_match"
            ),
            models.CheckConstraint(
                condition=Q(achievement=None, team__isnull=False) | Q(achievement__isnull=False, team=None),
                name="judgement_names_one_thing",
            ),
            models.CheckConstraint(
                condition=Q(useful=True, reason="") | Q(useful=False, reason__in=DeclineReason.values), name="judgement_says_why_not"
            ),
        )

    def __str__(self) -> str:
        return f"{self.organisation_id}: {self.demand_id} {self.supply_id}"

    @property
    def supply(self) -> Achievement | Team:
        """The achievement or team that was judged."""
        found = self.achievement or self.team
        assert found is not None  # the database says so
        return found

    @property
    def supply_id(self) -> UUID | None:
        return self.achievement_id or self.team_id

    @property
    def reason_label(self) -> Any:
        return dict(DeclineReason.choices).get(self.reason, "")
