"""Saved searches for teams and experts: found by what they know, told once, and forgotten with the person."""

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from marketplace.accounts.models import Organisation
from marketplace.accounts.services import erasing
from marketplace.catalogue.models import Expert
from marketplace.common import clock, outbox
from marketplace.common.errors import Invalid
from marketplace.interests.models import Digest, DigestItem, Interest
from marketplace.interests.services import digesting, finding, saving
from marketplace.notices.models import StoredMail
from marketplace.workflow.performing import perform
from tests.factories import accounts, catalogue, interests

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("opener")]
KNOWS = {"fields_zh": ["钠离子电池", "电解液"], "summary_zh": "研究低温钠离子电池。", "industry_codes": ["26", "38"]}


@pytest.fixture(autouse=True)
def _letters_are_kept(settings: object) -> None:
    settings.EMAIL_BACKEND = "marketplace.notices.mail.StoredMailBackend"  # type: ignore[attr-defined]


def listed(home: Organisation | None = None, **fields: object) -> Expert:
    made = catalogue.expert(home, **{**KNOWS, **fields})
    outbox.relay()
    return made


def ids(row: Interest) -> list[object]:
    return [find.thing.pk for find in finding.best(row)]


def test_experts_are_found_by_what_they_know_and_not_by_name_nor_are_one_s_own() -> None:
    home = accounts.organisation("university")
    expert, beyond = listed(), listed(region_code="130100", industry_codes=["26"])
    own = listed(home)
    assert set(ids(interests.interest(home, kind="expert"))) == {expert.pk, beyond.pk}
    assert ids(interests.interest(kind="expert", text=expert.person.name)) == []
    for wishes, found in (({"industry_codes": ["38"]}, [expert.pk]), ({"region_codes": ["13"]}, [beyond.pk])):
        for text in (interests.TOPIC, ""):
            row = interests.interest(home, kind="expert", text=text, **wishes)
            assert ids(row) == found
    themselves = interests.interest(actor=accounts.actor_for(expert.organisation, person_id=expert.person_id), kind="expert")
    assert set(ids(themselves)) == {beyond.pk, own.pk}


def test_a_digest_of_experts_is_told_once_names_nobody_in_the_letter_and_forgets_whoever_is_erased(client: Client) -> None:
    expert, stays = listed(), listed(summary_zh="钠离子电池回收。")
    row = interests.interest(kind="expert")
    for made in (1, 0):
        with interests.at_its_time(row):
            assert digesting.make_due() == made
            outbox.relay()
    assert sorted(id_ for digest in interests.told(row) for id_ in digest) == sorted([str(expert.pk), str(stays.pk)])
    letter = StoredMail.objects.get()
    assert f"{expert.organisation.name}的专家：钠离子电池、电解液" in letter.body
    assert f"/experts/{expert.pk}/" in letter.body
    assert expert.person.name not in letter.body
    client.force_login(row.membership.person)
    at = f"/interests/digests/{row.digests.get().pk}/"
    page = client.get(at).content.decode()
    assert (page.count(expert.person.name), "相同用词" in page, f"/experts/{expert.pk}/" in page) == (2, True, True)
    assert DigestItem.objects.get(object_id=expert.pk).words != []
    erasing.erase(person=expert.person)
    assert DigestItem.objects.get(object_id=expert.pk).words == []
    assert (finding.best(interests.interest(kind="expert"))[0].thing.pk, len(ids(row))) == (stays.pk, 0)
    after = client.get(at).content.decode()
    assert ("已不再公开" in after, f"/experts/{expert.pk}/" in after, f"/experts/{stays.pk}/" in after) == (True, False, True)
    api = accounts.api_client(row.membership.person)
    items = api.get(f"/api/v1/digests/{row.digests.get().pk}/").json()["items"]
    assert {(item["id"], item["title"]) for item in items} == {(str(expert.pk), None), (str(stays.pk), stays.person.name)}


def test_teams_are_told_and_a_withdrawn_one_no_more(client: Client) -> None:
    team, gone = catalogue.team(), catalogue.team()
    outbox.relay()
    perform("withdraw", gone, accounts.actor_for(gone.organisation))
    row = interests.interest(kind="team")
    assert ids(row) == [team.pk]
    client.force_login(row.membership.person)
    assert team.name in client.get(f"/en/interests/{row.pk}/").content.decode()


def test_nobody_asks_teams_or_experts_for_a_readiness() -> None:
    row = interests.interest(kind="expert")
    for kind in ("team", "expert"):
        with pytest.raises(Invalid) as refusal:
            interests.interest(kind=kind, readiness=5)
        assert list(refusal.value.fields) == ["readiness"]
    with pytest.raises(Invalid):
        saving.interest_change(interest=row, actor=interests.owner(row), fields={"readiness": 5})
    with pytest.raises(IntegrityError, match="interest_readiness_where_there_is_one"), transaction.atomic():
        Interest.objects.filter(pk=row.pk).update(readiness=5)


def test_the_database_knows_the_kinds_of_digests() -> None:
    row, now = interests.interest(kind="expert"), clock.now()
    with pytest.raises(IntegrityError, match="digest_kind_is_known"), transaction.atomic():
        Digest.objects.create(membership=row.membership, interest=row, name=row.name, kind="company", due_at=now, made_at=now)


def test_a_search_on_the_lists_of_teams_and_experts_can_be_followed(client: Client) -> None:
    for kind in ("team", "expert"):
        assert f"/interests/new/?kind={kind}&amp;text=x" in client.get(f"/{kind}s/?q=x").content.decode()
        assert "/interests/new/" not in client.get(f"/{kind}s/").content.decode()


def test_a_search_that_finds_experts_by_their_names_alone_is_not_followed(client: Client) -> None:
    expert = listed()
    for words, followed in ((expert.person.name, False), ("电解液", True), ("无人知晓", True), ("%00", True)):
        page = client.get(f"/experts/?q={words}").content.decode()
        assert (f"/experts/{expert.pk}/" in page or f'href="{expert.pk}/"' in page, "/interests/new/" in page) == (
            words[0] in "韩电%",
            followed,
        )
