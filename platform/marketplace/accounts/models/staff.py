"""The platform's own offices: appointed, one at a time, never beside a membership."""

from typing import ClassVar, Self

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from marketplace.accounts.models.people import Person
from marketplace.common.ids import uuid7
from marketplace.common.text import bi


class StaffRole(models.TextChoices):
    ADMIN = "admin", bi("平台管理员", "Administrator")
    REVIEWER = "reviewer", bi("审核员", "Reviewer")
    FINANCE = "finance", bi("财务员", "Finance officer")
    SECURITY = "security", bi("安全员", "Security officer")
    AUDITOR = "auditor", bi("审计员", "Auditor")


SECOND_FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)


class AppointmentQuerySet(models.QuerySet["StaffAppointment"]):
    def in_force(self) -> Self:
        """Appointments that have not ended."""
        return self.filter(ended_at=None)

    def with_factor(self) -> Self:
        """Each row with `has_factor`: whether its holder has set up a second factor."""
        factors = Authenticator.objects.filter(user_id=models.OuterRef("person_id"), type__in=SECOND_FACTORS)
        return self.annotate(has_factor=models.Exists(factors))

    def usable(self) -> Self:
        """Appointments in force whose holder has a second factor, where the settings demand one."""
        rows = self.in_force()
        return rows.with_factor().filter(has_factor=True) if settings.STAFF_MFA_REQUIRED else rows


class StaffAppointment(models.Model):
    """One person holding one office, for one region or for all.

    `region_code` is a prefix of GB/T 2260 codes: empty, a province ("13") or a district ("130600").
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="appointments")
    role = models.CharField(bi("职务", "Office"), max_length=10, choices=StaffRole)
    region_code = models.CharField(bi("辖区", "Region"), max_length=6, blank=True)
    appointed_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="appointments_made")
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    ended_at = models.DateTimeField(null=True, editable=False)

    has_factor: bool  # only on rows read by `with_factor`

    objects: ClassVar["models.Manager[StaffAppointment]"] = AppointmentQuerySet.as_manager()

    class Meta:
        verbose_name = bi("平台任职", "staff appointment")
        constraints = (
            models.UniqueConstraint(fields=["person"], condition=models.Q(ended_at=None), name="staff_one_office_each"),
            models.CheckConstraint(condition=models.Q(role__in=StaffRole.values), name="staff_role_is_known"),
            models.CheckConstraint(
                condition=models.Q(region_code__regex=r"^([0-9]{2}|[0-9]{6})?$"),
                name="staff_region_is_a_code",
            ),
            models.CheckConstraint(
                condition=~models.Q(person=models.F("appointed_by")),
                name="staff_not_appointed_by_themselves",
            ),
        )

    def __str__(self) -> str:
        return f"{self.role} {self.person_id}"
