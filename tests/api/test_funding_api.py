"""Campaigns, pledges and payouts over the API: who sees what, keys, refusals, and lists of constant cost."""

from datetime import timedelta

import pytest

from marketplace.common import clock
from marketplace.common.actor import ALL_SCOPES
from marketplace.common.ids import uuid7
from marketplace.funding import risk
from marketplace.funding.models import Campaign, Pledge
from marketplace.funding.services.paying_out import payout_request
from marketplace.treasury.selectors import balance
from marketplace.treasury.services import accounts as books
from tests.factories import accounts, funding, treasury

pytestmark = pytest.mark.django_db


def pledge_body(campaign: Campaign, fen: int = 60_000) -> dict:
    return {"campaign": str(campaign.pk), "fen": fen, **funding.accepted(campaign)}


def post_pledge(client, body: dict, key: str = "k-1"):
    return client.post("/api/v1/pledges/", body, headers={"Idempotency-Key": key} if key else {})


def test_a_company_proposes_a_campaign_and_a_reviewer_lets_it_open() -> None:
    demand, funder = funding.awarded_demand(), accounts.organisation("funder")
    company, reviewer = accounts.api_client(demand.organisation), accounts.api_client(accounts.staff("reviewer"))
    body = {
        **funding.terms(),
        "deadline": (clock.now() + timedelta(days=10)).isoformat(),
        "demand": str(demand.pk),
        "invited": [str(funder.pk)],
    }
    made = company.post("/api/v1/campaigns/", body)
    assert (made.status_code, made.data["state"], made.data["invited"]) == (201, "draft", [funder.pk])
    at = f"/api/v1/campaigns/{made.data['id']}/"
    assert company.patch(at, {"title_en": "Cold cells"}).data["title_en"] == "Cold cells"
    assert company.post(f"{at}actions/submit/").data["state"] == "submitted"
    assert company.post(f"{at}actions/approve/").status_code == 403
    assert reviewer.post(f"{at}actions/request_changes/", {"reason": ""}).status_code == 400
    assert reviewer.post(f"{at}actions/approve/", {}).data["state"] == "approved"
    assert accounts.api_client(funder).get(at).status_code == 404
    assert company.post(f"{at}actions/open/").data["state"] == "open"
    seen = accounts.api_client(funder).get(at)
    assert (seen.status_code, seen.data["invited"], seen.data["risk_version"]) == (200, None, risk.VERSION)
    assert [row["share_bp"] for row in seen.data["milestones"]] == [10_000]


def test_a_promise_of_return_is_a_refusal_that_names_its_field() -> None:
    demand = funding.awarded_demand()
    body = {**funding.terms(text_zh="保本保息"), "deadline": (clock.now() + timedelta(days=10)).isoformat(), "demand": str(demand.pk)}
    answer = accounts.api_client(demand.organisation).post("/api/v1/campaigns/", body)
    assert (answer.status_code, answer.json()["code"]) == (422, "promises_return")
    assert "text_zh" in str(answer.json())


def test_the_public_and_the_uninvited_find_nothing() -> None:
    campaign = funding.campaign()
    at = f"/api/v1/campaigns/{campaign.pk}/"
    assert accounts.api_client().get(at).status_code == 401
    for stranger in (accounts.organisation("funder"), accounts.organisation("company"), accounts.organisation("university")):
        client = accounts.api_client(stranger)
        assert client.get(at).status_code == 404
        assert client.get("/api/v1/campaigns/").data["results"] == []
        assert client.post(f"{at}actions/cancel/", {"reason": "x"}).status_code == 404
        assert post_pledge(client, pledge_body(campaign)).status_code == 404


def test_a_pledge_by_key_sends_thirty_statements(django_assert_num_queries) -> None:
    first, second = funding.funder(100_000), funding.funder(100_000)
    campaign = funding.campaign([first, second])
    assert post_pledge(accounts.api_client(first), pledge_body(campaign)).status_code == 201  # the escrow's account is opened by it
    client = accounts.api_client(token=accounts.api_key(second, scopes=sorted(ALL_SCOPES))[1])
    client.get("/api/v1/me/")  # the key's use is noted once a minute
    with django_assert_num_queries(30):
        assert post_pledge(client, pledge_body(campaign)).status_code == 201


