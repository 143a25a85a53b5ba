"""States and moves of campaigns, pledges and payouts."""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import models

from marketplace.common.text import bi
from marketplace.workflow.machine import FINAL, Machine, Move, State, after, at, moves

SANDBOX, BANK_TRANSFER = "sandbox", "bank_transfer"
SANDBOX_SECONDS = 2


class CampaignState(models.TextChoices):
    """A campaign ends with its money in an agreement, or back with its funders."""

    DRAFT = "draft", bi("草稿", "Draft")
    SUBMITTED = "submitted", bi("待审核", "Under review")
    REJECTED = "rejected", bi("未通过", "Rejected")
    APPROVED = "approved", bi("已通过", "Approved")
    OPEN = "open", bi("募资中", "Open")
    CLEARING = "clearing", bi("清算中", "Clearing")
    SUCCESSFUL = "successful", bi("已达标，划转中", "Successful, being captured")
    FUNDED = "funded", bi("已到账", "Funded")
    DISBURSING = "disbursing", bi("按里程碑使用中", "Disbursing")
    REFUNDING = "refunding", bi("退款中", "Refunding")
    CLOSED = "closed", bi("已结束", "Closed")
    RELEASING = "releasing", bi("未达标，解冻中", "Not reached, being released")
    FAILED_CLOSED = "failed_closed", bi("未达标", "Not reached")
    CANCELLING = "cancelling", bi("取消中", "Being cancelled")
    CANCELLED_CLOSED = "cancelled_closed", bi("已取消", "Cancelled")


class PledgeState(models.TextChoices):
    """A pledge is a hold on the funder's wallet until the campaign's outcome decides."""

    INTENT = "intent", bi("待确认", "To be confirmed")
    COOLING_OFF = "cooling_off", bi("冷静期", "Cooling off")
    FIRM = "firm", bi("已确认", "Firm")
    CAPTURED = "captured", bi("已划转", "Captured")
    PARTIALLY_REFUNDED = "partially_refunded", bi("部分退款", "Partly refunded")
    SETTLED = "settled", bi("已结清", "Settled")
    REFUNDED = "refunded", bi("已退款", "Refunded")
    RELEASED = "released", bi("已解冻", "Released")
    CANCELLED = "cancelled", bi("已撤回", "Cancelled")
    EXPIRED = "expired", bi("逾期未确认", "Not confirmed in time")
    CHARGED_BACK = "charged_back", bi("来款被撤回", "Charged back")


class PayoutState(models.TextChoices):
    """A payout goes to the bank only after two finance officers, neither of whom asked for it, have approved."""

    REQUESTED = "requested", bi("待初审", "Waiting for the first approval")
    FIRST_APPROVED = "first_approved", bi("待复核", "Waiting for the second approval")
    SECOND_APPROVED = "second_approved", bi("已复核", "Approved twice")
    SCHEDULED = "scheduled", bi("待划付", "Scheduled")
    PROCESSING = "processing", bi("划付中", "At the bank")
    UNKNOWN = "unknown", bi("银行未答复", "No answer from the bank")
    PAID = "paid", bi("已到账", "Paid")
    SETTLED = "settled", bi("已结清", "Settled")
    FAILED = "failed", bi("划付失败", "Failed")
    REVERSED = "reversed", bi("已被退回", "Returned by the bank")
    REJECTED = "rejected", bi("已驳回", "Rejected")


C, P, O = CampaignState, PledgeState, PayoutState  # noqa: E741  the three letters of this page
COMPANY, FUNDER, REVIEWER, FINANCE, SYSTEM = ("company",), ("funder",), ("reviewer",), ("finance",), ("system",)
BEFORE_OPENING = (C.DRAFT, C.SUBMITTED, C.APPROVED)
HOLDING = (P.COOLING_OFF, P.FIRM)
WITH_CAPTURED_MONEY = (P.CAPTURED, P.PARTIALLY_REFUNDED)
APPROVED = (O.FIRST_APPROVED, O.SECOND_APPROVED, O.SCHEDULED)
AT_THE_BANK = (O.PROCESSING, O.UNKNOWN)
NOT_AT_THE_BANK = (O.REQUESTED, *APPROVED, O.FAILED)


def at_once(obj: Any, entered: datetime) -> datetime:
    """The system's own work is due at once; the sweeper repeats it until it is done."""
    return entered


