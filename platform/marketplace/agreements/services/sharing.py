"""Later revenue: reported, verified, paid in, and shared out exact to the fen."""

from datetime import date
from uuid import UUID

from django.db import transaction

from marketplace.agreements import errors
from marketplace.agreements.models import Agreement, Distribution, RevenueReport
from marketplace.agreements.permissions import agreement_roles
from marketplace.agreements.workflow import AgreementState, RevenueState
from marketplace.common.actor import Actor
from marketplace.common.errors import Forbidden, Invalid
from marketplace.common.models import StoredFile
from marketplace.common.money import split
from marketplace.common.text import bi
from marketplace.demands.permissions import demand_writer
from marketplace.demands.services.publishing import required
from marketplace.funding import selectors as funding
from marketplace.funding.services.paying_out import payout_request
from marketplace.treasury.services import accounts
from marketplace.treasury.services.transferring import transfer
from marketplace.workflow.context import Context
from marketplace.workflow.performing import begin, perform


def revenue_report(
    *,
    agreement: Agreement,
    actor: Actor,
    period_from: date,
    period_to: date,
    revenue_fen: int,
    shared_fen: int,
    evidence: StoredFile | None = None,
    note: str = "",
) -> RevenueReport:
    """Report a period's revenue, by the company: how much came in, how much of it is to be shared.

    Raises RevenueTooEarly before the agreement is in force, PeriodReported for a period reported
    before, Invalid for amounts out of order.
    """
    if "company" not in agreement_roles(actor, agreement):
        raise Forbidden(bi("由企业申报收益。", "The company reports revenue."))
    demand_writer(actor)
    if agreement.state not in (AgreementState.ACTIVE, AgreementState.COMPLETED):
        raise errors.RevenueTooEarly
    if not 0 < shared_fen <= revenue_fen or period_from > period_to:
        say = bi("期间与金额须成立：0 < 可分配金额 ≤ 收入。", "The period and amounts must be in order: 0 < shared ≤ revenue.")
        raise Invalid(say, fields={"shared_fen": [say]})
    if agreement.revenue_reports.filter(period_from=period_from).exclude(state=RevenueState.REJECTED).exists():
        raise errors.PeriodReported(fields={"period_from": [errors.PeriodReported.title]})
    report = RevenueReport(
        agreement=agreement,
        period_from=period_from,
        period_to=period_to,
        revenue_fen=revenue_fen,
        shared_fen=shared_fen,
        evidence=evidence,
        note=note,
    )
    with transaction.atomic():
        return perform("report", begin(report, actor), actor)


def describe(ctx: Context[RevenueReport]) -> None:
    """What is committed of a report."""
    report = ctx.obj
    ctx.private.update(
        agreement=str(report.agreement_id),
        period_from=report.period_from.isoformat(),
        period_to=report.period_to.isoformat(),
        revenue_fen=report.revenue_fen,
        shared_fen=report.shared_fen,
        evidence_sha256=report.evidence.sha256 if report.evidence else "",
    )


def explain(ctx: Context[RevenueReport], *, reason: str) -> None:
    """Contest or withdraw, with the reason."""
    ctx.reason = ctx.obj.note = required(reason)


def pay_in(ctx: Context[RevenueReport]) -> None:
    """The company pays what is to be shared from its wallet into the agreement's revenue account."""
    report = ctx.obj
    source, target = accounts.wallet(report.agreement.company_id), accounts.revenue(report.agreement_id)
    transfer(group=ctx.group, source=source, target=target, fen=report.shared_fen, code="revenue.paid_in")
    ctx.money = True


def approve(ctx: Context[RevenueReport]) -> None:
    """The first of two people."""
    ctx.obj.approved_by = ctx.actor.person_id


def two_people(ctx: Context[RevenueReport]) -> None:
    """Whoever distributes has not approved."""
    if ctx.actor.person_id == ctx.obj.approved_by:
        raise errors.SameApprover


def distribute(ctx: Context[RevenueReport]) -> None:
    """Share the revenue out: every fen goes to one party, a funder's part traced to its pledge.

    First by the agreed shares, then the funders' part among pledges by what each had captured;
    both by the largest remainder, ties by id. Wallets are credited; the team's part is payable.
    """
    two_people(ctx)
    report = ctx.obj
    source = accounts.revenue(report.agreement_id)
    for row in parts_of(report):
        if row.fen == 0:
            continue
        team = row.role == "team"
        target = accounts.payable(row.organisation_id) if team else accounts.wallet(row.organisation_id)
        transfer(group=ctx.group, source=source, target=target, fen=row.fen, code=f"revenue.{row.role}")
        ctx.money = True
        row.save(force_insert=True)
        if team:
            payout = payout_request(
                organisation_id=row.organisation_id,
                fen=row.fen,
                purpose_kind="revenue",
                purpose_id=report.pk,
                actor=Actor.system(),
            )
            ctx.private["payout"] = str(payout.pk)


def parts_of(report: RevenueReport) -> list[Distribution]:
    """The parts of a report as unsaved rows; they sum to `shared_fen`."""
    agreement = report.agreement
    shares = split(
        report.shared_fen,
        [
            ("1-company", agreement.company_share_ppm),
            ("2-team", agreement.team_share_ppm),
            ("3-funders", agreement.funders_share_ppm),
        ],
    )
    rows = [
        Distribution(report=report, organisation_id=agreement.company_id, role="company", fen=shares["1-company"]),
        Distribution(report=report, organisation_id=agreement.university_id, role="team", fen=shares["2-team"]),
    ]
    if agreement.campaign is None or not shares["3-funders"]:
        return rows
    pledges = funding.captured_pledges(agreement.campaign)
    weights: list[tuple[UUID, int]] = [(pledge.pk, pledge.captured_fen) for pledge in pledges]
    parts = split(shares["3-funders"], weights)
    return rows + [
        Distribution(report=report, organisation_id=pledge.organisation_id, role="funder", pledge_id=pledge.pk, fen=parts[pledge.pk])
        for pledge in pledges
    ]