def test_the_awarded_team_and_the_auditor_see_the_campaign() -> None:
    campaign = funding.campaign()
    team = campaign.demand.awarded_bid.organisation
    for who in (accounts.api_client(team), accounts.api_client(accounts.staff("auditor"))):
        assert [row["id"] for row in who.get("/api/v1/campaigns/").data["results"]] == [str(campaign.pk)]


def test_a_pledge_needs_a_key_and_the_same_key_is_one_pledge() -> None:
    funder = funding.funder(200_000)
    campaign = funding.campaign([funder])
    client = accounts.api_client(funder)
    assert post_pledge(client, pledge_body(campaign), key="").json()["code"] == "idempotency_key_missing"
    first, again = post_pledge(client, pledge_body(campaign)), post_pledge(client, pledge_body(campaign))
    assert (first.status_code, first.data["state"], first.data["fen"]) == (201, "cooling_off", 60_000)
    assert again.status_code == 201
    assert again["Idempotent-Replayed"] == "true"
    assert again.json() == first.json()
    assert post_pledge(client, pledge_body(campaign, 70_000)).json()["code"] == "idempotency_key_reused"
    assert Pledge.objects.count() == 1
    assert balance(books.wallet(funder.pk)).held_fen == 60_000


def test_a_refused_pledge_is_refused_again_by_the_same_key_and_leaves_nothing() -> None:
    funder = funding.funder(10_000)
    campaign = funding.campaign([funder])
    client = accounts.api_client(funder)
    answers = [post_pledge(client, pledge_body(campaign)) for _ in range(2)]
    assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [(409, "insufficient_funds")] * 2
    assert answers[0]["Content-Type"] == "application/problem+json"
    assert Pledge.objects.count() == 0


def test_a_funder_takes_its_pledge_back_while_cooling_off() -> None:
    funder = funding.funder(100_000)
    pledge = funding.pledge(funding.campaign([funder]), funder, 60_000)
    client, at = accounts.api_client(funder), f"/api/v1/pledges/{pledge.pk}/"
    offer = client.get(at).data["actions"]
    assert [(one["action"], one["allowed"], one["needs_idempotency_key"]) for one in offer] == [("cancel", True, True)]
    assert client.post(f"{at}actions/cancel/").status_code == 400
    done = client.post(f"{at}actions/cancel/", headers={"Idempotency-Key": "c-1"})
    assert (done.status_code, done.data["state"]) == (200, "cancelled")
    assert accounts.api_client(accounts.organisation("funder")).get(at).status_code == 404


def test_a_key_without_money_scope_cannot_pledge() -> None:
    funder = funding.funder(100_000)
    campaign = funding.campaign([funder])
    _, token = accounts.api_key(funder, scopes=["read", "write"])
    answer = post_pledge(accounts.api_client(token=token), pledge_body(campaign))
    assert (answer.status_code, answer.json()["code"]) == (403, "scope_missing")


