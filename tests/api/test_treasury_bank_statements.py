"""`/api/v1/bank-statements/`: for finance officers; for everybody else there are none."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from marketplace.common.ids import uuid7
from marketplace.treasury import selectors
from marketplace.treasury.models import BankStatement, Transfer
from marketplace.treasury.services import accounts, topups
from tests.factories import accounts as make
from tests.factories.treasury import statement_csv

pytestmark = pytest.mark.django_db

URL = "/api/v1/bank-statements/"


@pytest.fixture
def officer():
    return make.api_client(make.staff("finance"))


@pytest.fixture
def company():
    return make.organisation("company")


def send(client, *lines: str, key: str | None = "k1", content: bytes | None = None):
    upload = SimpleUploadedFile("day.csv", content if content is not None else statement_csv(*lines), content_type="text/csv")
    headers = {"HTTP_IDEMPOTENCY_KEY": key} if key else {}
    return client.post(URL, {"file": upload}, format="multipart", **headers)


def test_a_statement_is_imported_and_shown_with_its_lines_and_their_state(officer, company) -> None:
    reference, _ = topups.issue_reference(actor=make.actor_for(company))
    answer = send(officer, f"B1,2026-11-23,12.50,in,某公司,6222,{reference.code}", "B2,2026-11-23,1,in,,,?", "B3,never,1,in,,,")
    assert answer.status_code == 201
    body = answer.json()
    assert (body["lines_taken"], body["lines_known"], body["lines_waiting"]) == (2, 0, 1)
    assert body["faults"] == [{"line": 4, "field": "booked_at", "reason": "日期须如 2026-11-23 或 2026-11-23T09:40:00"}]
    shown = officer.get(f"{URL}{body['id']}/").json()
    assert [(line["bank_line_id"], line["fen"], line["status"]) for line in shown["lines"]["results"]] == [
        ("B1", 1_250, "matched"),
        ("B2", 100, "waiting"),
    ]
    assert selectors.balance(accounts.wallet(company.pk)).posted_fen == 1_250


def test_the_same_key_replays_and_the_same_file_under_another_key_changes_nothing(officer) -> None:
    first = send(officer, "B1,2026-11-23,1,in,,,")
    replay = send(officer, "B1,2026-11-23,1,in,,,")
    assert (replay.status_code, replay.json(), replay["Idempotent-Replayed"]) == (201, first.json(), "true")
    again = send(officer, "B1,2026-11-23,1,in,,,", key="k2")
    assert (again.status_code, again.json()["id"]) == (200, first.json()["id"])
    other = send(officer, "B2,2026-11-23,1,in,,,", key="k1")
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    assert BankStatement.objects.count() == 1


def test_importing_needs_an_idempotency_key(officer) -> None:
    answer = send(officer, "B1,2026-11-23,1,in,,,", key=None)
    assert (answer.status_code, answer.json()["code"]) == (400, "idempotency_key_missing")
    assert BankStatement.objects.count() == 0


@pytest.mark.parametrize("content", [b"\x89PNG\r\n\x1a\n\x00\x00", b"a,b\n1,2\n", b"\xff\xfe\x00"])
def test_a_file_that_is_no_statement_is_refused_with_words(officer, content) -> None:
    answer = send(officer, content=content)
    assert (answer.status_code, answer.json()["code"]) == (422, "statement_unreadable")
    assert BankStatement.objects.count() == 0


def test_a_request_without_a_file_names_the_field(officer) -> None:
    answer = officer.post(URL, {}, format="multipart", HTTP_IDEMPOTENCY_KEY="k")
    assert answer.status_code == 400
    assert "file" in answer.json()["fields"]


def callers(company):
    return {
        "anonymous": (make.api_client(), 401, 404),
        "company": (make.api_client(company), 403, 404),
        "nobody": (make.api_client(make.person()), 403, 404),
        "reviewer": (make.api_client(make.staff("reviewer")), 403, 404),
        "admin": (make.api_client(make.staff("admin")), 403, 404),
        "auditor": (make.api_client(make.staff("auditor")), 403, 200),
        "finance": (make.api_client(make.staff("finance")), 201, 200),
    }


@pytest.mark.parametrize("name", ["anonymous", "company", "nobody", "reviewer", "admin", "auditor", "finance"])
def test_who_may_import_and_who_may_read(company, name) -> None:
    officer = make.api_client(make.staff("finance"))
    known = send(officer, "B1,2026-11-23,1,in,,,").json()["id"]
    client, writes, reads = callers(company)[name]
    assert send(client, "B2,2026-11-23,1,in,,,", key="other").status_code == writes
    for url in (URL, f"{URL}{known}/", f"{URL}waiting-lines/"):
        assert client.get(url).status_code == reads
    assert BankStatement.objects.count() == (2 if writes == 201 else 1)


def test_a_statement_that_is_forbidden_looks_like_one_that_is_not_there(company, officer) -> None:
    known = send(officer, "B1,2026-11-23,1,in,,,").json()["id"]
    client = make.api_client(company)
    forbidden, absent = client.get(f"{URL}{known}/"), client.get(f"{URL}{uuid7()}/")
    assert (forbidden.status_code, forbidden.content) == (absent.status_code, absent.content)


def test_a_waiting_line_is_proposed_once_by_its_key_and_booked_by_a_second_officer(officer, company) -> None:
    statement = send(officer, "B1,2026-11-23,8.00,in,,,货款").json()["id"]
    (line,) = officer.get(f"{URL}waiting-lines/").json()["results"]
    url = f"{URL}{statement}/lines/{line['id']}/assign/"
    assert officer.post(url, {"organisation_id": str(company.pk)}).json()["code"] == "idempotency_key_missing"
    done = officer.post(url, {"organisation_id": str(company.pk)}, HTTP_IDEMPOTENCY_KEY="a1")
    assert (done.status_code, done.json()["state"]) == (201, "proposed")
    again = officer.post(url, {"organisation_id": str(company.pk)}, HTTP_IDEMPOTENCY_KEY="a2")
    assert (again.status_code, again.json()["code"]) == (409, "line_already_proposed")
    agree = f"/api/v1/line-decisions/{done.json()['id']}/actions/book/"
    own = officer.post(agree, HTTP_IDEMPOTENCY_KEY="b1")
    assert (own.status_code, own.json()["code"]) == (409, "second_officer")
    second = make.api_client(make.staff("finance"))
    assert second.post(agree, HTTP_IDEMPOTENCY_KEY="b2").json()["state"] == "booked"
    assert selectors.balance(accounts.wallet(company.pk)).posted_fen == 800
    assert officer.get(f"{URL}waiting-lines/").json()["results"] == []


@pytest.mark.parametrize(("to_a_wallet", "goes", "does_not"), [(True, "book", "give_back"), (False, "give_back", "book")])
def test_a_second_officer_is_offered_what_was_proposed_and_can_do_it(officer, company, to_a_wallet, goes, does_not) -> None:
    statement = send(officer, "B1,2026-11-23,8.00,in,某公司,6222,货款").json()["id"]
    (line,) = officer.get(f"{URL}waiting-lines/").json()["results"]
    body = {"organisation_id": str(company.pk) if to_a_wallet else None}
    made = officer.post(f"{URL}{statement}/lines/{line['id']}/assign/", body, format="json", HTTP_IDEMPOTENCY_KEY="a1").json()
    second = make.api_client(make.staff("finance"))
    offers = {one["action"]: one for one in second.get(f"/api/v1/line-decisions/{made['id']}/").json()["actions"]}
    assert {name: offer["allowed"] for name, offer in offers.items()} == {goes: True, does_not: False, "refuse": True}
    answers = [second.post(offers[name]["href"], HTTP_IDEMPOTENCY_KEY=name).status_code for name in (does_not, goes)]
    assert answers == [404, 200]


def test_a_line_is_only_found_under_its_own_statement(officer, company) -> None:
    first = send(officer, "B1,2026-11-23,8.00,in,,,").json()["id"]
    second = send(officer, "B2,2026-11-23,8.00,in,,,", key="k2").json()["id"]
    (line,) = officer.get(f"{URL}{first}/").json()["lines"]["results"]
    answer = officer.post(f"{URL}{second}/lines/{line['id']}/assign/", {"organisation_id": str(company.pk)}, HTTP_IDEMPOTENCY_KEY="a")
    assert answer.status_code == 404
    assert Transfer.objects.count() == 0
