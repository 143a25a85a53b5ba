"""States and moves of agreements, milestones and revenue reports."""

from django.db import models

from marketplace.common.text import bi
from marketplace.workflow.machine import FINAL, Machine, Move, State, after, at, moves


class AgreementState(models.TextChoices):
    """Only a signed and funded text is in force."""

    NEGOTIATING = "negotiating", bi("协商中", "In negotiation")
    PENDING_SIGNATURES = "pending_signatures", bi("待签署", "Waiting for signatures")
    SIGNED = "signed", bi("已签署，待资金到位", "Signed, waiting for funds")
    ACTIVE = "active", bi("履行中", "In force")
    COMPLETED = "completed", bi("已完成", "Completed")
    TERMINATED = "terminated", bi("已终止", "Terminated")
    VOID = "void", bi("未生效", "Void")


class MilestoneState(models.TextChoices):
    """Money for a milestone moves once: when it has been accepted."""

    PLANNED = "planned", bi("计划中", "Planned")
    IN_PROGRESS = "in_progress", bi("进行中", "In progress")
    UNDER_REVIEW = "under_review", bi("待验收", "Under review")
    REVISION_REQUESTED = "revision_requested", bi("需整改", "Revision requested")
    ACCEPTED = "accepted", bi("已验收", "Accepted")
    RELEASED = "released", bi("已放款", "Released")
    CANCELLED = "cancelled", bi("已取消", "Cancelled")


class RevenueState(models.TextChoices):
    """Later revenue, from its report to the last fen shared out."""

    DRAFT = "draft", bi("草稿", "Draft")
    REPORTED = "reported", bi("已申报", "Reported")
    CONTESTED = "contested", bi("有异议", "Contested")
    VERIFIED = "verified", bi("已核实", "Verified")
    PAID_IN = "paid_in", bi("已缴入", "Paid in")
    APPROVED = "approved", bi("初审通过", "Approved once")
    DISTRIBUTED = "distributed", bi("已分配", "Distributed")
    REJECTED = "rejected", bi("已撤销", "Withdrawn")


A, S, R = AgreementState, MilestoneState, RevenueState
COMPANY, TEAM, FINANCE, SYSTEM = ("company",), ("team",), ("finance",), ("system",)
AUDITORS = ("team", "funder")

AGREEMENT = Machine(
    name="agreement",
    label=bi("协议", "Agreement"),
    initial=A.NEGOTIATING,
    states={
        A.NEGOTIATING: State("company", after("changes_seconds"), ("abandon",), tone="warn"),
        A.PENDING_SIGNATURES: State("company", after("signature_seconds"), ("last_signature", "timeout"), tone="warn"),
        A.SIGNED: State("company", at("fund_by"), ("conditions_met", "condition_failed"), tone="warn"),
        A.ACTIVE: State(owner="team", follows="milestone"),
        A.COMPLETED: State(final=True, tone="ok"),
        A.TERMINATED: State(final=True, tone="bad"),
        A.VOID: FINAL,
    },
    moves=moves(
        Move("revise", (A.NEGOTIATING,), None, ("company", "team"), bi("修改文本", "Revise"), "agreement.version"),
        Move(
            "freeze_text",
            (A.NEGOTIATING,),
            A.PENDING_SIGNATURES,
            COMPANY,
            bi("定稿送签", "Freeze the text"),
            "agreement.frozen",
            tone="primary",
        ),
        Move("abandon", (A.NEGOTIATING,), A.VOID, ("company", "team", "system"), bi("放弃", "Abandon"), "agreement.void", tone="danger"),
        Move(
            "sign",
            (A.PENDING_SIGNATURES,),
            None,
            ("signatory",),
            bi("签署", "Sign"),
            "agreement.party_signed",
            scope="sign",
            tone="primary",
        ),
        Move(
            "reopen", (A.PENDING_SIGNATURES,), A.NEGOTIATING, ("company", "team", "funder"), bi("退回协商", "Reopen"), "agreement.reopened"
        ),
        Move("last_signature", (A.PENDING_SIGNATURES,), A.SIGNED, SYSTEM, bi("全部签署", "All have signed"), "agreement.signed"),
        Move("timeout", (A.PENDING_SIGNATURES,), A.VOID, SYSTEM, bi("逾期未签", "Not signed in time"), "agreement.void"),
        Move(
            "conditions_met",
            (A.SIGNED,),
            A.ACTIVE,
            ("company", "system"),
            bi("资金到位，协议生效", "Fund the escrow"),
            "agreement.effective",
            scope="money",
            money=True,
            tone="primary",
        ),
        Move("condition_failed", (A.SIGNED,), A.VOID, SYSTEM, bi("资金未到位", "Not funded"), "agreement.void"),
        Move("complete", (A.ACTIVE,), A.COMPLETED, SYSTEM, bi("完成", "Complete"), "agreement.completed"),
        Move(
            "terminate",
            (A.ACTIVE,),
            A.TERMINATED,
            ("reviewer",),
            bi("终止", "Terminate"),
            "agreement.terminated",
            scope="money",
            money=True,
            tone="danger",
        ),
    ),
)

