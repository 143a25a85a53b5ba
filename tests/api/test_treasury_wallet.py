"""`/api/v1/wallet/`: whose it is, who may look, and what comes back."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from marketplace.accounts.models import Membership
from marketplace.common.ids import uuid7
from marketplace.treasury.services import accounts, topups
from tests.factories import accounts as make
from tests.factories.treasury import funded_wallet, held, pay

pytestmark = pytest.mark.django_db

WALLET = "/api/v1/wallet/"
STATEMENT = "/api/v1/wallet/statement/"
REFERENCES = "/api/v1/wallet/top-up-references/"


@pytest.fixture
def company():
    return make.organisation("company")


def test_the_balance_is_the_callers_organisations_in_fen(company) -> None:
    wallet = funded_wallet(100_000, company.pk)
    funded_wallet(777)
    held(wallet, accounts.campaign_escrow(uuid7()), 30_000)
    answer = make.api_client(company).get(WALLET)
    assert answer.status_code == 200
    assert answer.json() == {
        "currency": "CNY",
        "posted_fen": 100_000,
        "held_fen": 30_000,
        "available_fen": 70_000,
        "incoming_fen": 0,
        "debt_fen": 0,
    }


def test_the_statement_shows_both_directions_newest_first_and_only_this_wallet(company) -> None:
    wallet = funded_wallet(1_000, company.pk)
    paid = pay(wallet, accounts.fee(), 20, code="agreement.fee")
    funded_wallet(5)
    answer = make.api_client(company).get(STATEMENT).json()
    shown = [(row["direction"], row["kind"], row["fen"], row["counterpart"], row["code"]) for row in answer["results"]]
    assert sorted(shown) == [("in", "posted", 1_000, "custody", "test.pay"), ("out", "posted", 20, "fee", "agreement.fee")]
    assert str(paid.group_id) in {row["group"] for row in answer["results"]}
    assert answer["next"] is None


def test_the_statement_is_read_page_by_page_without_a_repeat_or_a_gap(company) -> None:
    wallet = funded_wallet(100, company.pk)
    made = {str(pay(wallet, accounts.fee(), 1).pk) for _ in range(6)}
    client, url, seen = make.api_client(company), f"{STATEMENT}?page_size=3", []
    while url:
        page = client.get(url).json()
        seen += [row["id"] for row in page["results"]]
        url = page["next"]
    assert len(seen) == len(set(seen)) == 7
    assert made < set(seen)


def test_the_statement_costs_the_same_queries_for_one_row_and_for_many(company) -> None:
    wallet = funded_wallet(100, company.pk)
    client = make.api_client(company)
    client.get(STATEMENT)
    with CaptureQueriesContext(connection) as for_one:
        client.get(STATEMENT)
    for _ in range(15):
        pay(wallet, accounts.fee(), 1)
    with CaptureQueriesContext(connection) as for_many:
        assert len(client.get(STATEMENT).json()["results"]) == 16
    assert len(for_many) == len(for_one)


@pytest.mark.parametrize("url", [WALLET, STATEMENT])
@pytest.mark.parametrize(
    ("roles", "status", "code"),
    [
        (("manager",), 200, None),
        (("signatory",), 200, None),
        (("finance",), 200, None),
        (("member",), 403, "for_their_finance_only"),
    ],
)
def test_managers_signatories_and_finance_people_may_look(company, url, roles, status, code) -> None:
    person = make.member(company, roles=roles)
    answer = make.api_client(person).get(url)
    assert (answer.status_code, answer.json().get("code")) == (status, code)


@pytest.mark.parametrize(("method", "url"), [("get", WALLET), ("get", STATEMENT), ("post", REFERENCES)])
def test_strangers_and_staff_have_no_wallet(method, url) -> None:
    for client, status in (
        (make.api_client(), 401),
        (make.api_client(make.person()), 403),
        (make.api_client(make.staff("finance")), 403),
    ):
        answer = getattr(client, method)(url)
        assert answer.status_code == status
        assert answer["Content-Type"] == "application/problem+json"


def test_another_organisations_wallet_cannot_be_asked_for(company) -> None:
    person = make.member(make.organisation("funder"))
    assert make.api_client(person, organisation=company).get(WALLET).status_code == 404


def test_a_key_needs_its_scope(company) -> None:
    _, reader = make.api_key(company, scopes=("read",))
    assert make.api_client(token=reader).get(WALLET).status_code == 200
    refused = make.api_client(token=reader).post(REFERENCES)
    assert (refused.status_code, refused.json()["code"]) == (403, "scope_missing")
    _, writer = make.api_key(company, scopes=("write",))
    assert make.api_client(token=writer).get(WALLET).json()["code"] == "scope_missing"


def test_a_reference_is_made_once_and_shown_again(company) -> None:
    client = make.api_client(company)
    first, again = client.post(REFERENCES), client.post(REFERENCES)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    assert topups.codes_in(first.json()["shown"]) == {first.json()["code"]}


def test_an_unverified_organisation_gets_no_reference() -> None:
    row = make.organisation("company", verified=False)
    person = Membership.objects.get(organisation=row).person
    answer = make.api_client(person).post(REFERENCES)
    assert (answer.status_code, answer.json()["code"]) == (403, "organisation_not_verified")
