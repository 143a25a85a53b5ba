"""From the agreement's first text to the last share of revenue: what a funder's portfolio says of its work, on page, file and API."""

import csv
import io
from datetime import datetime

import pytest
from django.test import Client

from marketplace.agreements.services import keys
from marketplace.funding import portfolio
from marketplace.funding.models import Pledge
from marketplace.funding.progress import standings
from marketplace.workflow.performing import perform
from tests.factories import accounts, agreements, funding
from tests.factories.treasury import funded_wallet

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("opener")]


def told(pledge: Pledge) -> tuple[str, str, datetime | None]:
    """How many milestones are released, what comes next, and by when, as the portfolio has it now."""
    row = portfolio.pledges_of(pledge.organisation_id).get(pk=pledge.pk)
    standing = standings([row], portfolio.revenue_shares([row.pk]))[row.pk]
    assert standing.work is not None
    so_far = f"{standing.work.released}/{len(standing.work.weights)}"
    return (so_far, standing.next.label, standing.next.due_at) if standing.next else (so_far, "", None)


def test_a_pledge_is_followed_from_the_agreements_text_through_the_work_to_the_last_share_of_revenue() -> None:
    demand = agreements.challenge_awarded()
    campaign = agreements.captured(demand, 1_000, cap_bp=1_000)
    pledge = campaign.pledges.get()
    assert told(pledge) == ("0/2", "起草协议", campaign.due_at)
    agreement = agreements.drawn(demand, campaign)
    company, team = accounts.actor_for(agreement.company), accounts.actor_for(agreement.university)
    assert told(pledge) == ("0/2", "协议定稿", agreement.due_at)
    agreement = perform("freeze_text", agreement, company)
    assert told(pledge) == ("0/2", "各方签署", agreement.due_at)
    for party in agreement.parties.select_related("organisation"):
        keys.key_register(actor=accounts.actor_for(party.organisation))
        agreement = agreements.sign(agreement, party.organisation)
    assert told(pledge) == ("0/2", "资金到位", agreement.fund_by)
    funded_wallet(agreement.company_fen, agreement.company_id)
    agreement = perform("conditions_met", agreement, company)
    assert told(pledge) == ("0/2", "M1 交付", agreement.milestones.get(ordinal=1).deliver_by)
    delivered = agreements.delivered(agreement, 1)
    assert told(pledge) == ("0/2", "M1 验收", delivered.due_at)
    revised = perform("request_revision", delivered, company, reason="缺原始记录")
    assert told(pledge) == ("0/2", "M1 整改", revised.due_at)
    perform("resume", revised, team)
    agreements.released(agreement, 1)
    assert told(pledge) == ("1/2", "M2 交付", agreement.milestones.get(ordinal=2).deliver_by)
    agreements.released(agreement, 2)
    assert told(pledge) == ("2/2", "申报收益", None)
    agreement.refresh_from_db()
    report = agreements.reported(agreement, shared=100)
    assert told(pledge) == ("2/2", "审查收益申报", report.audit_until)
    report = agreements.approved(report)
    assert told(pledge) == ("2/2", "分配收益", report.due_at)
    perform("distribute", report, accounts.staff_actor("finance"))
    assert told(pledge) == ("2/2", "", None)


def test_page_file_and_api_name_the_milestones_and_the_next_step_alike_until_a_termination_leaves_none() -> None:
    demand = agreements.challenge_awarded()
    agreement = agreements.active(demand, agreements.captured(demand, 1_000))
    agreements.released(agreement, 1)
    funder, by = agreement.campaign.pledges.get().organisation, agreement.milestones.get(ordinal=2).deliver_by
    funded_wallet(20_000, funder.pk)
    funding.firm(funding.campaign([funder]), funder, 20_000)
    client = Client()
    client.force_login(funder.memberships.order_by("id")[0].person)

    page = client.get("/portfolio/").content.decode()
    rows = page.split("认筹项目")[1].split("</tr>")[1:3]
    assert [row.count(">1/2<") + 2 * row.count(">0/1<") for row in rows] == [2, 1]
    assert ["募资截止" in rows[0], "M2 交付" in rows[1], f"{by:%Y-%m-%d}" in rows[1]] == [True] * 3
    assert "M2 delivery" in client.get("/en/portfolio/").content.decode()

    lines = list(csv.reader(io.StringIO(client.get("/portfolio/pledges.csv").content.decode("utf-8-sig"))))
    assert lines[0][-4:] == ["已放款里程碑", "里程碑数", "下一步", "下一步时限"]
    assert lines[2][-4:] == ["1", "2", "M2 交付", by.isoformat(timespec="seconds")]

    first, second = accounts.api_client(funder).get("/api/v1/portfolio/pledges/").json()["results"]
    assert (first["milestones"], first["next_step"]["kind"]) == ({"total": 1, "released": 0}, "deadline")
    assert second["milestones"] == {"total": 2, "released": 1}
    told_at = datetime.fromisoformat(second["next_step"].pop("due_at"))
    assert (second["next_step"], told_at) == ({"kind": "delivery", "text": "M2 交付", "milestone": 2}, by)

    perform("terminate", agreement, accounts.staff_actor("reviewer"), reason="mutual", text="双方同意")
    assert told(agreement.campaign.pledges.get()) == ("1/2", "", None)