def goes_out(payout: Any, entered: datetime) -> datetime | None:
    """The sandbox takes a payout at once; for a bank, finance puts it into a payment order within the time of an approval."""
    return entered if settings.PAYMENT_GATEWAY == SANDBOX else after("approval_seconds")(payout, entered)


def bank_answers(payout: Any, entered: datetime) -> datetime:
    """The sandbox answers after two seconds, a bank within the policy's time."""
    if payout.gateway == SANDBOX:
        return entered + timedelta(seconds=SANDBOX_SECONDS)
    moment: datetime | None = after("bank_answer_seconds")(payout, entered)
    assert moment is not None
    return moment


CAMPAIGN = Machine(
    name="campaign",
    label=bi("募资项目", "Campaign"),
    initial=C.DRAFT,
    states={
        C.DRAFT: State(private=True, owner="company", tone="neutral"),
        C.SUBMITTED: State("reviewer", after("review_seconds"), ("escalate",), tone="warn"),
        C.APPROVED: State("company", after("publish_seconds"), ("open", "escalate"), tone="ok"),
        C.OPEN: State("company", at("deadline"), ("deadline",)),
        C.CLEARING: State("system", at("clears_at"), ("succeed", "fail"), tone="warn"),
        C.SUCCESSFUL: State("system", at_once, ("capture", "capture_next"), tone="ok"),
        C.FUNDED: State("company", after("funding_seconds"), ("agreement_void",), tone="ok"),
        C.DISBURSING: State(owner="team", follows="agreement", tone="ok"),
        C.REFUNDING: State("system", at_once, ("refund_done",), tone="warn"),
        C.RELEASING: State("system", at_once, ("release_all", "release_next"), tone="warn"),
        C.CANCELLING: State("system", at_once, ("release_all", "release_next"), tone="warn"),
        C.CLOSED: State(final=True, tone="ok"),
        C.REJECTED: State(final=True, tone="bad"),
        C.FAILED_CLOSED: State(final=True, tone="bad"),
        C.CANCELLED_CLOSED: FINAL,
    },
    moves=moves(
        Move("submit", (C.DRAFT,), C.SUBMITTED, COMPANY, bi("提交审核", "Submit for review"), "campaign.submitted", tone="primary"),
        Move("request_changes", (C.SUBMITTED,), C.DRAFT, REVIEWER, bi("退回修改", "Request changes"), "campaign.reviewed"),
        Move("approve", (C.SUBMITTED,), C.APPROVED, REVIEWER, bi("通过", "Approve"), "campaign.reviewed", tone="primary"),
        Move("reject", (C.SUBMITTED,), C.REJECTED, REVIEWER, bi("不予通过", "Reject"), "campaign.reviewed", tone="danger"),
        Move("withdraw", BEFORE_OPENING, C.CANCELLED_CLOSED, COMPANY, bi("撤回", "Withdraw"), "campaign.cancelled", tone="danger"),
        Move("open", (C.APPROVED,), C.OPEN, ("company", "system"), bi("开始募资", "Open"), "campaign.opened", tone="primary"),
        Move("ask_extension", (C.OPEN,), None, COMPANY, bi("申请延期", "Ask for more time"), "campaign.extension_asked"),
        Move("extend_once", (C.OPEN,), None, REVIEWER, bi("同意延期", "Extend the deadline"), "campaign.extended"),
        Move("ask_early_close", (C.OPEN,), None, COMPANY, bi("征询提前截止", "Ask for an early close"), "campaign.early_close_asked"),
        Move("close_early", (C.OPEN,), C.CLEARING, COMPANY, bi("提前截止", "Close early"), "campaign.clearing"),
        Move("deadline", (C.OPEN,), C.CLEARING, SYSTEM, bi("到期截止", "Deadline reached"), "campaign.clearing"),
        Move("cancel", (C.OPEN,), C.CANCELLING, ("company", "reviewer"), bi("取消募资", "Cancel"), "campaign.cancelled", tone="danger"),
        Move("succeed", (C.CLEARING,), C.SUCCESSFUL, SYSTEM, bi("达到最低目标", "Minimum reached"), "campaign.succeeded"),
        Move("fail", (C.CLEARING,), C.RELEASING, SYSTEM, bi("未达最低目标", "Minimum not reached"), "campaign.failed"),
        Move("capture_next", (C.SUCCESSFUL,), None, SYSTEM, bi("划转一批", "Capture the next pledges")),
        Move("capture", (C.SUCCESSFUL,), C.FUNDED, SYSTEM, bi("全部划转", "All captured"), "campaign.captured"),
        Move("release_next", (C.RELEASING, C.CANCELLING), None, SYSTEM, bi("解冻一批", "Release the next pledges")),
        Move("release_all", (C.RELEASING,), C.FAILED_CLOSED, SYSTEM, bi("全部解冻", "All released"), "campaign.released"),
        Move("release_all", (C.CANCELLING,), C.CANCELLED_CLOSED, SYSTEM, bi("全部解冻", "All released"), "campaign.released"),
        Move("demand_lost", BEFORE_OPENING, C.CANCELLED_CLOSED, SYSTEM, bi("需求授予失效", "The award lapsed"), "campaign.cancelled"),
        Move(
            "demand_lost",
            (C.OPEN, C.CLEARING, C.SUCCESSFUL),
            C.CANCELLING,
            SYSTEM,
            bi("需求授予失效", "The award lapsed"),
            "campaign.cancelled",
        ),
        Move("demand_lost", (C.FUNDED,), C.REFUNDING, SYSTEM, bi("需求授予失效", "The award lapsed"), "campaign.unwinding"),
        Move("agreement_effective", (C.FUNDED,), C.DISBURSING, SYSTEM, bi("协议生效", "Agreement effective"), "campaign.disbursing"),
        Move("agreement_void", (C.FUNDED,), C.REFUNDING, SYSTEM, bi("协议未生效", "Agreement void"), "campaign.unwinding"),
        Move("agreement_terminated", (C.DISBURSING,), C.REFUNDING, SYSTEM, bi("协议终止", "Agreement terminated"), "campaign.unwinding"),
        Move("refund_done", (C.REFUNDING,), C.CLOSED, SYSTEM, bi("退款完成", "Refunded"), "campaign.refunded"),
        Move("complete", (C.DISBURSING,), C.CLOSED, SYSTEM, bi("项目完成", "Completed"), "campaign.closed"),
    ),
)

