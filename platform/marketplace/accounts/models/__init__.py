"""The tables of accounts."""

from marketplace.accounts.models.keys import ApiKey
from marketplace.accounts.models.organisations import (
    Affiliation,
    Invitation,
    MemberRole,
    Membership,
    Organisation,
    OrganisationKind,
)
from marketplace.accounts.models.people import Consent, Person
from marketplace.accounts.models.staff import StaffAppointment, StaffRole

__all__ = [
    "Affiliation",
    "ApiKey",
    "Consent",
    "Invitation",
    "MemberRole",
    "Membership",
    "Organisation",
    "OrganisationKind",
    "Person",
    "StaffAppointment",
    "StaffRole",
]