MILESTONE = Machine(
    name="milestone",
    label=bi("里程碑", "Milestone"),
    initial=S.PLANNED,
    states={
        S.PLANNED: State(owner="team", follows="agreement", tone="neutral"),
        S.IN_PROGRESS: State("team", at("deliver_by"), ("escalate",)),
        S.UNDER_REVIEW: State("company", after("milestone_review_seconds"), ("auto_accept",), tone="warn"),
        S.REVISION_REQUESTED: State("team", after("revision_seconds"), ("resume",), tone="warn"),
        S.ACCEPTED: State("system", after("step_seconds"), ("release",), tone="ok"),
        S.RELEASED: State(final=True, tone="ok"),
        S.CANCELLED: FINAL,
    },
    moves=moves(
        Move("start", (S.PLANNED,), S.IN_PROGRESS, SYSTEM, bi("开始", "Start"), "milestone.started"),
        Move("submit", (S.IN_PROGRESS,), S.UNDER_REVIEW, TEAM, bi("提交成果", "Deliver"), "milestone.submitted", tone="primary"),
        Move(
            "accept",
            (S.UNDER_REVIEW,),
            S.ACCEPTED,
            COMPANY,
            bi("验收通过", "Accept"),
            "milestone.accepted",
            scope="money",
            money=True,
            tone="primary",
        ),
        Move("auto_accept", (S.UNDER_REVIEW,), S.ACCEPTED, SYSTEM, bi("逾期视为验收", "Accepted by time"), "milestone.auto_accepted"),
        Move(
            "request_revision",
            (S.UNDER_REVIEW,),
            S.REVISION_REQUESTED,
            COMPANY,
            bi("要求整改", "Request a revision"),
            "milestone.revision_requested",
        ),
        Move("resume", (S.REVISION_REQUESTED,), S.IN_PROGRESS, ("team", "system"), bi("继续", "Resume"), "milestone.resumed"),
        Move("release", (S.ACCEPTED,), S.RELEASED, SYSTEM, bi("放款", "Release"), "milestone.released", money=True),
        Move(
            "cancel",
            (S.PLANNED, S.IN_PROGRESS, S.UNDER_REVIEW, S.REVISION_REQUESTED),
            S.CANCELLED,
            SYSTEM,
            bi("取消", "Cancel"),
            "milestone.cancelled",
        ),
    ),
)

REVENUE = Machine(
    name="revenue",
    label=bi("收益分配", "Revenue share"),
    initial=R.DRAFT,
    states={
        R.DRAFT: State(private=True, owner="company", tone="neutral"),
        R.REPORTED: State("team", at("audit_until"), ("conclude", "escalate"), tone="warn"),
        R.CONTESTED: State("company", after("review_seconds"), ("escalate",), tone="warn"),
        R.VERIFIED: State("company", after("review_seconds"), ("escalate",), tone="warn"),
        R.PAID_IN: State("finance", after("approval_seconds"), ("escalate",), tone="warn"),
        R.APPROVED: State("finance", after("approval_seconds"), ("escalate",), tone="warn"),
        R.DISTRIBUTED: State(final=True, tone="ok"),
        R.REJECTED: FINAL,
    },
    moves=moves(
        Move("report", (R.DRAFT,), R.REPORTED, COMPANY, bi("申报", "Report"), "revenue.reported"),
        Move("verify", (R.REPORTED,), None, AUDITORS, bi("核实无误", "Find it right"), "revenue.reviewed", tone="primary"),
        Move("ask", (R.REPORTED,), None, AUDITORS, bi("提问", "Ask"), "revenue.asked"),
        Move("answer", (R.REPORTED, R.CONTESTED), None, COMPANY, bi("答复", "Answer"), "revenue.answered"),
        Move("contest", (R.REPORTED,), R.CONTESTED, AUDITORS, bi("提出异议", "Contest"), "revenue.contested"),
        Move("settle", (R.CONTESTED,), R.REPORTED, AUDITORS, bi("异议已解决", "Settled"), "revenue.settled", tone="primary"),
        Move("conclude", (R.REPORTED,), R.VERIFIED, SYSTEM, bi("审查结束", "End the audit"), "revenue.verified"),
        Move("withdraw", (R.REPORTED, R.CONTESTED), R.REJECTED, COMPANY, bi("撤销申报", "Withdraw"), "revenue.rejected", tone="danger"),
        Move(
            "pay_in", (R.VERIFIED,), R.PAID_IN, COMPANY, bi("缴入", "Pay in"), "revenue.paid_in", scope="money", money=True, tone="primary"
        ),
        Move("approve", (R.PAID_IN,), R.APPROVED, FINANCE, bi("初审通过", "Approve"), "revenue.approved", scope="money", tone="primary"),
        Move(
            "distribute",
            (R.APPROVED,),
            R.DISTRIBUTED,
            FINANCE,
            bi("复核并分配", "Approve and distribute"),
            "revenue.distributed",
            scope="money",
            money=True,
            tone="primary",
        ),
    ),
)
