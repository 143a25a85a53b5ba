"""A deposit in one's own name and the erasure of the same person at one moment: the erasure waits, and finds the deposit."""

import pytest

from marketplace.accounts.services import erasing
from marketplace.common.actor import Actor
from marketplace.evidence.models import Deposit
from marketplace.evidence.services import depositing
from tests.factories import catalogue
from tests.factories.locks import without_lock
from tests.factories.racing import outcomes, race

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner", "sequencer"])


def deposited_and_erased() -> tuple[list[str], str]:
    """What came of both, and the title that is left; the deposit is written and not committed when the erasure comes."""
    expert = catalogue.expert()
    actor = Actor(person_id=expert.person_id)

    def deposit() -> Deposit:
        return depositing.deposit_make(actor=actor, title="配方", sha256="ab" * 32)

    came = outcomes(race(deposit, lambda: erasing.erase(person=expert.person), after="marketplace.evidence.services.depositing._on_record"))
    return came, Deposit.objects.get().title


def test_an_erasure_during_a_deposit_waits_and_empties_its_title_too() -> None:
    assert deposited_and_erased() == (["done", "done"], "")


def test_twin_without_the_lock_the_title_outlives_its_person() -> None:
    with without_lock("the depositor"):
        assert deposited_and_erased() == (["done", "done"], "配方")
