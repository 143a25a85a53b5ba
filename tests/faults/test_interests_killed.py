"""The worker that makes digests is killed in each stage: what was made stays, the rest is made by the next run, nothing twice."""

from typing import Any

import pytest

from marketplace.common import outbox
from marketplace.interests.models import Digest, DigestItem
from marketplace.interests.services import digesting
from marketplace.notices.models import Notice, StoredMail
from tests.factories import accounts, catalogue, interests
from tests.factories.killing import killed

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "sequencer", "owner"])
PEOPLE, KILLED_AT = 3, 2
STAGES = (
    "marketplace.interests.services.finding.best",
    "marketplace.notices.services.telling.member_told",
    "marketplace.common.outbox.emit",
)


@pytest.mark.parametrize("stage", STAGES)
def test_a_run_goes_on_behind_a_killed_one(settings: Any, stage: str) -> None:
    settings.EMAIL_BACKEND = "marketplace.notices.mail.StoredMailBackend"
    things = {catalogue.achievement(title_zh="低温钠离子电池").pk for _ in range(2)}
    outbox.relay()
    rows = [interests.interest(accounts.organisation("company")) for _ in range(PEOPLE)]
    with interests.at_its_time(rows[-1]):
        assert killed(digesting.make_due, at=stage, call=KILLED_AT)
        assert Digest.objects.count() == KILLED_AT - 1
        assert digesting.make_due() == PEOPLE - KILLED_AT + 1
        assert digesting.make_due() == 0
        outbox.relay()
    for row in rows:
        assert set(DigestItem.objects.filter(membership=row.membership).values_list("object_id", flat=True)) == things
    assert (Digest.objects.count(), DigestItem.objects.count()) == (PEOPLE, PEOPLE * len(things))
    assert (Notice.objects.filter(topic="digest.made").count(), StoredMail.objects.count()) == (PEOPLE, PEOPLE)
