"""What an institution answered about itself, and until when the answer counts."""

from typing import Any

from django.db import models
from django.db.models import F, Q

from marketplace.accounts.models import Organisation
from marketplace.common.ids import uuid7
from marketplace.common.text import bi


class Suitability(models.Model):
    """One answered questionnaire, never changed: whoever answers again has a newer one, and the newest counts.

    `answers` is {question: option} of the questionnaire's `version`; who answered is kept by erasable reference.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="suitability")
    version = models.CharField(max_length=20)
    answers = models.JSONField()
    points = models.PositiveSmallIntegerField()
    suitable = models.BooleanField()
    answered_at = models.DateTimeField()
    answered_by = models.UUIDField(null=True)
    valid_until = models.DateTimeField()

    class Meta:
        verbose_name = bi("适当性评估", "suitability assessment")
        constraints = (models.CheckConstraint(condition=Q(valid_until__gt=F("answered_at")), name="suitability_lasts"),)
        indexes = (models.Index(fields=["organisation", "-answered_at", "-id"], name="suitability_newest"),)

    def __str__(self) -> str:
        return f"{self.organisation_id} {self.version}"

    def counts_at(self, moment: Any) -> bool:
        """Whether it lets the institution pledge at this moment."""
        return self.suitable and moment < self.valid_until
