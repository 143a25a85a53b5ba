"""What was asked of the ledger and by whom, the hashes laid down before disclosure, and what outside authorities stamped."""

from typing import ClassVar

from django.db import models

from marketplace.accounts.models import Organisation
from marketplace.common.ids import uuid7
from marketplace.common.models import StoredFile
from marketplace.common.text import bi

SHA256 = r"^[0-9a-f]{64}$"


class Certificate(models.Model):
    """One numbered certificate: of which object, who asked and when, and what they chose to disclose.

    `shown` names the covered ledger entries by intent id, each with the labels disclosed. Values are not kept here: the
    file is made anew at each download, so that what was erased meanwhile is in it no more. Rows are never changed.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    number = models.CharField(bi("存证编号", "Certificate number"), max_length=24, unique=True)
    kind = models.CharField(max_length=40)
    object_id = models.UUIDField()
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, null=True, related_name="+")
    asked_by = models.UUIDField(help_text="The person, by erasable reference.")
    asked_as = models.CharField(max_length=24, help_text="The acting role, by value.")
    issued_at = models.DateTimeField()
    log_size = models.BigIntegerField(help_text="Entries under the checkpoint at issue.")
    shown = models.JSONField()
    withheld = models.PositiveIntegerField(help_text="How many values the asker chose not to disclose.")
    particulars = models.BooleanField()
    documents = models.BooleanField()

    class Meta:
        verbose_name = bi("存证证书", "evidence certificate")
        indexes: ClassVar = [models.Index(fields=["kind", "object_id", "-id"], name="certificate_of_object")]

    def __str__(self) -> str:
        return self.number


class Deposit(models.Model):
    """The SHA-256 of a file, laid down before anybody else saw it: for an organisation, or in a verified person's own name.

    The file itself is kept only where the depositor asked for it.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, null=True, related_name="evidence_deposits")
    person_id = models.UUIDField(help_text="Who deposited, by erasable reference.")
    title = models.CharField(bi("名称", "Title"), max_length=200)
    sha256 = models.CharField(max_length=64)
    size = models.BigIntegerField(null=True, help_text="Bytes, where known.")
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField()

    class Meta:
        verbose_name = bi("存证", "deposit")
        indexes: ClassVar = [
            models.Index(fields=["organisation", "-id"], name="deposit_newest"),
            models.Index(fields=["organisation", "sha256"], name="deposit_by_hash"),
            models.Index(fields=["person_id", "-id"], name="deposit_in_own_name", condition=models.Q(organisation=None)),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(sha256__regex=SHA256), name="deposit_hash_is_sha256"),
            models.CheckConstraint(condition=models.Q(size__isnull=True) | models.Q(size__gte=0), name="deposit_size_not_negative"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_kept(self) -> bool:
        """Whether the platform still has the file itself."""
        return self.file is not None and self.file.erased_at is None


class Timestamp(models.Model):
    """One checkpoint's signed note with an outside authority's answer over it (RFC 3161, DER); rows are never changed."""

    size = models.BigIntegerField(primary_key=True, help_text="Entries under the stamped checkpoint.")
    note = models.TextField()
    token = models.BinaryField()
    authority = models.CharField(max_length=255)
    stamped_at = models.DateTimeField(help_text="The authority's time.")
    received_at = models.DateTimeField()

    class Meta:
        verbose_name = bi("时间戳", "time-stamp")

    def __str__(self) -> str:
        return f"{self.size} {self.authority}"
