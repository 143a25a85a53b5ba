"""States and moves of a payment order."""

from django.db import models

from marketplace.common.text import bi
from marketplace.workflow.machine import Machine, Move, State, moves


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
