"""Later revenue: reported, agreed upon, paid in, and shared out by two people to the last fen."""

from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from django.db import IntegrityError, transaction
from hypothesis import given
from hypothesis import strategies as st

from marketplace.agreements import errors
from marketplace.agreements.models import Agreement, Distribution, RevenueReport
from marketplace.agreements.services import sharing
from marketplace.common.errors import DomainError, Forbidden, Invalid, MissingScope
from marketplace.funding.models import Campaign, Payout, Pledge
from marketplace.treasury.selectors import balance
from marketplace.treasury.services import accounts as books
from marketplace.workflow.performing import perform
from tests.factories import accounts, agreements, funding, treasury

MARCH, END = date(2026, 3, 1), date(2026, 3, 31)
database = pytest.mark.django_db
money = pytest.mark.usefixtures("opener")


def report(agreement: Agreement, *, shared: int = 1_000, revenue: int = 5_000, **changes: Any) -> RevenueReport:
    known = {"actor": accounts.actor_for(agreement.company), "period_from": MARCH, "period_to": END}
    return sharing.revenue_report(agreement=agreement, revenue_fen=revenue, shared_fen=shared, **{**known, **changes})


def paid_in(agreement: Agreement, shared: int) -> RevenueReport:
    made = perform("verify", report(agreement, shared=shared, revenue=shared), accounts.actor_for(agreement.university))
    treasury.funded_wallet(shared, agreement.company_id)
    return perform("pay_in", made, accounts.actor_for(agreement.company))


def distributed(made: RevenueReport) -> RevenueReport:
    approved = perform("approve", made, accounts.staff_actor("finance"))
    return perform("distribute", approved, accounts.staff_actor("finance"))


def held(account: Any) -> int:
    return balance(account).posted_fen


@database
@money
def test_revenue_is_reported_by_the_company_of_an_agreement_in_force() -> None:
    signed = agreements.signed(funding.awarded_demand())
    with pytest.raises(errors.RevenueTooEarly):
        report(signed)
    active = agreements.active(funding.awarded_demand())
    company = accounts.actor_for(active.company)
    for actor, refusal in (
        (accounts.actor_for(active.university), Forbidden),
        (replace(company, scopes=frozenset({"read"})), MissingScope),
    ):
        with pytest.raises(refusal):
            report(active, actor=actor)
    made = report(active)
    assert (made.state, made.revenue_fen, made.shared_fen) == ("reported", 5_000, 1_000)


@database
@money
def test_amounts_and_periods_are_in_order_and_a_period_is_reported_once() -> None:
    active = agreements.active(funding.awarded_demand())
    for wrong in ({"shared": 0}, {"shared": 5_001}, {"period_from": END, "period_to": MARCH}):
        with pytest.raises(Invalid):
            report(active, **wrong)
    first = report(active)
    with pytest.raises(errors.PeriodReported):
        report(active)
    perform("withdraw", first, accounts.actor_for(active.company), reason="金额有误")
    assert report(active).state == "reported"


@database
@money
def test_what_the_team_contests_is_paid_in_only_after_it_has_verified() -> None:
    active = agreements.active(funding.awarded_demand())
    company, team = accounts.actor_for(active.company), accounts.actor_for(active.university)
    made = perform("contest", report(active), team, reason="漏报一季")
    assert (made.state, made.note) == ("contested", "漏报一季")
    with pytest.raises(DomainError):
        perform("pay_in", made, company)
    with pytest.raises(Forbidden):
        perform("verify", made, company)
    made = perform("verify", made, team)
    with pytest.raises(DomainError) as refused:
        perform("pay_in", made, company)  # the wallet is empty
    assert refused.value.code == "insufficient_funds"
    treasury.funded_wallet(1_000, active.company_id)
    assert perform("pay_in", made, company).state == "paid_in"
    assert held(books.revenue(active.pk)) == 1_000