PLEDGE = Machine(
    name="pledge",
    label=bi("认筹", "Pledge"),
    initial=P.INTENT,
    states={
        P.INTENT: State("funder", after("pledge_intent_seconds"), ("expire",), tone="neutral"),
        P.COOLING_OFF: State("funder", after("cooling_off_seconds"), ("cooling_passed",), tone="warn"),
        P.FIRM: State(owner="system", follows="campaign", tone="ok"),
        P.CAPTURED: State(owner="team", follows="campaign", tone="ok"),
        P.PARTIALLY_REFUNDED: State(owner="team", follows="campaign", tone="warn"),
        P.SETTLED: State(final=True, tone="ok"),
        P.REFUNDED: FINAL,
        P.RELEASED: FINAL,
        P.CANCELLED: FINAL,
        P.EXPIRED: FINAL,
        P.CHARGED_BACK: State(final=True, tone="bad"),
    },
    moves=moves(
        Move(
            "confirm",
            (P.INTENT,),
            P.COOLING_OFF,
            FUNDER,
            bi("确认认筹", "Confirm the pledge"),
            "pledge.confirmed",
            scope="money",
            money=True,
            tone="primary",
        ),
        Move("expire", (P.INTENT,), P.EXPIRED, SYSTEM, bi("逾期", "Expire")),
        Move(
            "cancel",
            (P.COOLING_OFF,),
            P.CANCELLED,
            FUNDER,
            bi("撤回认筹", "Withdraw"),
            "pledge.cancelled",
            scope="money",
            money=True,
            tone="danger",
        ),
        Move("agree_early_close", (P.FIRM,), None, FUNDER, bi("同意提前截止", "Agree to an early close"), "pledge.agreed_early_close"),
        Move("cooling_passed", (P.COOLING_OFF,), P.FIRM, SYSTEM, bi("冷静期满", "Cooling-off over"), "pledge.firm", money=True),
        Move("capture", (P.FIRM,), P.CAPTURED, SYSTEM, bi("划转", "Capture"), "pledge.captured", money=True),
        Move("charge_back", HOLDING, P.CHARGED_BACK, SYSTEM, bi("来款被撤回", "Charge back"), "pledge.charged_back", money=True),
        Move("release", HOLDING, P.RELEASED, SYSTEM, bi("解冻", "Release"), "pledge.released", money=True),
        Move(
            "refund_part", (P.CAPTURED,), P.PARTIALLY_REFUNDED, SYSTEM, bi("部分退款", "Refund a part"), "pledge.refunded_part", money=True
        ),
        Move("refund_all", (P.CAPTURED,), P.REFUNDED, SYSTEM, bi("全额退款", "Refund"), "pledge.refunded", money=True),
        Move("settle", WITH_CAPTURED_MONEY, P.SETTLED, SYSTEM, bi("结清", "Settle"), "pledge.settled"),
    ),
)

