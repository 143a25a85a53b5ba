"""Later revenue is reported by the company, with its evidence."""

from collections.abc import Callable
from datetime import date, timedelta

from django.db import transaction

from marketplace.agreements import errors
from marketplace.agreements.models import Agreement, RevenueReport
from marketplace.agreements.permissions import agreement_roles
from marketplace.agreements.workflow import AgreementState, RevenueState
from marketplace.common.actor import Actor
from marketplace.common.errors import Forbidden, Invalid
from marketplace.common.models import StoredFile
from marketplace.common.text import bi
from marketplace.demands.permissions import demand_writer
from marketplace.workflow.context import Context
from marketplace.workflow.performing import begin, lock_row, perform


def revenue_report(
    *,
    agreement: Agreement,
    actor: Actor,
    period_from: date,
    period_to: date,
    revenue_fen: int,
    shared_fen: int,
    evidence: Callable[[], StoredFile],
    costs_fen: int = 0,
    note: str = "",
) -> RevenueReport:
    """Report a period's revenue, by the company: how much came in, what of it is shared, and the costs that the evidence shows.

    Costs beyond what is shared stay claimed against later reports, up to what the agreement returns first. `evidence` takes
    the file in: it is asked for once nothing else can be refused, since what is kept is kept for years. Raises
    RevenueTooEarly before the agreement is in force, PeriodReported for a period that touches one reported before,
    CostsNotAgreed, Invalid for amounts out of order.
    """
    _by_the_company(agreement, actor)
    if period_from > period_to:
        say = bi("期间的起始日不能晚于截止日。", "The period ends before it begins.")
        raise Invalid(say, fields={"period_to": [say]})
    _check_amounts(agreement, revenue_fen, shared_fen, costs_fen)
    _check_period(agreement, period_from, period_to)
    shown = evidence()
    with transaction.atomic():
        locked = lock_row(agreement)
        _check_period(locked, period_from, period_to)  # again: another report may have come meanwhile
        report = RevenueReport(
            agreement=locked,
            period_from=period_from,
            period_to=period_to,
            revenue_fen=revenue_fen,
            costs_fen=costs_fen,
            shared_fen=shared_fen,
            evidence=shown,
            note=note,
        )
        return perform("report", begin(report, actor), actor)


def _by_the_company(agreement: Agreement, actor: Actor) -> None:
    if "company" not in agreement_roles(actor, agreement):
        raise Forbidden(bi("由企业申报收益。", "The company reports revenue."))
    demand_writer(actor)


def _check_period(agreement: Agreement, period_from: date, period_to: date) -> None:
    if agreement.state not in (AgreementState.ACTIVE, AgreementState.COMPLETED):
        raise errors.RevenueTooEarly
    told = agreement.revenue_reports.exclude(state=RevenueState.REJECTED)
    if told.filter(period_from__lte=period_to, period_to__gte=period_from).exists():
        raise errors.PeriodReported(fields={"period_from": [errors.PeriodReported.title]})


def _check_amounts(agreement: Agreement, revenue_fen: int, shared_fen: int, costs_fen: int) -> None:
    if not 0 < shared_fen <= revenue_fen:
        say = bi("可分配金额须大于 0 且不超过收入。", "What is shared is more than 0 and no more than the revenue.")
        raise Invalid(say, fields={"shared_fen": [say]})
    if costs_fen < 0 or (costs_fen and not agreement.costs_cap_fen):
        raise errors.CostsNotAgreed(fields={"costs_fen": [errors.CostsNotAgreed.title]})


def describe(ctx: Context[RevenueReport]) -> None:
    """What is committed of a report; the time to audit it runs from here."""
    report = ctx.obj
    report.audit_until = ctx.now + timedelta(seconds=ctx.policy.review_seconds)
    ctx.private.update(
        agreement=str(report.agreement_id),
        period_from=report.period_from.isoformat(),
        period_to=report.period_to.isoformat(),
        revenue_fen=report.revenue_fen,
        costs_fen=report.costs_fen,
        shared_fen=report.shared_fen,
        evidence_sha256=report.evidence.sha256,
    )
