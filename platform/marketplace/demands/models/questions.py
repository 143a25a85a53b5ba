"""Questions on an open demand, answered in public so that every bidder knows the same."""

from django.db import models

from marketplace.accounts.models import Organisation
from marketplace.catalogue.models import Achievement, Team
from marketplace.common.ids import uuid7
from marketplace.common.text import bi
from marketplace.demands.models.demands import Demand


class Question(models.Model):
    """A question whose asker is not named, and its answer; what of the asker's own supply it is about is nobody else's to know."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    demand = models.ForeignKey(Demand, on_delete=models.CASCADE, related_name="questions")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    achievement = models.ForeignKey(Achievement, on_delete=models.SET_NULL, null=True, related_name="+")
    team = models.ForeignKey(Team, on_delete=models.SET_NULL, null=True, related_name="+")
    text = models.TextField(bi("问题", "Question"), max_length=2000)
    answer = models.TextField(bi("答复", "Answer"), max_length=4000, blank=True)
    asked_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = bi("答疑", "question")
        indexes = (models.Index(fields=["demand", "id"], name="question_by_demand"),)
        constraints = (models.CheckConstraint(condition=models.Q(achievement=None) | models.Q(team=None), name="question_about_one_thing"),)

    def __str__(self) -> str:
        return self.text[:60]
