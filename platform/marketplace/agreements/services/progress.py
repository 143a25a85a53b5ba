"""How the work of a campaign stands by its agreement, for the portfolios of those who funded it."""

from collections.abc import Collection
from itertools import groupby
from uuid import UUID

from marketplace.agreements.models import Agreement, Milestone, RevenueReport
from marketplace.agreements.workflow import AgreementState, MilestoneState, RevenueState
from marketplace.funding.progress import Step, StepKind, Work

BEFORE_FORCE = {
    AgreementState.NEGOTIATING: StepKind.NEGOTIATION,
    AgreementState.PENDING_SIGNATURES: StepKind.SIGNATURES,
    AgreementState.SIGNED: StepKind.FUNDS,
}
AT_WORK = {
    MilestoneState.IN_PROGRESS: StepKind.DELIVERY,
    MilestoneState.UNDER_REVIEW: StepKind.REVIEW,
    MilestoneState.REVISION_REQUESTED: StepKind.REVISION,
}
OF_REPORT = {
    RevenueState.REPORTED: StepKind.AUDIT,
    RevenueState.CONTESTED: StepKind.AUDIT,
    RevenueState.VERIFIED: StepKind.PAY_IN,
    RevenueState.PAID_IN: StepKind.DIVISION,
    RevenueState.APPROVED: StepKind.DIVISION,
}


def work_of_campaigns(campaigns: Collection[UUID]) -> dict[UUID, Work]:
    """The work of each of these campaigns that has an agreement, by the one that is not void; two queries for any number.

    Of several, which follow each other where one was terminated, the one with the highest id.
    """
    rows = (
        Milestone.objects.filter(agreement__campaign__in=campaigns)
        .exclude(agreement__state=AgreementState.VOID)
        .select_related("agreement")
        .defer("agreement__document", "agreement__statement", "agreement__terms_zh", "agreement__terms_en")
        .order_by("agreement_id", "ordinal")
    )
    reports = RevenueReport.objects.filter(agreement__campaign__in=campaigns, state__in=OF_REPORT).order_by("-period_from", "-id")
    # The oldest open report comes last and stays.
    open_reports = {report.agreement_id: report for report in reports}
    found: dict[UUID, Work] = {}
    for agreement, group in groupby(rows, key=lambda milestone: milestone.agreement):
        milestones = list(group)
        assert agreement.campaign_id is not None
        found[agreement.campaign_id] = Work(
            weights=tuple(milestone.fen for milestone in milestones),
            released=sum(milestone.state == MilestoneState.RELEASED for milestone in milestones),
            next=_next(agreement, milestones, open_reports.get(agreement.pk)),
        )
    return found


def _next(agreement: Agreement, milestones: list[Milestone], report: RevenueReport | None) -> Step | None:
    """Before its force the agreement's own step, then that of the milestone at work, then what comes of revenue."""
    state = AgreementState(agreement.state)
    if state in BEFORE_FORCE:
        return Step(BEFORE_FORCE[state], agreement.due_at)
    if state == AgreementState.ACTIVE:
        return next((step for milestone in milestones if (step := _of_milestone(milestone))), None)
    if state != AgreementState.COMPLETED:
        return None
    return Step(OF_REPORT[RevenueState(report.state)], report.due_at) if report else Step(StepKind.REPORT)


def _of_milestone(milestone: Milestone) -> Step | None:
    kind = AT_WORK.get(MilestoneState(milestone.state))
    if kind is None:
        return None
    # The work is late from the day it was promised for, however often that has been told since.
    due_at = milestone.deliver_by if kind == StepKind.DELIVERY else milestone.due_at
    return Step(kind, due_at, milestone.ordinal)
