"""Notices to organisations, and the mail that the demonstration keeps instead of sending."""

from django.db import models

from marketplace.accounts.models import Membership, Organisation
from marketplace.common.ids import uuid7
from marketplace.common.text import bi, pick


class Notice(models.Model):
    """One thing an organisation should know, or one `member` of it alone, in both languages; `event_id` makes it once per event."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="notices")
    member = models.ForeignKey(Membership, on_delete=models.CASCADE, null=True, related_name="notices")
    event_id = models.UUIDField()
    topic = models.CharField(max_length=80)
    kind = models.CharField(max_length=40)
    object_id = models.UUIDField()
    text_zh = models.CharField(max_length=500)
    text_en = models.CharField(max_length=500)
    path = models.CharField(max_length=200)
    created_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = bi("通知", "notice")
        constraints = (models.UniqueConstraint(fields=["organisation", "event_id"], name="notice_once_per_event"),)
        indexes = (
            models.Index(fields=["organisation", "-id"], name="notice_newest"),
            models.Index(fields=["organisation"], condition=models.Q(read_at__isnull=True), name="notice_unread"),
        )

    def __str__(self) -> str:
        return f"{self.topic} {self.pk}"

    @property
    def text(self) -> str:
        """The text in the reader's language."""
        return pick(self.text_zh, self.text_en)


class StoredMail(models.Model):
    """One mail as it would have been sent: kept only where the demonstration's mail backend is set."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    to = models.EmailField(db_index=True)
    subject = models.CharField(max_length=300)
    body = models.TextField()
    headers = models.JSONField(default=dict)
    created_at = models.DateTimeField()

    class Meta:
        verbose_name = bi("已存邮件", "stored mail")

    def __str__(self) -> str:
        return self.subject
