"""Finding one's way in the public ledger: what is found by whom, what a page tells, and what it keeps to itself."""

import csv
import io
import re
from collections.abc import Callable
from datetime import UTC, timedelta
from html import unescape
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from ledger.app import exploring, models, signing
from ledger.app import services as ledger
from marketplace.accounts.models import Membership
from marketplace.common import clock
from marketplace.common.codes.regions import REGIONS
from marketplace.desk import exploring as finding
from tests.factories import accounts, demands, recorded

pytestmark = [pytest.mark.django_db(transaction=True, databases=["default", "sequencer", "owner"]), pytest.mark.usefixtures("opener")]


@pytest.fixture
def seal(settings: Any, tmp_path: Path) -> Callable[[], None]:
    settings.LEDGER_KEY_FILE, settings.LEDGER_LAST_CHECKPOINT_FILE = str(tmp_path / "key"), ""
    signing.make_key(tmp_path / "key", origin=settings.LEDGER_ORIGIN)

    def seal() -> None:
        ledger.sequence_batch()
        ledger.publish_checkpoint()

    return seal


def member_of(organisation: Any) -> Client:
    client = Client()
    client.force_login(Membership.objects.get(organisation=organisation).person)
    return client


def found(client: Client, words: str) -> str:
    """Where a search leads; empty where nothing was found."""
    answer = client.get("/ledger/search/", {"q": words})
    if answer.status_code == 200:
        assert "没有找到" in answer.content.decode()
        return ""
    return str(answer.headers["Location"])


def test_an_entry_is_found_by_its_number_its_leaf_hash_and_its_id(client: Client, seal: Callable[[], None]) -> None:
    ids = [recorded.record() for _ in range(3)]
    seal()
    entry = models.Entry.objects.get(id=ids[1])
    leaf = bytes(entry.leaf_hash).hex()
    for words in ("1", "#1", " ＃1 ", "0,001", leaf, leaf.upper(), str(ids[1]), ids[1].hex):
        assert found(client, words) == "/ledger/entries/1/", words
    another = leaf[:-1] + ("1" if leaf[-1] == "0" else "0")
    for words in ("3", "9" * 24, another, str(uuid4()), "<script>alert(1)</script>", "\0", "需求", "JQ-0000-0000-0000-0000"):
        assert found(client, words) == "", words
    assert client.get("/en/ledger/search/", {"q": "1"}).headers["Location"] == "/en/ledger/entries/1/"
    assert "没有找到" not in client.get("/ledger/search/").content.decode()


def test_an_entry_s_address_leads_a_program_to_bytes_and_proof_and_a_browser_to_the_page(client: Client, seal: Callable[[], None]) -> None:
    recorded.record()
    seal()
    browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
    told = {accept: client.get("/ledger/entries/0/", headers={"accept": accept}) for accept in ("application/json", browser, "*/*")}
    assert [answer.status_code for answer in told.values()] == [302, 200, 200]
    assert told["application/json"].headers["Location"] == "/ledger/entries/0.json"
    assert "Accept" in told[browser].headers["Vary"]
    assert set(client.get("/ledger/entries/0.json").json()) == {"seq", "bytes", "entry", "proof", "receipt"}


def test_an_object_is_found_by_those_alone_who_may_see_it(client: Client, seal: Callable[[], None]) -> None:
    open_one, draft = demands.demand(), demands.demand(until="submitted")
    seal()
    owner, stranger = member_of(draft.organisation), member_of(accounts.organisation("company"))
    assert found(client, str(open_one.pk)) == f"/ledger/objects/demand/{open_one.pk}/"
    assert [found(who, str(draft.pk)) for who in (client, stranger, owner)] == ["", "", f"/ledger/objects/demand/{draft.pk}/"]
    assert [who.get(f"/ledger/objects/demand/{draft.pk}/").status_code for who in (client, stranger, owner)] == [404, 404, 200]
    assert client.get(f"/ledger/objects/ledger/{draft.pk}/").status_code == 404


def test_the_sealed_entries_of_a_public_demand_are_linked_for_its_owner_alone(client: Client, seal: Callable[[], None]) -> None:
    demand = demands.demand()
    seal()
    rows = ledger.entries_of("demand", demand.pk)
    public, sealed = ({row.seq for row in rows if row.public is kind} for kind in (True, False))
    assert public
    assert sealed
    address = f"/ledger/objects/demand/{demand.pk}/"

    def listed(who: Client) -> set[int]:
        return {int(seq) for seq in re.findall(r'href="/ledger/entries/(\d+)/"', who.get(address).content.decode())}

    assert listed(client) == public
    assert listed(member_of(accounts.organisation("university"))) == public
    assert listed(member_of(demand.organisation)) == public | sealed

    hidden = f"/ledger/entries/{min(sealed)}/"
    own, others = (unescape(who.get(hidden).content.decode()) for who in (member_of(demand.organisation), client))
    assert address in own
    assert address not in others
    assert "只有当事人能打开" in others
    assert "只有当事人能打开" not in own


def test_the_sealed_entries_of_a_public_demand_are_linked_for_the_reading_offices_of_its_region_alone(seal: Callable[[], None]) -> None:
    demand = demands.demand()
    seal()
    elsewhere = "12" if not demand.region_code.startswith("12") else "13"
    offices = [
        ("reviewer", ""),
        ("reviewer", demand.region_code[:2]),
        ("auditor", ""),
        ("reviewer", elsewhere),
        ("finance", ""),
        ("security", ""),
    ]
    linked = [finding.thing("demand", demand.pk, accounts.staff_actor(role, region=region)).linked for role, region in offices]
    assert linked == [True, True, True, False, False, False]


