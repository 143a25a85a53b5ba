"""Tables that every room uses: the outbox, idempotency answers, stored files."""

from typing import ClassVar

from django.db import models

from marketplace.common.ids import uuid7
from marketplace.common.text import bi


class OutboxEvent(models.Model):
    """One thing that happened, written in the transaction in which it happened."""

    position = models.BigAutoField(primary_key=True)
    id = models.UUIDField(default=uuid7, unique=True, editable=False)
    topic = models.CharField(max_length=80)
    kind = models.CharField(max_length=40)
    object_id = models.UUIDField()
    payload = models.JSONField(default=dict)
    created_at = models.DateTimeField()
    delivered_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField(null=True)
    dead = models.BooleanField(default=False)
    last_error = models.TextField(blank=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=["position"],
                name="outbox_waiting",
                condition=models.Q(delivered_at__isnull=True, dead=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.topic} #{self.position}"


class OutboxReceipt(models.Model):
    """That one consumer has handled one event: what makes a second delivery harmless."""

    consumer = models.CharField(max_length=80)
    event_id = models.UUIDField()
    handled_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["consumer", "event_id"], name="outbox_handled_once"),
        ]

    def __str__(self) -> str:
        return f"{self.consumer} {self.event_id}"


class IdempotentAnswer(models.Model):
    """The stored answer to one caller's key: the same key and body replays it."""

    actor_key = models.CharField(max_length=80)
    key = models.CharField(max_length=255)
    fingerprint = models.BinaryField(max_length=32)
    status = models.PositiveSmallIntegerField()
    body = models.JSONField()
    created_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["actor_key", "key"], name="idempotent_answer_once"),
        ]

    def __str__(self) -> str:
        return self.key


class ScanState(models.TextChoices):
    """Whether a scanner has looked at a file; one in which it found something is never kept."""

    UNCHECKED = "unchecked", bi("未查毒", "Not scanned")
    CLEAN = "clean", bi("已查毒", "Scanned")


class StoredFile(models.Model):
    """One file behind the storage door: a random name in the store, its SHA-256, its size."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    owner_id = models.UUIDField(help_text="The organisation or person that brought it.")
    purpose = models.CharField(max_length=40)
    name = models.CharField(max_length=255, help_text="The name people gave it.")
    content_type = models.CharField(max_length=100)
    size = models.BigIntegerField()
    sha256 = models.CharField(max_length=64)
    storage_name = models.CharField(max_length=120, unique=True)
    scan_state = models.CharField(max_length=12, choices=ScanState, default=ScanState.UNCHECKED)
    created_at = models.DateTimeField()
    retain_until = models.DateTimeField(null=True, help_text="Nobody erases it before; empty where nothing has to be kept.")
    erased_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["owner_id", "-id"], name="file_by_owner")]
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(size__gte=0), name="file_size_not_negative"),
            models.CheckConstraint(condition=models.Q(scan_state__in=ScanState.values), name="file_scan_state_is_known"),
        ]

    def __str__(self) -> str:
        return self.name
