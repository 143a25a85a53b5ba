"""States and moves of payment orders, and of decisions about lines that nobody recognised."""

from django.db import models

from marketplace.common.text import bi
from marketplace.workflow.machine import FINAL, Machine, Move, State, after, moves


class PaymentOrderState(models.TextChoices):
    """An order is drawn up and made in one transaction; what became of each payment stands at the payment itself."""

    DRAFT = "draft", bi("起草", "Being drawn up")
    MADE = "made", bi("已生成", "Made")


PAYMENT_ORDER = Machine(
    name="payment_order",
    label=bi("付款文件", "Payment order"),
    initial=PaymentOrderState.DRAFT,
    states={
        PaymentOrderState.DRAFT: State(private=True, owner="finance", tone="neutral"),
        PaymentOrderState.MADE: State(final=True, tone="ok"),
    },
    moves=moves(
        Move(
            "make",
            (PaymentOrderState.DRAFT,),
            PaymentOrderState.MADE,
            ("finance",),
            bi("生成付款文件", "Make the payment file"),
            "payment_order.made",
            scope="money",
            tone="primary",
        ),
    ),
)


class LineDecisionState(models.TextChoices):
    """What one officer proposes for a line, another agrees to or refuses; a return then goes to the bank like a payout."""

    PROPOSED = "proposed", bi("待复核", "Waiting for a second officer")
    BOOKED = "booked", bi("已入账", "Booked")
    REFUSED = "refused", bi("未同意", "Not agreed to")
    SCHEDULED = "scheduled", bi("待退回", "To be returned")
    PROCESSING = "processing", bi("退回中", "Being returned")
    BANK_REFUSED = "bank_refused", bi("银行拒绝退回", "Return refused by the bank")
    RETURNED = "returned", bi("已退回", "Returned")
    TAKEN_BACK = "taken_back", bi("银行已自行撤回", "Taken back by the bank")


L, FINANCE, SYSTEM = LineDecisionState, ("finance",), ("system",)
AT_THE_BANK_OR_REFUSED = (L.PROCESSING, L.BANK_REFUSED)
NOT_OUT = (L.SCHEDULED, L.BANK_REFUSED)

LINE_DECISION = Machine(
    name="line_decision",
    label=bi("明细处理", "Decision about a line"),
    initial=L.PROPOSED,
    states={
        L.PROPOSED: State("finance", after("approval_seconds"), ("escalate",), tone="warn"),
        L.SCHEDULED: State("finance", after("approval_seconds"), ("escalate",)),
        L.PROCESSING: State("finance", after("bank_answer_seconds"), ("confirm", "escalate")),
        L.BANK_REFUSED: State("finance", after("approval_seconds"), ("escalate",), tone="bad"),
        L.BOOKED: State(final=True, tone="ok"),
        L.RETURNED: State(final=True, tone="ok"),
        L.TAKEN_BACK: State(final=True, tone="ok"),
        L.REFUSED: FINAL,
    },
    moves=moves(
        Move(
            "book", (L.PROPOSED,), L.BOOKED, FINANCE, bi("同意入账", "Agree and book"), "line_decision.booked",
            scope="money", money=True, tone="primary",
        ),
        Move(
            "give_back", (L.PROPOSED,), L.SCHEDULED, FINANCE, bi("同意退回", "Agree and return"), "line_decision.return_agreed",
            scope="money", money=True, tone="primary",
        ),
        Move(
            "refuse", (L.PROPOSED,), L.REFUSED, FINANCE, bi("不同意", "Do not agree"), "line_decision.refused",
            scope="money", tone="danger",
        ),
        Move("send", (L.SCHEDULED,), L.PROCESSING, SYSTEM, bi("发往银行", "Send to the bank"), "line_decision.sent"),
        Move(
            "report_refusal", (L.PROCESSING,), None, FINANCE, bi("登记银行拒付", "Tell of the bank's refusal"),
            "line_decision.refusal_told", scope="money", tone="danger",
        ),
        Move(
            "bank_error", (L.PROCESSING,), L.BANK_REFUSED, FINANCE, bi("确认银行拒绝退回", "Agree that the bank refused"),
            "line_decision.bank_refused", scope="money", tone="danger",
        ),
        Move(
            "send_again", (L.BANK_REFUSED,), L.SCHEDULED, FINANCE, bi("再次退回", "Return again"), "line_decision.sent_again",
            scope="money", tone="primary",
        ),
        Move(
            "ask_call_off", NOT_OUT, None, FINANCE, bi("提议改记钱包", "Propose a wallet instead"), "line_decision.call_off_asked",
            scope="money",
        ),
        Move(
            "call_off", NOT_OUT, L.BOOKED, FINANCE, bi("同意改记钱包", "Agree: book to the wallet"), "line_decision.called_off",
            scope="money", money=True,
        ),
        Move(
            "confirm", (*AT_THE_BANK_OR_REFUSED, L.SCHEDULED), L.RETURNED, SYSTEM, bi("银行已付", "Paid by the bank"),
            "line_decision.returned", money=True,
        ),
        Move(
            "take_back", NOT_OUT, L.TAKEN_BACK, SYSTEM, bi("银行已自行撤回", "Taken back by the bank"), "line_decision.taken_back",
            money=True,
        ),
    ),
)  # fmt: skip
