"""What a person deposited in their own name is forgotten with the person."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from ledger.app import services as ledger
from marketplace.accounts.models import Person
from marketplace.common import clock
from marketplace.evidence.models import Deposit
from marketplace.evidence.services.depositing import KIND


def own_deposits(person_id: UUID, at: datetime) -> None:
    """Empty the titles and erase whatever opens their ledger entries, however many there are by the same few statements.

    The rows keep hash, size, time and the person's id, beside which no name or address stands; no entry can be opened to them.
    """
    own = Deposit.objects.filter(organisation=None, person_id=person_id)
    ledger.erase_objects(KIND, list(own.values_list("pk", flat=True)), at=at)
    own.exclude(title="").update(title="")


def of_those_erased_before() -> int:
    """Do so for everybody erased before deposits went with their person; return how many had titles left. Again, it finds none."""
    left = Deposit.objects.filter(organisation=None).exclude(title="").values("person_id")
    people = Person.objects.filter(pk__in=left).exclude(erased_at=None).values_list("pk", flat=True)
    with transaction.atomic():
        found = list(people.distinct())
        for person in found:
            own_deposits(person, clock.now())
    return len(found)
