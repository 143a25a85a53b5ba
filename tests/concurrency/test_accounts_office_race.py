"""An office and a membership given to one person at the same moment: the database lets one of them through."""

import pytest
from django.db import transaction

from marketplace.accounts.models import Membership, StaffAppointment
from tests.factories import accounts as make
from tests.factories.locks import without_lock
from tests.factories.racing import outcomes, race

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])


def appointed_and_joining() -> list[str]:
    """Each is written and not committed when the other comes."""
    someone, company = make.person(), make.organisation(verified=False)

    @transaction.atomic
    def appoint() -> None:
        StaffAppointment.objects.create(person=someone, role="auditor")

    @transaction.atomic
    def join() -> None:
        Membership.objects.create(person=someone, organisation=company, roles=["member"])

    return outcomes(race(appoint, join, after="django.db.models.Model.save"))


def test_whoever_joins_during_an_appointment_waits_and_is_refused() -> None:
    assert appointed_and_joining() == ["IntegrityError", "done"]


def test_twin_without_the_lock_both_get_through() -> None:
    with without_lock("the person"):
        assert appointed_and_joining() == ["done", "done"]