PAYOUT = Machine(
    name="payout",
    label=bi("划付", "Payout"),
    initial=O.REQUESTED,
    states={
        O.REQUESTED: State("finance", after("approval_seconds"), ("escalate",), tone="warn"),
        O.FIRST_APPROVED: State("finance", after("approval_seconds"), ("escalate",), tone="warn"),
        O.SECOND_APPROVED: State("system", at("payable_from"), ("schedule", "escalate")),
        O.SCHEDULED: State("finance", goes_out, ("send", "escalate")),
        O.PROCESSING: State("system", bank_answers, ("confirm", "lose_sight")),
        O.UNKNOWN: State("finance", after("approval_seconds"), ("confirm", "escalate"), tone="warn"),
        O.PAID: State("system", after("bank_return_seconds"), ("settle",), tone="ok"),
        O.FAILED: State("finance", after("approval_seconds"), ("escalate",), tone="bad"),
        O.SETTLED: State(final=True, tone="ok"),
        O.REJECTED: State(final=True, tone="bad"),
        O.REVERSED: State(final=True, tone="bad"),
    },
    moves=moves(
        Move(
            "approve_1",
            (O.REQUESTED,),
            O.FIRST_APPROVED,
            FINANCE,
            bi("初审通过", "Approve"),
            "payout.approved_1",
            scope="money",
            tone="primary",
        ),
        Move(
            "approve_2",
            (O.FIRST_APPROVED,),
            O.SECOND_APPROVED,
            FINANCE,
            bi("复核通过", "Approve again"),
            "payout.approved_2",
            scope="money",
            tone="primary",
        ),
        Move(
            "reject",
            NOT_AT_THE_BANK,
            O.REJECTED,
            FINANCE,
            bi("驳回", "Reject"),
            "payout.rejected",
            scope="money",
            tone="danger",
        ),
        Move("schedule", (O.SECOND_APPROVED,), O.SCHEDULED, SYSTEM, bi("排入划付", "Schedule"), "payout.scheduled"),
        Move("account_changed", APPROVED, O.REQUESTED, SYSTEM, bi("收款账户变更", "Bank account changed"), "payout.account_changed"),
        Move("send", (O.SCHEDULED,), O.PROCESSING, SYSTEM, bi("发往银行", "Send to the bank"), "payout.sent", money=True),
        Move("confirm", AT_THE_BANK, O.PAID, SYSTEM, bi("银行已付", "Paid by the bank"), "payout.paid", money=True),
        Move("lose_sight", (O.PROCESSING,), O.UNKNOWN, SYSTEM, bi("银行未答复", "No answer in time"), "payout.unknown"),
        Move(
            "report_refusal",
            AT_THE_BANK,
            None,
            FINANCE,
            bi("登记银行拒付", "Tell of the bank's refusal"),
            "payout.refusal_told",
            scope="money",
            tone="danger",
        ),
        Move(
            "bank_error",
            AT_THE_BANK,
            O.FAILED,
            FINANCE,
            bi("确认银行拒付", "Agree that the bank refused"),
            "payout.failed",
            scope="money",
            money=True,
            tone="danger",
        ),
        Move(
            "paid_late", NOT_AT_THE_BANK, O.PAID, SYSTEM, bi("银行实际已付", "Paid by the bank after all"), "payout.paid_late", money=True
        ),
        Move("bank_return", (O.PAID,), O.REVERSED, SYSTEM, bi("银行退回", "Returned by the bank"), "payout.reversed", money=True),
        Move("retry", (O.FAILED,), O.REQUESTED, FINANCE, bi("重新申请", "Ask again"), "payout.retried", scope="money"),
        Move("settle", (O.PAID,), O.SETTLED, SYSTEM, bi("结清", "Settle"), "payout.settled"),
    ),
)
