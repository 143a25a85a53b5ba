"""An office and a membership given to one person at the same moment: the database lets one of them through."""

import threading
from collections.abc import Iterator

import pytest
from django.db import IntegrityError, connection, connections, transaction

from marketplace.accounts.models import Membership, Organisation, Person, StaffAppointment
from tests.factories import accounts as make

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])

LOCK = "PERFORM 1 FROM accounts_person WHERE id = NEW.person_id FOR NO KEY UPDATE;"
FUNCTIONS = ("accounts_membership_excludes_office", "accounts_office_excludes_membership")


@pytest.fixture
def without_the_lock() -> Iterator[None]:
    """Take the line that locks the person out of both triggers, and put it back afterwards."""
    with connections["owner"].cursor() as cursor:
        bodies = []
        for name in FUNCTIONS:
            cursor.execute("SELECT pg_get_functiondef(%s::regproc)", [name])
            bodies.append(cursor.fetchone()[0])
            assert LOCK in bodies[-1]
            cursor.execute(bodies[-1].replace(LOCK, ""))
        yield
        for body in bodies:
            cursor.execute(body)


def _join_while_an_appointment_is_open(someone: Person, company: Organisation) -> str:
    """The appointment is written but not committed when the other transaction joins the organisation."""
    outcome: list[str] = []

    def join() -> None:
        try:
            Membership.objects.create(person=someone, organisation=company, roles=["member"])
            outcome.append("joined")
        except IntegrityError:
            outcome.append("refused")
        finally:
            connection.close()

    thread = threading.Thread(target=join)
    with transaction.atomic():
        StaffAppointment.objects.create(person=someone, role="auditor")
        thread.start()
        thread.join(0.5)  # with the lock the other waits for this commit; without it, it is done by now
    thread.join(10)
    return outcome[0]


def test_whoever_joins_during_an_appointment_waits_and_is_refused() -> None:
    assert _join_while_an_appointment_is_open(make.person(), make.organisation(verified=False)) == "refused"


def test_without_the_lock_both_get_through(without_the_lock: None) -> None:
    assert _join_while_an_appointment_is_open(make.person(), make.organisation(verified=False)) == "joined"
