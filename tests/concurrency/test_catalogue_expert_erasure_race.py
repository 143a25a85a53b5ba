"""A draft about a member, or a withdrawal, and the erasure of that member at one moment: the erasure waits, and finds what was done."""

import pytest

from marketplace.accounts.services import erasing
from marketplace.catalogue.models import Expert
from marketplace.catalogue.services import drafting
from marketplace.workflow.performing import perform
from tests.factories import accounts, catalogue
from tests.factories.locks import without_lock
from tests.factories.racing import outcomes, race

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner", "sequencer"])


def drafted_and_erased() -> tuple[list[str], tuple[str, str]]:
    """What came of both, and what is left of the draft; whether they are a member was asked when the erasure comes."""
    home = accounts.organisation("university")
    person, actor = accounts.member(home), accounts.actor_for(home)

    def draft() -> Expert:
        return drafting.draft_expert(actor=actor, person_id=person.pk, fields={"summary_zh": "从事储能研究。"})

    came = outcomes(race(draft, lambda: erasing.erase(person=person), after="marketplace.catalogue.services.drafting._held_as_member"))
    left = Expert.objects.get()
    return came, (left.state, left.summary_zh)


def test_an_erasure_during_a_draft_waits_and_empties_it_too() -> None:
    assert drafted_and_erased() == (["done", "done"], ("withdrawn", "已随本人注销删除。"))


def test_twin_without_the_lock_the_draft_outlives_its_person() -> None:
    with without_lock("the expert to be"):
        assert drafted_and_erased() == (["done", "done"], ("draft", "从事储能研究。"))


def test_an_erasure_during_a_withdrawal_waits_and_goes_on_with_what_is_withdrawn() -> None:
    expert = catalogue.expert()
    actor = accounts.actor_for(expert.organisation)
    came = race(
        lambda: perform("withdraw", expert, actor),
        lambda: erasing.erase(person=expert.person),
        after="marketplace.workflow.performing.choose",
    )
    left = Expert.objects.get()
    assert (outcomes(came), left.state, left.summary_zh) == (["done", "done"], "withdrawn", "已随本人注销删除。")
