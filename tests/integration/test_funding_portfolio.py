"""What an institution reads of its own money: by quarter, by pledge, and as files that add up."""

import csv
import io
import re
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from marketplace.common.actor import Actor
from marketplace.funding import portfolio
from marketplace.funding.models import Pledge
from marketplace.funding.services import closing
from marketplace.funding.web import curve
from marketplace.treasury.models import BEIJING
from marketplace.treasury.services import accounts as books
from marketplace.workflow.performing import perform
from tests.factories import accounts, funding, treasury

pytestmark = pytest.mark.django_db


def browser(who) -> Client:
    client = Client()
    client.force_login(who.memberships.order_by("id")[0].person)
    return client


def refunded_campaign(funder):
    """300,000 fen paid in and returned, 20,000 fen of revenue besides, 50,000 fen held for another campaign."""
    campaign = funding.campaign([funder])
    funding.firm(campaign, funder, 300_000)
    campaign = list(closing.close(campaign=funding.overdue(campaign)))[-1]
    perform("demand_lost", campaign, Actor.system())
    campaign.refresh_from_db()
    perform("refund_done", campaign, Actor.system())
    treasury.pay(books.custody(), books.wallet(funder.pk), 20_000, code="revenue.funder")
    other = funding.campaign([funder])
    funding.firm(other, funder, 50_000)
    return campaign, other


def test_a_quarters_flow_and_the_totals_are_the_wallets_own_transfers() -> None:
    funder, stranger = funding.funder(400_000), funding.funder(400_000)
    refunded_campaign(funder)
    today = datetime.now(UTC).astimezone(BEIJING)
    *before, flow = portfolio.flows_of(funder.pk)
    assert [(one.paid_fen, one.back_fen) for one in before] == [(0, 0)] * 3
    assert (flow.paid_fen, flow.returned_fen, flow.revenue_fen, flow.back_fen) == (300_000, 300_000, 20_000, 320_000)
    assert flow.label == f"{today.year % 100:02d}Q{(today.month + 2) // 3}"
    totals = portfolio.totals_of(funder.pk)
    assert (totals.pledged, totals.held_fen, totals.paid_fen) == (2, 50_000, 300_000)
    assert (totals.returned_fen, totals.revenue_fen) == (300_000, 20_000)
    assert portfolio.flows_of(stranger.pk) == []


def test_the_page_and_its_files_say_the_same_and_only_of_ones_own_pledges() -> None:
    funder, stranger = funding.funder(400_000), funding.funder(400_000)
    campaign, other = refunded_campaign(funder)
    client = browser(funder)
    page = client.get("/en/portfolio/").content.decode()
    assert "Cash flow" in page
    assert "¥3,000.00" in page
    rows = list(csv.reader(io.StringIO(client.get("/portfolio/pledges.csv").content.decode("utf-8-sig"))))
    assert [row[5:10] for row in rows[1:]] == [["500.00", *["0.00"] * 4], [*["3000.00"] * 3, "0.00", "0.00"]]
    flows = list(csv.reader(io.StringIO(client.get("/portfolio/cash-flow.csv").content.decode("utf-8-sig"))))
    assert flows[-1][1:] == ["3000.00", "3000.00", "200.00"]
    assert str(campaign.title) not in browser(stranger).get("/portfolio/").content.decode()
    assert client.get("/portfolio/everything.csv").status_code == 404
    assert browser(campaign.organisation).get("/portfolio/").status_code == 403
    assert other.title in page


def test_the_api_says_what_the_page_says_and_only_of_ones_own_pledges() -> None:
    funder, stranger = funding.funder(400_000), funding.funder(400_000)
    campaign, other = refunded_campaign(funder)
    client = accounts.api_client(funder)
    told = client.get("/api/v1/portfolio/").json()
    assert told["totals"] == {"pledges": 2, "held_fen": 50_000, "paid_fen": 300_000, "returned_fen": 300_000, "revenue_fen": 20_000}
    flows = [(one["paid_fen"], one["returned_fen"], one["revenue_fen"]) for one in told["flows"]]
    assert flows == [*[(0, 0, 0)] * 3, (300_000, 300_000, 20_000)]
    held, paid = client.get("/api/v1/portfolio/pledges/").json()["results"]
    assert (held["campaign"], held["state"], held["fen"], held["captured_fen"]) == (str(other.pk), "firm", 50_000, 0)
    assert (paid["campaign"], paid["captured_fen"], paid["refunded_fen"], paid["revenue"]) == (str(campaign.pk), 300_000, 300_000, None)
    assert accounts.api_client(stranger).get("/api/v1/portfolio/pledges/").json()["results"] == []
    for path in ("", "pledges/"):
        assert accounts.api_client(campaign.organisation).get(f"/api/v1/portfolio/{path}").status_code == 403


def test_the_curve_of_a_campaign_is_what_stands_at_each_days_end() -> None:
    first, second = funding.funder(100_000), funding.funder(100_000)
    campaign = funding.campaign([first, second])
    assert (curve.days_of(campaign), curve.picture(campaign, [])) == ([], "")
    funding.pledge(campaign, first, 60_000)
    perform("cancel", funding.pledge(campaign, second, 40_000), accounts.actor_for(second))
    days = curve.days_of(campaign)
    assert [(one.fen, one.funders) for one in days] == [(60_000, 1)]
    assert "累计认筹" in str(curve.picture(campaign, days))


def test_no_reader_of_a_campaign_can_tell_one_funders_pledge_from_its_curve() -> None:
    funders = [funding.funder(100_000) for _ in range(4)]
    campaign = funding.campaign(funders)
    for ago, (who, fen) in enumerate(zip(funders, (10_000, 20_000, 30_000, 40_000), strict=True)):
        made = funding.pledge(campaign, who, fen)
        Pledge.objects.filter(pk=made.pk).update(accepted_at=made.accepted_at - timedelta(days=5 - ago))
    days = curve.days_of(campaign)
    assert [(one.fen, one.funders) for one in days] == [(10_000, 1), (30_000, 2), (60_000, 3), (100_000, 4)]
    for reader in (campaign.organisation, funders[0]):
        page = browser(reader).get(f"/campaigns/{campaign.pk}/").content.decode()
        assert "每一步至少含 3 家机构" in page
        shown = page.split("累计认筹")[-1].split("</table>")[0]
        assert "1,000.00" in shown
        assert not {"100.00", "300.00", "600.00"} & set(re.findall(r">([\d,.]+)<", shown))
        rows = csv.reader(io.StringIO(browser(reader).get(f"/campaigns/{campaign.pk}/pledged.csv").content.decode("utf-8-sig")))
        assert list(rows)[1:] == [[days[-1].day.isoformat(), "1000.00"]]
