"""A matching pool over the API and on its pages, and what a campaign says of it."""

import pytest
from django.test import Client

from marketplace.accounts.models import Organisation
from marketplace.funding.models import MatchingPool
from marketplace.treasury.selectors import wallet_of
from tests.factories import accounts, funding, pools, treasury

pytestmark = pytest.mark.django_db


def browser(who: Organisation) -> Client:
    client = Client()
    client.force_login(who.memberships.order_by("id")[0].person)
    return client


def test_an_institution_opens_a_pool_once_by_its_key_and_reads_what_became_of_its_money() -> None:
    owner, funder = accounts.organisation("funder"), funding.funder(100_000)
    treasury.funded_wallet(50_000, owner.pk)
    client, body = accounts.api_client(owner), {**pools.terms(regions=["11"]), "fen": 40_000}
    body["until"] = body["until"].isoformat()
    assert client.post("/api/v1/pools/", body).status_code == 400
    made, again = (client.post("/api/v1/pools/", body, headers={"Idempotency-Key": "k"}) for _ in range(2))
    assert (made.status_code, again.json()["id"], wallet_of(owner.pk).available_fen) == (201, made.json()["id"], 10_000)
    campaign = funding.campaign([owner, funder])
    funding.firm(campaign, funder, 100_000)
    at = f"/api/v1/pools/{made.json()['id']}/"
    seen = client.get(at).json()
    assert seen["money"] == {"given_fen": 40_000, "committed_fen": 20_000, "paid_fen": 0, "left_fen": 20_000}
    assert [(one["campaign"], one["pledges"], one["held_fen"]) for one in seen["campaigns"]] == [(str(campaign.pk), 1, 20_000)]
    told = accounts.api_client(funder).get(f"/api/v1/campaigns/{campaign.pk}/").json()
    assert (told["matched_fen"], told["left_fen"]) == (20_000, 480_000)
    assert [(one["name_en"], one["runs"], one["ratio_bp"], one["given_fen"]) for one in told["matching"]] == [
        ("Pilot Matching Fund", True, 2_000, 20_000)
    ]
    closed = client.post(f"{at}actions/close/", headers={"Idempotency-Key": "c"}).json()
    assert (closed["state"], closed["money"]["left_fen"], wallet_of(owner.pk).available_fen) == ("closed", 0, 30_000)
    assert accounts.api_client(funder).get(at).status_code == 404


def test_the_form_opens_a_pool_and_a_double_click_is_one() -> None:
    owner = accounts.organisation("funder")
    treasury.funded_wallet(100_000, owner.pk)
    client = browser(owner)
    form = client.get("/pools/new/").context["form"]
    sent = {
        "name_zh": "=京冀引导基金",
        "fen": "600.00",
        "ratio_bp": "12.5",
        "pledge_cap_fen": "100",
        "campaign_cap_fen": "200",
        "funder_cap_fen": "300",
        "regions": ["11", "13"],
        "industries": ["38"],
        "until": "2099-01-01T00:00",
        "key": str(form.initial["key"]),
    }
    assert client.post("/pools/new/", {**sent, "fen": "1000.01"}).status_code == 422
    first, again = (client.post("/pools/new/", sent) for _ in range(2))
    made = MatchingPool.objects.get()
    assert first["Location"] == again["Location"] == f"/pools/{made.pk}/"
    assert (made.ratio_bp, made.regions, made.industries, wallet_of(owner.pk).available_fen) == (1_250, ["11", "13"], ["38"], 40_000)
    page = client.get(f"/pools/{made.pk}/").content.decode()
    assert "12.5 %" in page
    assert "北京、河北" in page


def test_a_campaign_says_in_one_sentence_what_a_pool_adds_and_its_owner_reads_it_as_csv() -> None:
    owner, funder = accounts.organisation("funder"), funding.funder(100_000)
    pool = pools.pool(owner, 30_000)
    campaign = funding.campaign([owner, funder], title_zh="=1+1")
    page = f"/campaigns/{campaign.pk}/"
    assert "中试引导基金对每笔确认的认筹配套 20 %" in browser(funder).get(page).content.decode()
    pledge = funding.firm(campaign, funder, 100_000)
    answer = browser(funder).get(f"/en{page}").content.decode()
    assert "so far 200.00 yuan." in answer
    assert "CNY 200.00 added by matching pools" in answer
    assert "Topped up by a pool" in browser(funder).get(f"/en/pledges/{pledge.pk}/").content.decode()
    lines = browser(owner).get(f"/pools/{pool.pk}/campaigns.csv").content.decode().splitlines()
    assert lines[1].split(",")[0] == "'=1+1"
    assert lines[1].split(",")[4:] == ["1", "200.00", "0.00", "0.00"]
    assert browser(funder).get(f"/pools/{pool.pk}/campaigns.csv").status_code == 404
    assert "中试引导基金" in browser(owner).get("/pools/").content.decode()