def test_two_finance_officers_approve_a_payout_and_one_person_cannot_do_both() -> None:
    university = accounts.organisation("university")
    treasury.pay(books.custody(), books.payable(university.pk), 50_000)
    own = accounts.api_client(university)
    account = {"holder_name": university.name_zh, "number": "6222000012345678", "bank_name": "中国银行"}
    assert own.post("/api/v1/bank-accounts/", account).data["number"] == "**** 5678"
    payout = payout_request(organisation_id=university.pk, fen=50_000, purpose_kind="milestone", purpose_id=uuid7(), actor=funding.SYSTEM)
    first, second = (accounts.api_client(accounts.staff("finance")) for _ in range(2))
    unverified = first.get("/api/v1/bank-accounts/").data["results"][0]
    assert first.post(f"/api/v1/payouts/{payout.pk}/actions/approve_1/").json()["code"] == "bank_account_unverified"
    assert own.post(f"/api/v1/bank-accounts/{unverified['id']}/verify/").status_code == 403
    assert first.post(f"/api/v1/bank-accounts/{unverified['id']}/verify/").data["verified_at"] is not None
    at = f"/api/v1/payouts/{payout.pk}/"
    assert own.get(at).data["fen"] == 50_000
    assert own.post(f"{at}actions/approve_1/").status_code == 403
    assert first.post(f"{at}actions/approve_1/").data["state"] == "first_approved"
    same = first.post(f"{at}actions/approve_2/")
    assert (same.status_code, same.json()["code"]) == (409, "same_person")
    done = second.post(f"{at}actions/approve_2/")
    assert (done.data["state"], done.data["bank_account"]["number"]) == ("second_approved", "**** 5678")
    assert accounts.api_client(accounts.organisation("university")).get(at).status_code == 404
    assert "6222000012345678" not in str(own.get("/api/v1/bank-accounts/").content)


def test_lists_cost_the_same_number_of_queries_for_one_and_for_fifty_rows() -> None:
    company, funder, university = accounts.organisation("company"), accounts.organisation("funder"), accounts.organisation("university")
    base = funding.campaign([funder], demand=funding.awarded_demand(company, university))
    payout_request(organisation_id=university.pk, fen=1, purpose_kind="test", purpose_id=uuid7(), actor=funding.SYSTEM)
    funder_client, officer = accounts.api_client(funder), accounts.api_client(accounts.staff("finance"))
    Pledge.objects.create(campaign=base, organisation=funder, fen=10_000, state="expired", created_at=clock.now(), updated_at=clock.now())

    def queries(client, path: str) -> int:
        from django.db import connection
        from django.test.utils import CaptureQueriesContext

        with CaptureQueriesContext(connection) as seen:
            assert client.get(path).status_code == 200
        return len(seen)

    paths = [
        (funder_client, "/api/v1/campaigns/?page_size=50"),
        (funder_client, "/api/v1/pledges/?page_size=50"),
        (officer, "/api/v1/payouts/?page_size=50"),
    ]
    for client, path in paths:
        client.get(path)
    one = [queries(client, path) for client, path in paths]
    for _ in range(49):
        twin = Campaign.objects.get(pk=base.pk)
        twin.pk, twin.state, twin._state.adding = uuid7(), "cancelled_closed", True
        twin.save(force_insert=True)
        twin.invited.add(funder)
        Pledge.objects.create(
            campaign=twin, organisation=funder, fen=10_000, state="expired", created_at=clock.now(), updated_at=clock.now()
        )
        payout_request(organisation_id=university.pk, fen=1, purpose_kind="test", purpose_id=uuid7(), actor=funding.SYSTEM)
    assert [queries(client, path) for client, path in paths] == one
    assert len(funder_client.get(paths[0][1]).data["results"]) == 50


def test_more_time_is_granted_over_the_api_as_it_was_read_and_its_reason_is_not_for_funders() -> None:
    funder = funding.funder()
    campaign = funding.campaign([funder])
    at, later = f"/api/v1/campaigns/{campaign.pk}/", campaign.deadline + timedelta(days=7)
    company, reviewer = accounts.api_client(campaign.organisation), accounts.api_client(accounts.staff("reviewer"))
    asked = company.post(f"{at}actions/ask_extension/", {"until": later.isoformat(), "reason": "尽调"})
    assert (asked.status_code, asked.json()["extension_reason"]) == (200, "尽调")
    assert accounts.api_client(funder).get(at).json()["extension_reason"] is None
    other = reviewer.post(f"{at}actions/extend_once/", {"until": campaign.deadline.isoformat()})
    assert (other.status_code, other.json()["code"]) == (409, "extension_changed")
    assert reviewer.post(f"{at}actions/extend_once/", {}).status_code == 400
    granted = reviewer.post(f"{at}actions/extend_once/", {"until": reviewer.get(at).json()["extension_until"]})
    assert (granted.status_code, granted.json()["deadline"]) == (200, asked.json()["extension_until"])
