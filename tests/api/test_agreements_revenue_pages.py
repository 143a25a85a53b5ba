"""The pages, files and API of escrow and later revenue: each funder sees its own lines, everybody the sums."""

import csv
import io
from typing import Any

import pytest
from django.test import Client

from marketplace.accounts.models import Organisation, Person
from tests.factories import accounts, agreements, funding
from tests.factories.agreements import distributed, reported, tiered

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("opener")]


def browser(who: Organisation | Person) -> Client:
    client = Client()
    client.force_login(who if isinstance(who, Person) else who.memberships.order_by("id")[0].person)
    return client


def rows(client: Client, address: str) -> list[list[str]]:
    text = client.get(address).content.decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text)))


def test_the_escrow_stands_beside_its_picture_and_in_a_file_by_its_steps() -> None:
    active = tiered()
    agreements.released(active, 1)
    company = browser(active.company)
    page = company.get(f"/agreements/{active.pk}/").content.decode()
    assert '<a href="escrow.csv">CSV</a>' in page
    assert '<th scope="row">托管余额</th><td class="num">¥4,800.01</td>' in page
    paid_in = [["企业托管", "7984.02"], ["募资划入", "15.99"]]
    gone, still_there = [["M1 放款", "-3200.00"], ["托管余额", "4800.01"]], [["M2 待放款", "-4800.01"]]
    assert rows(company, f"/agreements/{active.pk}/escrow.csv") == [["步骤", "金额（元）"], *paid_in, *gone, *still_there]


def told(client: Client, address: str) -> Any:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.json()


def test_a_funder_follows_its_pledge_and_sees_of_the_others_only_their_sum() -> None:
    active = tiered()
    report = distributed(reported(active, shared=1_259, costs_fen=1_000))
    (own, other) = active.campaign.pledges.select_related("organisation").order_by("id")
    funder, company, officer = browser(own.organisation), browser(active.company), browser(accounts.staff("finance"))
    page = funder.get(f"/revenue/{report.pk}/").content.decode()
    assert f"/pledges/{own.pk}/" in page
    assert f"/pledges/{other.pk}/" not in page
    assert "¥0.39" in page  # the other's part, as a sum without a name
    assert "¥1.59" in company.get(f"/revenue/{report.pk}/").content.decode()

    lines = rows(funder, f"/agreements/{active.pk}/revenue.csv")[1:]
    assert [(line[3], line[6], line[7]) for line in lines] == [
        ("1", "", "10.00"), ("2", str(own.pk), "1.20"), ("3", "", "0.50"), ("3", "", "0.40"), ("3", "", "0.10"),
    ]  # fmt: skip
    assert len(rows(company, f"/agreements/{active.pk}/revenue.csv")) == 1 + 4
    assert len(rows(officer, f"/agreements/{active.pk}/revenue.csv")) == 1 + 6

    shown = told(company, f"/api/v1/revenue-reports/{report.pk}/")
    assert shown["tiers"] == {"costs_fen": 1_000, "funders_fen": 159, "rest_fen": 100}
    assert [line["role"] for line in shown["distributions"]] == ["company", "inventor", "unit", "region"]
    standing = told(funder, f"/api/v1/revenue-reports/{report.pk}/standing/")
    assert (standing["funders_cap_fen"], standing["funders_received_fen"], standing["inventor_fen"]) == (159, 159, 50)
    assert standing["pledges"] == [{"pledge": str(own.pk), "cap_fen": 120, "received_fen": 120}]
    assert rows(funder, "/portfolio/pledges.csv")[1][8:10] == ["1.20", "0.00"]
    assert "¥1.20" in funder.get("/portfolio/").content.decode()
    (pledge,) = told(funder, "/api/v1/portfolio/pledges/")["results"]
    assert pledge["revenue"] == {"received_fen": 120, "cap_fen": 120, "remaining_fen": 0}


def test_a_funder_reads_the_evidence_asks_and_ends_the_audit_on_the_pages() -> None:
    active = tiered()
    report = reported(active, shared=300, costs_fen=100)
    funder, company = browser(active.parties.filter(role="funder").first().organisation), browser(active.company)
    page = funder.get(f"/revenue/{report.pk}/").content.decode()
    assert "按现状将如何分配" in page
    assert b"".join(funder.get(f"/revenue/{report.pk}/evidence/").streaming_content) == b"sold: 12"
    act = f"/revenue/{report.pk}/actions"
    assert funder.post(f"{act}/ask/", {"key": "1", "text": "凭证缺第三页。"}).status_code == 302
    assert "凭证缺第三页。" in company.get(f"{act}/answer/").content.decode()
    answer = {"key": "2", "question": str(report.questions.get().pk), "text": "已补。"}
    assert company.post(f"{act}/answer/", answer).status_code == 302
    for party in active.parties.exclude(role="company"):
        assert browser(party.organisation).post(f"{act}/verify/").status_code == 302
    report.refresh_from_db()
    assert report.state == "verified"
    assert "已补。" in funder.get(f"/revenue/{report.pk}/").content.decode()


def test_who_contested_and_why_stands_on_the_page_and_over_the_api_and_settling_it_ends_the_audit() -> None:
    active = agreements.active(funding.awarded_demand())
    report, team, company = reported(active), browser(active.university), browser(active.company)
    at = f"/revenue/{report.pk}"
    assert team.post(f"{at}/actions/ask/", {"key": "1", "text": "发票呢？"}).status_code == 302
    assert team.post(f"{at}/actions/verify/").status_code == 302  # but its own question waits
    assert team.post(f"{at}/actions/contest/", {"key": "2", "reason": "漏报一季"}).status_code == 302
    assert f"{active.university.name} 提出异议" in company.get(f"{at}/").content.decode()
    answer = {"key": "3", "question": str(report.questions.get().pk), "text": "已补。"}
    assert company.post(f"{at}/actions/answer/", answer).status_code == 302
    assert team.post(f"{at}/actions/settle/").status_code == 302
    report.refresh_from_db()
    assert report.state == "verified"
    for client in (team, company):
        page = client.get(f"{at}/").content.decode()
        assert "漏报一季" in page
        assert "提出异议" in page
        said = told(client, f"/api/v1/revenue-reports/{report.pk}/")["objections"]
        assert [(one["action"], one["organisation"], one["reason"]) for one in said] == [("contest", str(active.university_id), "漏报一季")]
