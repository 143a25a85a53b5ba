"""The Ed25519 keys by which organisations sign."""

from django.db import models

from marketplace.accounts.models import Organisation
from marketplace.common.ids import uuid7
from marketplace.common.text import bi


class KeyCustody(models.TextChoices):
    OWN = "own", bi("单位自持私钥", "Held by the organisation")
    PLATFORM = "platform", bi("平台代管私钥", "Held by the platform for the organisation")


class PartyKey(models.Model):
    """A public key registered for an organisation, on record in the ledger when added and revoked.

    With platform custody the private key is kept encrypted under the deployment's secret; it is
    labelled so wherever a signature is shown.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="party_keys")
    custody = models.CharField(max_length=8, choices=KeyCustody)
    public_key = models.CharField(max_length=64, unique=True)
    encrypted_private_key = models.BinaryField(null=True, editable=False)
    added_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = bi("签署密钥", "signing key")
        constraints = (
            models.CheckConstraint(condition=models.Q(public_key__regex=r"^[0-9a-f]{64}$"), name="party_key_is_ed25519"),
            models.CheckConstraint(
                condition=models.Q(custody=KeyCustody.OWN, encrypted_private_key__isnull=True)
                | models.Q(custody=KeyCustody.PLATFORM, encrypted_private_key__isnull=False),
                name="party_key_custody_is_true",
            ),
        )

    def __str__(self) -> str:
        return f"{self.public_key[:8]}…"
