"""Digests: what is new and fits, at its time, once, and nothing where there is nothing."""

from typing import Any

import pytest
from django.db import IntegrityError, transaction

from marketplace.accounts.models import Membership, Organisation
from marketplace.accounts.services import membering
from marketplace.catalogue.models import Achievement
from marketplace.common import outbox
from marketplace.common.actor import Actor
from marketplace.common.ids import uuid7
from marketplace.desk.services import demo_interests
from marketplace.desk.services.demo_people import Cast
from marketplace.interests.models import Digest, DigestItem, Interest
from marketplace.interests.services import digesting, finding, saving, unsubscribing
from marketplace.notices import selectors as notices
from marketplace.notices.models import Notice, StoredMail
from marketplace.workflow.performing import perform
from matching.app import services as matcher
from tests.factories import accounts, catalogue, demands, interests

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("opener")]
ON_TOPIC = {"title_zh": "低温钠离子电池", "summary_zh": "钠离子电池的正极。"}


@pytest.fixture(autouse=True)
def _letters_are_kept(settings: Any) -> None:
    settings.EMAIL_BACKEND = "marketplace.notices.mail.StoredMailBackend"


def published(home: Organisation | None = None, **fields: Any) -> Achievement:
    """An achievement that the matcher knows."""
    made = catalogue.achievement(home, **{**ON_TOPIC, **fields})
    outbox.relay()
    return made


def made_at_its_time(row: Interest, *, late: float = 1) -> int:
    """Run the task at the search's next time, and deliver what it wrote."""
    with interests.at_its_time(row, late=late):
        made = digesting.make_due()
        outbox.relay()
    return made


def found_by(row: Interest) -> set[str]:
    return {str(find.thing.pk) for find in finding.best(row)}


def test_at_its_time_the_best_comes_first_with_the_words_it_shares_and_nothing_comes_before() -> None:
    near, far = published(), published(title_zh="电池隔膜", summary_zh="用于锂离子电池和钠离子电池的隔膜涂层。")
    published(title_zh="水泥养护", summary_zh="混凝土。")
    row = interests.interest()
    assert digesting.make_due() == 0
    assert made_at_its_time(row) == 1
    assert interests.told(row) == [[str(near.pk), str(far.pk)]]
    first = DigestItem.objects.get(object_id=near.pk)
    assert "钠离子电池" in first.words
    assert first.score is not None
    assert first.score > DigestItem.objects.get(object_id=far.pk).score


