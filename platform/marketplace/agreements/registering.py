"""Which rule stands behind which move of an agreement, a milestone and a revenue report."""

from typing import Any

from marketplace.agreements import permissions
from marketplace.agreements.models import Agreement, Milestone, RevenueReport
from marketplace.agreements.services import delivering, drawing, escrow, sharing, signing
from marketplace.agreements.workflow import AGREEMENT, MILESTONE, REVENUE, AgreementState, MilestoneState
from marketplace.workflow import registry


def register() -> None:
    """Called once, when the apps are ready."""
    _agreements()
    _milestones()
    _revenue()
    registry.on_entering("agreement", AgreementState.ACTIVE, escrow.start_milestones)
    registry.on_entering("milestone", MilestoneState.ACCEPTED, delivering.release_on_acceptance)
    registry.on_entering("milestone", MilestoneState.RELEASED, delivering.go_on)


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
        guards={"submit": delivering.in_order},
        effects={
            "start": delivering.start,
            "submit": delivering.submit,
            "request_revision": delivering.request_revision,
            "accept": delivering.accept,
            "release": delivering.release,
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
