"""What team and funders say of a revenue report while they may audit it."""

from django.db import models
from django.db.models import Q

from marketplace.accounts.models import Organisation
from marketplace.agreements.models.revenue import RevenueReport
from marketplace.common.ids import uuid7
from marketplace.common.text import bi


class RevenueReview(models.Model):
    """That one party has found a report right."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    report = models.ForeignKey(RevenueReport, on_delete=models.PROTECT, related_name="reviews")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    reviewed_at = models.DateTimeField()

    class Meta:
        verbose_name = bi("核实意见", "review of a report")
        constraints = (models.UniqueConstraint(fields=["report", "organisation"], name="revenue_reviewed_once"),)

    def __str__(self) -> str:
        return f"{self.report_id} {self.organisation_id}"


class RevenueQuestion(models.Model):
    """One party's question to the company, and its answer; until it is answered the audit does not end."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    report = models.ForeignKey(RevenueReport, on_delete=models.PROTECT, related_name="questions")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    text = models.TextField()
    asked_at = models.DateTimeField()
    answer = models.TextField(blank=True)
    answered_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = bi("审查提问", "question about a report")
        ordering = ("id",)
        constraints = (
            models.UniqueConstraint(fields=["report", "organisation"], condition=Q(answered_at=None), name="revenue_question_one_open"),
            models.CheckConstraint(
                condition=Q(answer="", answered_at=None) | (~Q(answer="") & Q(answered_at__isnull=False)), name="revenue_answer_is_whole"
            ),
        )

    def __str__(self) -> str:
        return self.text[:40]
