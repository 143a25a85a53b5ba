"""An expert is erased between being found and being told of: the digest looks again, and nothing of them is written behind the erasing."""

import pytest

from marketplace.accounts.services import erasing
from marketplace.common import outbox
from marketplace.interests.models import DigestItem, Interest
from marketplace.interests.services import digesting
from tests.factories import accounts, catalogue, interests
from tests.factories.locks import without_lock
from tests.factories.racing import outcomes, race

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "sequencer", "owner"])


def found_and_erased(meeting: str) -> tuple[list[str], list[list[str]]]:
    """How both ended, and the words by which the digest found the person, for each thing that it holds."""
    expert = catalogue.expert(fields_zh=["钠离子电池"])
    outbox.relay()
    row = interests.interest(kind="expert", quiet_from=0, quiet_until=0)  # at whatever hour this runs
    Interest.objects.update(next_at=accounts.a_moment_ago())
    came = race(
        lambda: digesting.make(row.pk), lambda: erasing.erase(person=expert.person), after=f"marketplace.interests.services.{meeting}"
    )
    return outcomes(came), list(DigestItem.objects.values_list("words", flat=True))


def test_whoever_was_erased_since_they_were_found_is_not_told_of() -> None:
    assert found_and_erased("finding.best") == (["done", "done"], [])


def test_an_erasing_waits_for_the_digest_and_empties_its_words() -> None:
    assert found_and_erased("digesting._still_there") == (["done", "done"], [[]])


def test_twin_without_the_lock_the_words_outlive_the_person() -> None:
    with without_lock("the found experts"):
        came, (words,) = found_and_erased("finding.best")
    assert (came, words != []) == (["done", "done"], True)
