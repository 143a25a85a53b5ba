"""What a campaign's company tells its funders, and what they ask it."""

from django.db import models
from django.db.models import Q

from marketplace.accounts.models import Organisation
from marketplace.common.ids import uuid7
from marketplace.common.text import bi, pick
from marketplace.funding.models.campaigns import Campaign

LONGEST_UPDATE = 5_000  # characters, in either language
LONGEST_QUESTION, LONGEST_ANSWER = 2_000, 4_000


class CampaignUpdate(models.Model):
    """News from the company, never changed once posted: a correction is a newer update that names the one it corrects.

    Who posted it is kept by erasable reference; the ledger commits to the text's hash.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="updates")
    corrects = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="corrections")
    text_zh = models.TextField(bi("内容（中文）", "Text (Chinese)"), blank=True)
    text_en = models.TextField(bi("内容（英文）", "Text (English)"), blank=True)
    posted_at = models.DateTimeField(editable=False)
    posted_by = models.UUIDField(null=True, editable=False)

    class Meta:
        verbose_name = bi("项目动态", "campaign update")
        constraints = (models.CheckConstraint(condition=~Q(text_zh="") | ~Q(text_en=""), name="campaign_update_has_a_text"),)
        indexes = (models.Index(fields=["campaign", "-posted_at", "-id"], name="campaign_update_newest"),)

    def __str__(self) -> str:
        return self.text[:60]

    @property
    def text(self) -> str:
        return pick(self.text_zh, self.text_en)


class CampaignQuestion(models.Model):
    """A funder's question, its asker named to nobody, and the company's one answer; neither is changed afterwards.

    An institution has one question open at a time. The people who asked and answered are kept by erasable reference.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="questions")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    text = models.TextField(bi("问题", "Question"))
    answer = models.TextField(bi("答复", "Answer"), blank=True)
    asked_at = models.DateTimeField(editable=False)
    asked_by = models.UUIDField(null=True, editable=False)
    answered_at = models.DateTimeField(null=True, editable=False)
    answered_by = models.UUIDField(null=True, editable=False)

    class Meta:
        verbose_name = bi("募资问答", "campaign question")
        constraints = (
            models.CheckConstraint(condition=~Q(text=""), name="campaign_question_has_a_text"),
            models.CheckConstraint(
                condition=Q(answer="", answered_at=None) | (~Q(answer="") & Q(answered_at__isnull=False)),
                name="campaign_question_answered_with_words",
            ),
            models.UniqueConstraint(
                fields=["campaign", "organisation"], condition=Q(answered_at=None), name="campaign_question_one_open_per_asker"
            ),
        )
        indexes = (models.Index(fields=["campaign", "-asked_at", "-id"], name="campaign_question_newest"),)

    def __str__(self) -> str:
        return self.text[:60]
