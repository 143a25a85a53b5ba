"""Which rule stands behind which move of an agreement, a milestone and a revenue report."""

from typing import Any

from marketplace.agreements import permissions
from marketplace.agreements.models import Agreement, Milestone, PartyRole, RevenueReport
from marketplace.agreements.services import balancing, delivering, drawing, escrow, sharing, signing
from marketplace.agreements.workflow import AGREEMENT, MILESTONE, REVENUE, AgreementState, MilestoneState
from marketplace.common.text import bi
from marketplace.demands.workflow import DemandState
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
    checking.add_rule(balancing.AGREEMENT_ESCROW)
    name_codes(
        {
            "agreement.company_share": bi("转入协议托管（企业部分）", "Into escrow, the company's part"),
            "agreement.campaign_share": bi("转入协议托管（募资部分）", "Into escrow, the campaign's part"),
            "agreement.returned": bi("终止退回", "Returned on termination"),
            "milestone.released": bi("里程碑放款", "Milestone released"),
            "milestone.fee": bi("平台服务费", "Platform fee"),
            "revenue.paid_in": bi("缴入收益专户", "Revenue paid in"),
            **{f"revenue.{role.value}": bi("收益分配", "Revenue share") for role in PartyRole},
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
        guards={"distribute": sharing.two_people},
        effects={
            "report": sharing.describe,
            "contest": sharing.explain,
            "withdraw": sharing.explain,
            "pay_in": sharing.pay_in,
            "approve": sharing.approve,
            "distribute": sharing.distribute,
        },
    )


def _above_agreement(agreement: Agreement) -> list[Any]:
    """The documented order: demand, campaign, then the agreement."""
    return [row for row in (agreement.demand, agreement.campaign) if row is not None]


def _above_milestone(milestone: Milestone) -> list[Any]:
    return [*_above_agreement(milestone.agreement), milestone.agreement]
