"""A person and what they agreed to. Every personal column of the platform's users stands here."""

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models.functions import Lower, Now

from marketplace.common.ids import uuid7
from marketplace.common.text import bi


class Language(models.TextChoices):
    CHINESE = "zh-hans", "中文"
    ENGLISH = "en", "English"


class PersonManager(BaseUserManager["Person"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "Person":
        """A person with a hashed password, or one that cannot sign in until it is set."""
        person = self.model(email=email.lower(), **fields)
        person.set_password(password)
        person.save(using=self._db)
        return person


class Person(AbstractBaseUser):
    """Someone who signs in by e-mail address; erasing empties the columns and keeps the id."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    email = models.EmailField(bi("电子邮箱", "E-mail address"), unique=True)
    name = models.CharField(bi("姓名", "Name"), max_length=80, blank=True)
    language = models.CharField(bi("语言", "Language"), max_length=8, choices=Language, default=Language.CHINESE)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    erased_at = models.DateTimeField(null=True, editable=False)

    objects: ClassVar[PersonManager] = PersonManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        verbose_name = bi("用户", "person")
        constraints = (
            models.CheckConstraint(condition=models.Q(email=Lower("email")), name="person_email_is_lower_case"),
            models.CheckConstraint(
                condition=models.Q(erased_at=None) | models.Q(is_active=False, name=""),
                name="person_erased_is_empty_and_inactive",
            ),
        )

    def __str__(self) -> str:
        return self.name or self.email

    @property
    def is_staff(self) -> bool:
        """Whether the read-only back office opens: an appointment that may be used now."""
        return self.appointments.usable().exists()

    def has_perm(self, perm: str, obj: object = None) -> bool:
        """No right hangs on Django's permission rows; offices and memberships give them."""
        return False

    def has_module_perms(self, app_label: str) -> bool:
        return self.is_staff


class Consent(models.Model):
    """One agreement of a person to one version of the terms, with the hash of that text."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="consents")
    terms_version = models.CharField(max_length=20)
    text_sha256 = models.CharField(max_length=64)
    at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["person", "terms_version"], name="consent_once_per_version"),
            models.CheckConstraint(
                condition=models.Q(text_sha256__regex=r"^[0-9a-f]{64}$"),
                name="consent_hash_is_sha256",
            ),
        )

    def __str__(self) -> str:
        return f"{self.person_id} {self.terms_version}"
