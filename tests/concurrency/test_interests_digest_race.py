"""Two workers make two digests of one person at the same moment: each thing is in one of them."""

from functools import partial

import pytest

from marketplace.accounts.models import Membership
from marketplace.common import outbox
from marketplace.interests.models import DigestItem, Interest
from marketplace.interests.services import digesting
from tests.factories import accounts, catalogue, interests
from tests.factories.locks import without_lock
from tests.factories.racing import outcomes, race

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "sequencer", "owner"])


def two_digests_at_once() -> list[str]:
    """Both of one person's searches would find the same thing; how the two ended."""
    catalogue.achievement(title_zh="低温钠离子电池")
    outbox.relay()
    home = accounts.organisation("company")
    awake = {"quiet_from": 0, "quiet_until": 0}  # at whatever hour this runs
    rows = [interests.interest(home, **awake), interests.interest(home, text="低温电池", **awake)]
    Interest.objects.update(next_at=accounts.a_moment_ago())
    results = race(*(partial(digesting.make, row.pk) for row in rows), after="marketplace.interests.services.finding.best")
    assert Membership.objects.get(organisation=home).digests.count() == DigestItem.objects.count() == 1
    return outcomes(results)


def test_the_second_waits_and_finds_it_told() -> None:
    assert two_digests_at_once() == ["done", "done"]


def test_twin_without_the_lock_both_find_it_and_the_database_refuses_one() -> None:
    with without_lock("one person's searches"):
        assert two_digests_at_once() == ["IntegrityError", "done"]
