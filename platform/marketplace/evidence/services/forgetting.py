"""What a person deposited in their own name is forgotten with the person."""

from datetime import datetime
from uuid import UUID

from ledger.app import services as ledger
from marketplace.evidence.models import Deposit
from marketplace.evidence.services.depositing import KIND


def own_deposits(person_id: UUID, at: datetime) -> None:
    """Empty the titles and erase whatever opens their ledger entries: that something was deposited then still stands, not what or whose."""
    own = Deposit.objects.filter(organisation=None, person_id=person_id)
    for deposit in own.values_list("pk", flat=True):
        ledger.erase_object(KIND, deposit, at=at)
    own.update(title="")
