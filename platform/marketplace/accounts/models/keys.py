"""Keys of machines: what is stored cannot be used to sign in."""

from datetime import datetime

from django.contrib.postgres.fields import ArrayField
from django.db import models

from marketplace.accounts.models.organisations import Organisation
from marketplace.accounts.models.people import Person
from marketplace.common.ids import uuid7
from marketplace.common.text import bi, pick


class KeyScope(models.TextChoices):
    READ = "read", bi("读取", "Read")
    WRITE = "write", bi("办理", "Write")
    MONEY = "money", bi("资金", "Money")
    SIGN = "sign", bi("签署", "Sign")


class ApiKey(models.Model):
    """A key that lets a machine act as one person for one organisation, within its scopes.

    `prefix` finds the row; of the secret only its SHA-256 is kept (256 random bits need no salt).
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="api_keys")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="api_keys")
    name = models.CharField(bi("名称", "Name"), max_length=60)
    prefix = models.CharField(max_length=12, unique=True)
    sha256 = models.CharField(max_length=64)
    scopes = ArrayField(models.CharField(max_length=5, choices=KeyScope))
    created_at = models.DateTimeField(editable=False)
    expires_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = bi("接口密钥", "API key")
        constraints = (
            models.CheckConstraint(
                condition=models.Q(scopes__contained_by=KeyScope.values) & models.Q(scopes__len__gt=0),
                name="api_key_scopes_are_known",
            ),
            models.CheckConstraint(
                condition=models.Q(sha256__regex=r"^[0-9a-f]{64}$"),
                name="api_key_secret_is_hashed",
            ),
            models.CheckConstraint(
                condition=models.Q(expires_at__gt=models.F("created_at")),
                name="api_key_expires_after_creation",
            ),
        )

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"

    @property
    def scope_labels(self) -> str:
        return pick("、", ", ").join(str(KeyScope(scope).label) for scope in self.scopes)

    def is_live(self, at: datetime) -> bool:
        """Whether the key opens anything at this moment."""
        return self.revoked_at is None and at < self.expires_at