def test_a_demands_own_page_names_its_sealed_entries_for_the_same_offices_alone(seal: Callable[[], None]) -> None:
    demand = demands.demand()
    seal()
    hidden = {f"/ledger/entries/{row.seq}/" for row in ledger.entries_of("demand", demand.pk) if not row.public}

    def named(role: str, region: str) -> bool:
        officer = Client()
        officer.force_login(accounts.staff(role, region=region))
        page = officer.get(f"/demands/{demand.pk}/").content.decode()
        return any(address in page for address in hidden)

    elsewhere = "12" if not demand.region_code.startswith("12") else "13"
    offices = (("reviewer", ""), ("auditor", ""), ("reviewer", elsewhere), ("finance", ""))
    assert [named(*office) for office in offices] == [True, True, False, False]


def test_no_page_of_the_ledger_shows_what_stands_behind_a_commitment(seal: Callable[[], None]) -> None:
    demand = demands.demand()
    seal()
    rows = ledger.entries_of("demand", demand.pk)
    person = str(Membership.objects.get(organisation=demand.organisation).person_id)
    assert any(person in row.disclosures.values() for row in rows)
    for client in (Client(), member_of(demand.organisation)):
        for row in rows:
            assert person not in client.get(f"/ledger/entries/{row.seq}/").content.decode()


def test_a_demand_s_page_leads_to_its_own_entries(client: Client, seal: Callable[[], None]) -> None:
    demand = demands.demand()
    seal()
    assert f'href="/ledger/objects/demand/{demand.pk}/"' in client.get(f"/demands/{demand.pk}/").content.decode()


def test_the_newest_entries_can_be_narrowed_to_a_type_or_a_family(client: Client, seal: Callable[[], None]) -> None:
    for kind in ("demand.published", "demand.closed", "agreement.signed"):
        recorded.record(type=kind)
    recorded.record(public=False)
    recorded.record(type="demandx.other")
    seal()

    def listed(of: str) -> list[int]:
        text = client.get("/ledger/", {"type": of}).content.decode()
        return [int(seq) for seq in dict.fromkeys(re.findall(r'href="/ledger/entries/(\d+)/"', text))]

    assert listed("") == [4, 3, 2, 1, 0]
    assert listed("demand") == [1, 0]
    assert listed("demand.closed") == [1]
    assert listed("sealed.v1") == [3]
    assert listed("no.such") == []
    assert "没有这一类条目" in client.get("/ledger/?type=no.such").content.decode()
    assert exploring.types() == ["agreement.signed", "demand.closed", "demand.published", "demandx.other", "sealed.v1"]


def test_days_are_counted_in_the_exchange_s_own_time_and_may_be_taken_as_csv(client: Client, seal: Callable[[], None]) -> None:
    midnight = clock.now().astimezone(UTC).replace(hour=16, minute=0, second=0, microsecond=0) - timedelta(days=3)
    for at, public in ((midnight - timedelta(seconds=1), True), (midnight, True), (midnight, False), (midnight - timedelta(days=90), True)):
        recorded.record(at=at, public=public)
    seal()
    rows = list(csv.reader(io.StringIO(client.get("/ledger/activity.csv").content.decode())))
    assert rows[0] == ["day", "public", "sealed", "total"]
    assert len(rows) == 31
    shown = {day: tuple(map(int, counts)) for day, *counts in rows[1:] if counts[2] != "0"}
    first, second = midnight.date(), midnight.date() + timedelta(days=1)
    assert shown == {first.isoformat(): (1, 0, 1), second.isoformat(): (1, 1, 2)}


def test_an_entry_is_told_in_words(client: Client, seal: Callable[[], None]) -> None:
    demand = demands.demand()
    seal()
    published = next(row for row in ledger.entries_of("demand", demand.pk) if row.type == "demand.published")
    zh, en = (unescape(client.get(f"{prefix}/ledger/entries/{published.seq}/").content.decode()) for prefix in ("", "/en"))
    assert "一项需求办理了" in zh
    assert "Demand: " in en
    assert published.body["terms_sha256"] in zh
    assert [REGIONS[demand.region_code].zh in page for page in (zh, en)] == [True, False]
    assert REGIONS[demand.region_code].en in en
    assert "同一对象的公开条目都用它" in zh


def test_a_log_that_is_still_empty_says_what_will_stand_here(client: Client) -> None:
    text = client.get("/ledger/").content.decode()
    assert "账本还是空的" in text
    assert client.get("/ledger/verify/").status_code == 200
    assert "python -m ledger.witness keygen" in client.get("/ledger/witness/").content.decode()


def test_the_home_costs_as_many_queries_for_one_entry_as_for_fifty(client: Client, seal: Callable[[], None]) -> None:
    def asked() -> int:
        client.get("/ledger/")
        with CaptureQueriesContext(connection) as count:
            client.get("/ledger/")
        return len(count)

    recorded.record()
    seal()
    few = asked()
    for _ in range(50):
        recorded.record()
    seal()
    # One more or less: the footer's line is read anew every two seconds.
    assert abs(asked() - few) <= 1
    assert few <= 12


def test_an_object_that_nobody_knows_is_not_found(client: Client) -> None:
    assert client.get(f"/ledger/objects/demand/{UUID(int=7)}/").status_code == 404
    assert client.get(f"/ledger/objects/no_such_kind/{UUID(int=7)}/").status_code == 404