@database
@money
def test_two_people_decide_and_then_every_fen_has_gone_to_somebody() -> None:
    demand = agreements.challenge_awarded()
    campaign = agreements.captured(demand, 100_000, 33_333)
    active = agreements.active(demand, campaign, company_share_ppm=300_000, team_share_ppm=600_000, funders_share_ppm=100_000)
    made = paid_in(active, 1_001)
    first = accounts.staff_actor("finance")
    approved = perform("approve", made, first)
    with pytest.raises(errors.SameApprover):
        perform("distribute", approved, first)
    done = perform("distribute", approved, accounts.staff_actor("finance"))
    assert done.state == "distributed"
    # 1,001 fen: 300.3, 600.6 and 100.1, the odd fen to the team; 100 fen by 100,000 : 33,333 are 75.00019 and 24.99981.
    rows = {(row.role, row.fen) for row in done.distributions.all()}
    assert rows == {("company", 300), ("team", 601), ("funder", 75), ("funder", 25)}
    pledges = {pledge.pk: pledge for pledge in campaign.pledges.all()}
    for row in done.distributions.filter(role="funder"):
        pledge = pledges[row.pledge_id]
        assert row.organisation_id == pledge.organisation_id
        assert held(books.wallet(row.organisation_id)) == row.fen == {100_000: 75, 33_333: 25}[pledge.captured_fen]
    assert held(books.revenue(active.pk)) == 0
    assert (held(books.wallet(active.company_id)), held(books.payable(active.university_id))) == (300, 601)
    payout = Payout.objects.get(purpose_kind="revenue")
    assert (payout.fen, payout.purpose_id, payout.state) == (601, made.pk, "requested")


@database
@money
def test_nobody_is_paid_nothing() -> None:
    active = agreements.active(funding.awarded_demand(), company_share_ppm=0, team_share_ppm=1_000_000)
    done = distributed(paid_in(active, 7))
    assert list(done.distributions.values_list("role", "fen")) == [("team", 7)]


@database
@money
def test_only_finance_officers_approve_and_distribute() -> None:
    active = agreements.active(funding.awarded_demand())
    made = paid_in(active, 100)
    for actor in (accounts.staff_actor("reviewer"), accounts.actor_for(active.company)):
        with pytest.raises(Forbidden):
            perform("approve", made, actor)
    distributed(made)
    again = Distribution(report=made, organisation_id=active.university_id, role="team", pledge_id=None, fen=1)
    with pytest.raises(IntegrityError, match="distribution_once"), transaction.atomic():
        again.save(force_insert=True)


shares = (
    st.tuples(st.integers(0, 1_000_000), st.integers(0, 1_000_000))
    .map(sorted)
    .map(lambda cut: (cut[0], cut[1] - cut[0], 1_000_000 - cut[1]))
)
paid = st.lists(st.integers(1, 10**9), min_size=1, max_size=8)


@given(total=st.integers(1, 10**13), ppm=shares, amounts=paid)
def test_the_parts_of_any_revenue_sum_to_it_and_none_is_a_fen_off_its_share(
    total: int, ppm: tuple[int, int, int], amounts: list[int]
) -> None:
    company, team, funders = ppm
    pledges = [Pledge(pk=UUID(int=n), organisation_id=UUID(int=100 + n), captured_fen=fen) for n, fen in enumerate(amounts)]
    agreement = Agreement(
        company_id=UUID(int=50), university_id=UUID(int=51), company_share_ppm=company, team_share_ppm=team, funders_share_ppm=funders,
        campaign=Campaign(),
    )  # fmt: skip
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sharing.funding, "captured_pledges", lambda campaign: pledges)
        parts = sharing.parts_of(RevenueReport(agreement=agreement, shared_fen=total))
    assert sum(part.fen for part in parts) == total
    by_role = {role: sum(part.fen for part in parts if part.role == role) for role in ("company", "team", "funder")}
    for role, share in (("company", company), ("team", team), ("funder", funders)):
        assert abs(by_role[role] * 1_000_000 - total * share) < 1_000_000
    whole = sum(amounts)
    for part in parts:
        if part.role == "funder":
            captured = pledges[part.pledge_id.int].captured_fen
            assert abs(part.fen * whole - by_role["funder"] * captured) < whole
