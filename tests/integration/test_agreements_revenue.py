"""Later revenue: reported with evidence, audited, paid in, and divided by tiers by two people to the last fen."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from marketplace.agreements import errors
from marketplace.agreements.models import Distribution, RevenueReport
from marketplace.agreements.selectors import objections
from marketplace.agreements.services.auditing import conclude_if_all_agree
from marketplace.agreements.services.standing import shares_of_pledges
from marketplace.common import clock
from marketplace.common.errors import DomainError, Forbidden, Invalid, MissingScope
from marketplace.common.models import StoredFile
from marketplace.funding.models import Payout
from marketplace.treasury.selectors import balance
from marketplace.treasury.services import accounts as books
from marketplace.treasury.services.checking import check
from marketplace.workflow import sweeping
from marketplace.workflow.performing import perform
from tests.factories import accounts, agreements, funding, treasury
from tests.factories.agreements import distributed, reported, tiered
from tests.factories.roles import ONLY_GROWS, attempt, guards

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("opener")]


def held(account: Any) -> int:
    return balance(account).posted_fen


def lines(report: RevenueReport) -> list[tuple[int, str, int]]:
    return [(line.tier, line.role, line.fen) for line in report.distributions.all()]


def test_revenue_is_reported_by_the_company_of_an_agreement_in_force() -> None:
    with pytest.raises(errors.RevenueTooEarly):
        reported(agreements.signed(funding.awarded_demand()))
    active = agreements.active(funding.awarded_demand())
    company = accounts.actor_for(active.company)
    for actor, refusal in (
        (accounts.actor_for(active.university), Forbidden),
        (replace(company, scopes=frozenset({"read"})), MissingScope),
    ):
        with pytest.raises(refusal):
            reported(active, actor=actor)
    made = reported(active, shared=1_000, revenue_fen=5_000)
    assert (made.state, made.revenue_fen, made.shared_fen, made.due_at) == ("reported", 5_000, 1_000, made.audit_until)


def test_amounts_and_periods_are_in_order_and_no_day_is_reported_twice() -> None:
    active = agreements.active(funding.awarded_demand())
    wrong = ({"shared_fen": 0}, {"shared_fen": 1_001}, {"period_from": date(2027, 1, 1)}, {"costs_fen": 1}, {"costs_fen": -1})
    for changes in wrong:
        with pytest.raises(Invalid):
            reported(active, **changes)
    first = reported(active)
    with pytest.raises(errors.PeriodReported):
        reported(active, period_from=date(2026, 12, 31), period_to=date(2027, 6, 30))
    with pytest.raises(IntegrityError, match="amounts of revenue report"), transaction.atomic():
        RevenueReport.objects.filter(pk=first.pk).update(shared_fen=999)
    perform("withdraw", first, accounts.actor_for(active.company), reason="金额有误")
    assert reported(active).state == "reported"


def test_the_audit_ends_when_all_agree_and_no_question_waits_and_each_party_speaks_for_itself() -> None:
    active = tiered()
    company, team = accounts.actor_for(active.company), accounts.actor_for(active.university)
    one, two = (accounts.actor_for(party.organisation) for party in active.parties.filter(role="funder").order_by("id"))
    made = conclude_if_all_agree(perform("verify", reported(active, note="按季度汇总"), team))
    with pytest.raises(errors.AlreadyReviewed):
        perform("verify", made, team)
    with pytest.raises(Forbidden):
        perform("verify", made, company)
    made = perform("contest", made, one, reason="漏报一季")
    assert (made.state, made.note) == ("contested", "按季度汇总")  # the company's own words stay
    assert [(said.action, said.organisation.pk, said.reason) for said in objections(made)] == [("contest", one.organisation_id, "漏报一季")]
    with pytest.raises(errors.NotContester):
        perform("settle", made, two)
    made = perform("ask", perform("settle", made, one), two, text="发票在哪里？")
    with pytest.raises(errors.QuestionOpen):
        perform("ask", made, two, text="还有呢？")
    for actor in (one, two):
        made = conclude_if_all_agree(perform("verify", made, actor))
    assert made.state == "reported"  # the question still waits
    asked = made.questions.get()
    made = conclude_if_all_agree(perform("answer", made, company, question=asked.pk, text="附件第三页。"))
    assert made.state == "verified"
    with pytest.raises(DomainError):
        perform("contest", made, one, reason="太晚了")


def test_whoever_settles_last_ends_the_audit_and_what_was_said_in_it_stands() -> None:
    active = agreements.active(funding.awarded_demand())
    company, team = accounts.actor_for(active.company), accounts.actor_for(active.university)
    made = perform("verify", perform("ask", reported(active), team, text="发票呢？"), team)
    made = perform("answer", perform("contest", made, team, reason="缺发票"), company, question=made.questions.get().pk, text="已补。")
    assert conclude_if_all_agree(perform("settle", made, team)).state == "verified"
    changes = (
        lambda: made.reviews.update(organisation_id=active.company_id),
        made.reviews.all().delete,
        lambda: made.questions.update(text="没有问题"),
        lambda: made.questions.update(answer="改口"),
        made.questions.all().delete,
    )
    for change in changes:
        with pytest.raises(IntegrityError, match="said in an audit"), transaction.atomic():
            change()


@pytest.mark.django_db(databases=["default", "owner"])
def test_what_was_said_in_an_audit_is_emptied_by_nobody_its_owner_included() -> None:
    tables = {"agreements_revenuereview", "agreements_revenuequestion"}
    for table in sorted(tables):
        assert attempt("owner", f"TRUNCATE {table} CASCADE") == ONLY_GROWS
    assert {awake for table, _, _, awake in guards("agreements_revenue") if table in tables} == {"A"}


def test_a_refused_report_keeps_no_evidence() -> None:
    active = agreements.active(funding.awarded_demand())
    reported(active)
    kept = StoredFile.objects.count()
    for changes in ({"shared_fen": 0}, {"actor": accounts.actor_for(active.university)}, {}):
        with pytest.raises(DomainError):
            reported(active, **changes)
    assert StoredFile.objects.count() == kept


def test_an_audit_that_nobody_ends_is_over_when_its_time_is_but_not_before_every_answer() -> None:
    active = agreements.active(funding.awarded_demand())
    company, team = accounts.actor_for(active.company), accounts.actor_for(active.university)

    def ends(report: RevenueReport, moment: datetime) -> RevenueReport:
        RevenueReport.objects.filter(pk=report.pk).update(audit_until=moment, due_at=moment)
        return RevenueReport.objects.get(pk=report.pk)

    def swept(report: RevenueReport) -> tuple[str, int]:
        sweeping.sweep()
        report.refresh_from_db()
        return report.state, report.escalations

    made = ends(reported(active), accounts.a_moment_ago())
    for action, data in (("verify", {}), ("ask", {"text": "？"}), ("contest", {"reason": "？"})):
        with pytest.raises(errors.AuditOver):
            perform(action, made, team, **data)
    made = perform("ask", ends(made, clock.now() + timedelta(days=1)), team, text="成本如何分摊？")
    made = ends(made, accounts.a_moment_ago())
    assert swept(made) == ("reported", 1)  # the company is silent, and the team may still contest
    made = perform("settle", perform("contest", made, team, reason="不答复。"), team)
    made = perform("answer", made, company, question=made.questions.get().pk, text="按工时。")
    assert made.audit_until > clock.now() + timedelta(days=6)  # the answer can be weighed
    assert swept(ends(made, accounts.a_moment_ago())) == ("verified", 0)
    made.refresh_from_db()
    with pytest.raises(DomainError) as refused:
        perform("pay_in", made, company)  # the wallet is empty
    assert refused.value.code == "insufficient_funds"


def test_each_year_goes_down_the_tiers_and_every_fen_to_a_line() -> None:
    active = tiered()
    pledges = list(active.campaign.pledges.order_by("id"))
    assert [pledge.captured_fen for pledge in pledges] == [1_200, 399]
    first = distributed(reported(active, year=2026, shared=700, costs_fen=900))
    assert lines(first) == [(1, "company", 700)]
    # 200 evidenced fen are still claimed; of 61 left the caps of 120 and 39 fen take 46.04 and 14.96.
    second = distributed(reported(active, year=2027, shared=261, costs_fen=0))
    assert lines(second) == [(1, "company", 200), (2, "funder", 46), (2, "funder", 15)]
    assert [(line.pledge_id, line.organisation_id) for line in second.distributions.filter(tier=2)] == [
        (pledge.pk, pledge.organisation_id) for pledge in pledges
    ]
    shares = shares_of_pledges([pledge.pk for pledge in pledges])
    assert [(shares[pledge.pk].received_fen, shares[pledge.pk].remaining_fen) for pledge in pledges] == [(46, 74), (15, 24)]
    # The last 100 of 1,000 fen of costs, the funders' last 98, and 803 by 401.5, 321.2 and 80.3, ties by name.
    third = distributed(reported(active, year=2028, shared=1_001, costs_fen=5_000))
    assert lines(third)[:3] == [(1, "company", 100), (2, "funder", 74), (2, "funder", 24)]
    assert lines(third)[3:] == [(3, "inventor", 402), (3, "unit", 321), (3, "region", 80)]
    assert lines(distributed(reported(active, year=2029, shared=1, costs_fen=9))) == [(3, "unit", 1)]
    region = active.region_body
    paid = [
        (payout.organisation_id, payout.fen, payout.purpose_id) for payout in Payout.objects.filter(purpose_id=third.pk).order_by("-fen")
    ]
    assert paid == [(active.university_id, 723, third.pk), (region.pk, 80, third.pk)]
    assert [held(books.wallet(pledge.organisation_id)) for pledge in pledges] == [120, 39]
    assert (held(books.wallet(active.company_id)), held(books.payable(active.university_id)), held(books.payable(region.pk))) == (
        1_000,
        724,
        80,
    )
    assert held(books.revenue(active.pk)) == 0


def test_two_officers_decide_and_a_line_is_never_changed() -> None:
    active = agreements.active(funding.awarded_demand(), inventor_share_ppm=0, unit_share_ppm=1_000_000)
    made = agreements.verified(reported(active, shared=7))
    treasury.funded_wallet(7, active.company_id)
    made = perform("pay_in", made, accounts.actor_for(active.company))
    for actor in (accounts.staff_actor("reviewer"), accounts.actor_for(active.company)):
        with pytest.raises(Forbidden):
            perform("approve", made, actor)
    first = accounts.staff_actor("finance")
    made = perform("approve", made, first)
    with pytest.raises(errors.SameApprover):
        perform("distribute", made, first)
    done = perform("distribute", made, accounts.staff_actor("finance"))
    assert lines(done) == [(3, "unit", 7)]  # nobody is paid nothing
    for change in (lambda: done.distributions.update(fen=6), done.distributions.all().delete):
        with pytest.raises(IntegrityError, match="never changed or taken out"), transaction.atomic():
            change()
    again = Distribution(report=done, organisation_id=active.university_id, number=2, tier=3, role="unit", fen=1)
    with pytest.raises(IntegrityError, match="distribution_once"), transaction.atomic():
        again.save(force_insert=True)


@pytest.mark.breaks_books("lines were added that nobody paid, beyond a report's amount and a pledge's cap")
def test_lines_beyond_the_amount_or_the_cap_are_found() -> None:
    active = tiered()
    made = distributed(reported(active, shared=200))
    assert check() == []
    pledge = active.campaign.pledges.order_by("id")[0]
    other = reported(active, year=2027, shared=5)
    Distribution.objects.create(report=other, number=1, organisation_id=pledge.organisation_id, tier=2, role="funder", pledge=pledge, fen=1)
    Distribution.objects.create(report=made, number=9, organisation_id=active.company_id, tier=1, role="company", fen=1)
    assert {(found.rule.code, found.what) for found in check()} == {
        ("B10a", f"revenue report {made.pk}"),
        ("B10a", f"revenue report {other.pk}"),
        ("B10b", f"pledge {pledge.pk}"),
        ("B10b", f"agreement {active.pk}"),
    }


@pytest.mark.breaks_books("a report is said to be paid in and is not")
def test_a_revenue_account_that_no_report_explains_is_found() -> None:
    made = agreements.approved(reported(agreements.active(funding.awarded_demand()), shared=50))
    assert check() == []
    RevenueReport.objects.filter(pk=made.pk).update(state="verified")
    assert {found.rule.code for found in check()} == {"B10c", "B7"}
