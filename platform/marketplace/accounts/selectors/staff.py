"""Reading the platform's offices."""

from django.db.models import QuerySet

from marketplace.accounts.models import StaffAppointment, StaffRole
from marketplace.accounts.permissions import demand_office
from marketplace.common.actor import Actor


def appointments(actor: Actor) -> QuerySet[StaffAppointment]:
    """Every office ever held, newest first: for administrators, the security officer and auditors."""
    demand_office(actor, StaffRole.ADMIN, StaffRole.SECURITY, StaffRole.AUDITOR)
    return StaffAppointment.objects.select_related("person").order_by("-id")