def test_the_letter_is_in_the_reader_s_language_and_can_be_stopped_by_one_click() -> None:
    home = accounts.organisation("company")
    reader = accounts.member(home, language="en")
    thing = published(title_en="Sodium-ion cells")
    row = interests.interest(actor=accounts.actor_for(home, person_id=reader.pk), name="Cells")
    made_at_its_time(row)
    letter, digest = StoredMail.objects.get(to=reader.email), Digest.objects.get()
    assert letter.subject.endswith("Cells: 1 new")
    assert "1. Sodium-ion cells\n   Shared words: " in letter.body
    assert f"http://127.0.0.1:8000/en/achievements/{thing.pk}/" in letter.body
    stop = f"http://127.0.0.1:8000/en{unsubscribing.path_of(row)}"
    assert letter.headers == {
        "Message-ID": f"<digest-{digest.pk}@127.0.0.1>",
        "List-Unsubscribe": f"<{stop}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }
    assert stop in letter.body
    assert digest.mailed_at is not None


def test_the_notice_is_for_the_person_alone() -> None:
    published()
    home = accounts.organisation("company")
    colleague = accounts.member(home)
    row = interests.interest(home)
    made_at_its_time(row)
    notice = Notice.objects.get(topic="digest.made")
    assert notice.text_zh == "您关注的「钠离子电池」有 1 项新内容"
    assert notice.path == f"/interests/digests/{Digest.objects.get().pk}/"
    assert notices.unread_count(interests.owner(row)) == 1
    assert list(notices.notices_for(accounts.actor_for(home, person_id=colleague.pk)).filter(topic="digest.made")) == []


def test_nothing_is_told_twice_not_even_by_another_search_of_the_same_person() -> None:
    first = published()
    home = accounts.organisation("company")
    row, other = interests.interest(home), interests.interest(home, text="电池 正极")
    assert made_at_its_time(row) == 1
    assert interests.told(row) + interests.told(other) == [[str(first.pk)]]
    second = published()
    assert made_at_its_time(row, late=2) == 1
    assert interests.told(row) == [[str(first.pk)], [str(second.pk)]]
    saving.interest_delete(interest=row, actor=interests.owner(row))
    anew = interests.interest(home)
    assert finding.best(anew) == []


def test_the_database_refuses_to_hold_a_thing_twice_for_a_person() -> None:
    thing = published()
    row = interests.interest()
    made_at_its_time(row)
    digest = Digest.objects.get()
    with pytest.raises(IntegrityError, match="digest_item_once_per_person"), transaction.atomic():
        DigestItem.objects.create(digest=digest, membership=row.membership, object_id=thing.pk, rank=2)


def test_an_empty_digest_is_not_sent_and_the_next_time_comes_all_the_same() -> None:
    row = interests.interest()
    due = row.next_at
    assert made_at_its_time(row) == 0
    row.refresh_from_db()
    assert (Digest.objects.count(), Notice.objects.filter(topic="digest.made").count(), StoredMail.objects.count()) == (0, 0, 0)
    assert (row.next_at - due).total_seconds() == 86_400


def test_conditions_are_met_and_one_s_own_things_left_out() -> None:
    home = accounts.organisation("university", region="120116")
    published(home, region_code="120116")
    fits = published(region_code="120104", industry_code="38", readiness=6)
    for unfit in ({"region_code": "110108"}, {"industry_code": "26"}, {"readiness": 5}):
        published(**{"region_code": "120104", "industry_code": "38", "readiness": 6, **unfit})
    wanted = {"region_codes": ["12"], "industry_codes": ["38"], "readiness": 6}
    for text in (interests.TOPIC, ""):
        assert found_by(interests.interest(home, text=text, **wanted)) == {str(fits.pk)}


def test_a_team_s_readiness_finds_demands_that_want_no_more_and_whose_time_is_not_over() -> None:
    fits, late = demands.demand(readiness_wanted=5), demands.demand(readiness_wanted=5)
    demands.demand(readiness_wanted=7)
    demands.demand(until="approved", readiness_wanted=5)
    outbox.relay()
    demands.late(late)
    home = accounts.organisation("university")
    for text in (interests.TOPIC, ""):
        assert found_by(interests.interest(home, kind="demand", text=text, readiness=5)) == {str(fits.pk)}


def test_what_nobody_may_see_any_more_takes_nobody_s_place_however_much_it_is() -> None:
    stays, lapsed = published(), published()
    Achievement.objects.filter(pk=lapsed.pk).update(due_at=accounts.a_moment_ago())
    # As the index stands in the second before it follows withdrawals: more of them than a digest holds, and all of them better.
    gone = [matcher.DocumentInput(id=uuid7(), title=interests.TOPIC, public=True) for _ in range(3 * finding.MOST)]
    matcher.index_documents(corpus="achievement", documents=gone)
    assert found_by(interests.interest()) == {str(stays.pk)}


def test_what_is_confidential_or_a_draft_is_not_found_by_its_words() -> None:
    demands.demand(title_zh="低温材料", title_en="", text_zh="见附件。", details_zh="锆基非晶合金")
    catalogue.achievement(published=False, title_zh="锆基非晶合金")
    outbox.relay()
    for kind in ("demand", "achievement"):
        assert finding.best(interests.interest(kind=kind, text="锆基非晶合金")) == []


def test_in_the_quiet_hours_a_late_digest_waits_for_their_end() -> None:
    published()
    row = interests.interest(hour=21)
    due = row.next_at
    assert made_at_its_time(row, late=3600) == 0
    row.refresh_from_db()
    assert (row.next_at - due).total_seconds() == 10 * 3600
    assert made_at_its_time(row) == 1


def test_after_days_without_a_worker_there_is_one_digest() -> None:
    published()
    row = interests.interest()
    due = row.next_at
    assert made_at_its_time(row, late=3 * 86_400 + 60) == 1
    row.refresh_from_db()
    assert (row.next_at - due).total_seconds() == 4 * 86_400
    assert len(interests.told(row)) == 1


def test_paused_nothing_comes_and_resumed_what_came_meanwhile_does() -> None:
    thing = published()
    row = interests.interest()
    saving.interest_pause(interest=row, actor=interests.owner(row), paused=True)
    assert made_at_its_time(row) == 0
    row = saving.interest_pause(interest=row, actor=interests.owner(row), paused=False)
    assert made_at_its_time(row) == 1
    assert interests.told(row) == [[str(thing.pk)]]


def test_a_suspended_organisation_is_told_nothing() -> None:
    published()
    row = interests.interest()
    perform("suspend", row.membership.organisation, accounts.staff_actor("admin"), reason="核查")
    assert made_at_its_time(row) == 0


def test_no_letter_goes_to_whoever_unsubscribed_or_deleted_it_before_it_was_sent() -> None:
    published()
    stopped, deleted, kept = interests.interest(), interests.interest(), interests.interest()
    with interests.at_its_time(kept):
        assert digesting.make_due() == 3
        unsubscribing.letters_stop(unsubscribing.path_of(stopped).split("/")[2])
        saving.interest_delete(interest=deleted, actor=interests.owner(deleted))
        outbox.relay()
    assert [mail.to for mail in StoredMail.objects.all()] == [kept.membership.person.email]
    assert Digest.objects.filter(mailed_at=None).count() == 2


def test_a_letter_leaves_out_what_is_no_longer_public() -> None:
    stays, goes = published(), published(title_zh="钠离子电池极片")
    row = interests.interest()
    with interests.at_its_time(row):
        digesting.make_due()
        perform("withdraw", goes, accounts.actor_for(goes.organisation))
        outbox.relay()
    letter = StoredMail.objects.get()
    assert (str(stays.pk) in letter.body, str(goes.pk) in letter.body) == (True, False)


def test_one_that_fails_keeps_no_other_waiting_and_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    published()
    broken, sound = interests.interest(text="钠离子"), interests.interest()
    due, whole = broken.next_at, finding.best
    monkeypatch.setattr(finding, "best", _failing_for(broken, whole))
    assert made_at_its_time(sound) == 1
    broken.refresh_from_db()
    assert broken.next_at == due
    monkeypatch.setattr(finding, "best", whole)
    assert made_at_its_time(broken) == 1


def _failing_for(broken: Interest, whole: Any) -> Any:
    def best(row: Interest) -> Any:
        if row.pk == broken.pk:
            raise OSError("the matcher's files are gone")
        return whole(row)

    return best


def test_the_demonstration_shows_a_search_with_its_first_digest_and_one_that_waits_for_its_day() -> None:
    thing = published(title_zh="零下四十度可放电的钠离子电池正极", summary_zh="低温钠离子电池。")
    homes = {kind: accounts.organisation(kind) for kind in ("company", "university")}
    cast = Cast(parties={kind: accounts.actor_for(home) for kind, home in homes.items()}, facts={kind: {"kind": kind} for kind in homes})
    made = demo_interests.follow(cast)
    assert [list(digest.items.values_list("object_id", flat=True)) for digest in made] == [[thing.pk]]
    assert Interest.objects.get(membership__organisation=homes["university"]).digests.count() == 0


def test_whoever_leaves_takes_searches_and_digests_with_them() -> None:
    published()
    home = accounts.organisation("company")
    someone = accounts.member(home)
    row = interests.interest(actor=accounts.actor_for(home, person_id=someone.pk))
    made_at_its_time(row)
    membering.remove(actor=Actor(person_id=someone.pk, organisation_id=home.pk, roles=frozenset({"member"})), person_id=someone.pk)
    assert not Membership.objects.filter(person=someone).exists()
    assert (Interest.objects.count(), Digest.objects.count(), DigestItem.objects.count()) == (0, 0, 0)
    assert not Notice.objects.filter(topic="digest.made").exists()
