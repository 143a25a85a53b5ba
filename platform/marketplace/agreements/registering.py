"""Which rule stands behind which move of an agreement, a milestone and a revenue report."""

from typing import Any

from marketplace.agreements import permissions
from marketplace.agreements.models import Agreement, Milestone, RevenueReport, Share
from marketplace.agreements.services import (
    auditing,
    balancing,
    delivering,
    drawing,
    escrow,
    progress,
    reporting,
    sharing,
    signing,
    standing,
)
from marketplace.agreements.workflow import AGREEMENT, MILESTONE, REVENUE, AgreementState, MilestoneState
from marketplace.common.text import bi
from marketplace.demands.workflow import DemandState
from marketplace.funding import portfolio
from marketplace.funding.progress import tell_work
from marketplace.treasury.labels import name_codes
from marketplace.treasury.services import checking
from marketplace.workflow import registry


def register() -> None:
    """Called once, when the apps are ready."""
    _agreements()
    _milestones()
    _revenue()
    for state in (DemandState.EVALUATING, DemandState.OPEN):
        registry.on_entering("demand", state, drawing.award_lost)
    registry.on_entering("agreement", AgreementState.ACTIVE, escrow.start_milestones)
    registry.on_entering("milestone", MilestoneState.ACCEPTED, delivering.release_on_acceptance)
    registry.on_entering("milestone", MilestoneState.RELEASED, delivering.go_on)
    for rule in balancing.RULES:
        checking.add_rule(rule)
    portfolio.tell_revenue(standing.shares_of_pledges)
    tell_work(progress.work_of_campaigns)
    name_codes(
        {
            "agreement.company_share": bi("转入协议托管（企业部分）", "Into escrow, the company's part"),
            "agreement.campaign_share": bi("转入协议托管（募资部分）", "Into escrow, the campaign's part"),
            "agreement.returned": bi("终止退回", "Returned on termination"),
            "milestone.released": bi("里程碑放款", "Milestone released"),
            "milestone.fee": bi("平台服务费", "Platform fee"),
            "revenue.paid_in": bi("缴入收益专户", "Revenue paid in"),
            f"revenue.{Share.COMPANY.value}": bi("收益分配：归还成本", "Revenue: costs returned"),
            f"revenue.{Share.FUNDER.value}": bi("收益分配：出资方", "Revenue: the funder's share"),
            f"revenue.{Share.INVENTOR.value}": bi("收益分配：成果完成人", "Revenue: the inventors' share"),
            f"revenue.{Share.UNIT.value}": bi("收益分配：成果所在单位", "Revenue: the institution's share"),
            f"revenue.{Share.REGION.value}": bi("收益分配：地区", "Revenue: the region's share"),
        }
    )


def _agreements() -> None:
    registry.register(
        AGREEMENT,
        model=Agreement,
        roles_of=permissions.agreement_roles,
        visible=permissions.agreement_visible,
        public=lambda agreement: agreement.signed_at is not None,
        guards={
            "last_signature": signing.all_signed,
            "conditions_met": escrow.every_source_is_funded,
            "condition_failed": escrow.funding_time_over,
        },
        effects={
            "revise": drawing.revise,
            "freeze_text": drawing.freeze_text,
            "abandon": drawing.abandon,
            "reopen": drawing.reopen,
            "sign": signing.sign,
            "last_signature": signing.last_signature,
            "conditions_met": escrow.fund,
            "condition_failed": escrow.void_after_signing,
            "complete": escrow.complete,
            "terminate": escrow.terminate,
        },
        locks=dict.fromkeys(("sign", "last_signature", "conditions_met", "condition_failed", "complete", "terminate"), _above_agreement),
    )


def _milestones() -> None:
    registry.register(
        MILESTONE,
        model=Milestone,
        roles_of=permissions.milestone_roles,
        visible=permissions.milestone_visible,
        public=lambda milestone: milestone.agreement.signed_at is not None,
        effects={
            "start": delivering.start,
            "submit": delivering.submit,
            "request_revision": delivering.request_revision,
            "accept": delivering.accept,
            "release": delivering.release,
            "cancel": delivering.name_agreement,
        },
        locks=dict.fromkeys(("submit", "accept", "auto_accept", "release", "cancel"), _above_milestone),
    )


def _revenue() -> None:
    registry.register(
        REVENUE,
        model=RevenueReport,
        roles_of=permissions.revenue_roles,
        visible=permissions.revenue_visible,
        public=lambda report: False,
        guards={
            "verify": auditing.not_yet_reviewed,
            "ask": auditing.in_time,
            "contest": auditing.in_time,
            "settle": auditing.is_contester,
            "conclude": auditing.audit_is_over,
            "distribute": sharing.two_people,
        },
        effects={
            "report": reporting.describe,
            "verify": auditing.verify,
            "ask": auditing.ask,
            "answer": auditing.answer,
            "contest": auditing.contest,
            "settle": auditing.settle,
            "withdraw": auditing.withdraw,
            "pay_in": sharing.pay_in,
            "approve": sharing.approve,
            "distribute": sharing.distribute,
        },
        locks={"distribute": _above_report},
    )


def _above_agreement(agreement: Agreement) -> list[Any]:
    """The documented order: demand, campaign, then the agreement."""
    return [row for row in (agreement.demand, agreement.campaign) if row is not None]


def _above_milestone(milestone: Milestone) -> list[Any]:
    return [*_above_agreement(milestone.agreement), milestone.agreement]


def _above_report(report: RevenueReport) -> list[Any]:
    """The agreement, since what its earlier reports have paid bounds what this one pays."""
    return [report.agreement]
