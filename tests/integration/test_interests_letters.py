"""Letters of digests that wait: in the quiet hours for their end, and while their search is paused until it is resumed."""

from typing import Any

import pytest

from marketplace.catalogue.models import Achievement
from marketplace.common import clock, outbox
from marketplace.interests.models import Digest
from marketplace.interests.services import digesting, saving, unsubscribing
from marketplace.interests.tasks import make_digests
from marketplace.notices.models import Notice, StoredMail
from marketplace.workflow.performing import perform
from tests.factories import accounts, catalogue, interests

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("opener")]


@pytest.fixture(autouse=True)
def _letters_are_kept(settings: Any) -> None:
    settings.EMAIL_BACKEND = "marketplace.notices.mail.StoredMailBackend"


def published() -> Achievement:
    """An achievement on the topic that the matcher knows."""
    made = catalogue.achievement(title_zh="低温钠离子电池", summary_zh="钠离子电池的正极。")
    outbox.relay()
    return made


def test_a_letter_that_the_worker_comes_to_in_the_quiet_hours_waits_for_their_end_and_while_its_search_is_paused() -> None:
    stays, withdrawn, lapses = (published() for _ in range(3))
    kept, stopped, paused, suspended = (interests.interest(hour=21) for _ in range(4))
    due = kept.next_at

    def an_errand(*, late: float) -> list[str]:
        with clock.shifted((due - clock.now()).total_seconds() + late):
            make_digests()
            outbox.relay()
        return [mail.to for mail in StoredMail.objects.order_by("id") if "钠离子电池" in mail.subject]

    with interests.at_its_time(kept):
        assert digesting.make_due() == 4  # and the worker dies before the letters are sent
    assert an_errand(late=2 * 3600) == an_errand(late=10 * 3600 - 60) == []
    unsubscribing.letters_stop(unsubscribing.path_of(stopped).split("/")[2])
    saving.interest_pause(interest=paused, actor=interests.owner(paused), paused=True)
    perform("suspend", suspended.membership.organisation, accounts.staff_actor("admin"), reason="核查")
    perform("withdraw", withdrawn, accounts.actor_for(withdrawn.organisation))
    Achievement.objects.filter(pk=lapses.pk).update(due_at=accounts.a_moment_ago())
    assert [an_errand(late=10 * 3600 + more) for more in (1, 61)] == [[kept.membership.person.email]] * 2
    assert Digest.objects.exclude(letter_at=None).get().interest == paused
    saving.interest_pause(interest=paused, actor=interests.owner(paused), paused=False)
    assert [an_errand(late=10 * 3600 + more) for more in (121, 181)] == [[row.membership.person.email for row in (kept, paused)]] * 2
    assert (Digest.objects.count(), Digest.objects.exclude(letter_at=None).count()) == (4, 0)
    assert Notice.objects.filter(topic="digest.made").count() == 4
    for mail in StoredMail.objects.filter(subject__contains="钠离子电池"):
        assert [str(thing.pk) in mail.body for thing in (stays, withdrawn, lapses)] == [True, False, False]


def test_a_letter_whose_search_is_paused_before_it_is_sent_waits_for_its_being_resumed() -> None:
    published()
    row = interests.interest()
    with interests.at_its_time(row):
        assert digesting.make_due() == 1
        saving.interest_pause(interest=row, actor=interests.owner(row), paused=True)
        outbox.relay()
        make_digests()
        outbox.relay()
        assert StoredMail.objects.count() == 0
        saving.interest_pause(interest=row, actor=interests.owner(row), paused=False)
        make_digests()
        outbox.relay()
    assert [mail.to for mail in StoredMail.objects.all()] == [row.membership.person.email]
