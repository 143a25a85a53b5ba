"""States and moves of matching pools."""

from django.db import models

from marketplace.common.text import bi
from marketplace.funding.workflow import CampaignState
from marketplace.workflow.machine import FINAL, Machine, Move, State, at, moves


class PoolState(models.TextChoices):
    """A pool is opened with its money in it, and gives back what is left when it closes."""

    DRAFT = "draft", bi("起草", "Being drawn up")
    OPEN = "open", bi("配套中", "Open")
    CLOSED = "closed", bi("已结束", "Closed")


S, FUNDER = PoolState, ("funder",)
# The states of a campaign in which a pledge that becomes firm counts for the outcome, and is topped up.
COLLECTING = (CampaignState.OPEN, CampaignState.CLEARING)

POOL = Machine(
    name="pool",
    label=bi("引导基金", "Matching pool"),
    initial=S.DRAFT,
    states={
        S.DRAFT: State(private=True, owner="funder", tone="neutral"),
        S.OPEN: State("funder", at("until"), ("lapse",), tone="ok"),
        S.CLOSED: FINAL,
    },
    moves=moves(
        Move("open", (S.DRAFT,), S.OPEN, FUNDER, bi("设立", "Open"), "pool.opened", scope="money", money=True, tone="primary"),
        Move("add_money", (S.OPEN,), None, FUNDER, bi("增加资金", "Add money"), "pool.money_added", scope="money", money=True),
        Move("close", (S.OPEN,), S.CLOSED, FUNDER, bi("结束", "Close"), "pool.closed", scope="money", money=True, tone="danger"),
        Move("lapse", (S.OPEN,), S.CLOSED, ("system",), bi("到期结束", "Period over"), "pool.closed", money=True),
    ),
)
