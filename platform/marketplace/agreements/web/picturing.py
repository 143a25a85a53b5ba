"""An agreement's escrow as a picture and as figures: what came in, what was released, what is still to be released."""

from collections.abc import Sequence
from typing import NamedTuple

from django.utils.safestring import SafeString

from marketplace.agreements.models import Agreement, Milestone
from marketplace.agreements.workflow import AgreementState, MilestoneState
from marketplace.common.text import pick
from marketplace.web.charts import Column, waterfall

FUNDED = (AgreementState.ACTIVE, AgreementState.COMPLETED)


class Step(NamedTuple):
    """What came into escrow (fen above nothing) or leaves it (below), or, as the balance, what lies there."""

    label: str
    fen: int
    css: str = "f-brand"
    is_balance: bool = False
    is_ahead: bool = False


def steps(agreement: Agreement, milestones: Sequence[Milestone]) -> list[Step]:
    """The steps in the order of the picture; none before the money has come in, or once it has gone back."""
    if agreement.state not in FUNDED:
        return []
    released = [m for m in milestones if m.state == MilestoneState.RELEASED]
    ahead = [m for m in milestones if m.state != MilestoneState.RELEASED]
    found = [Step(pick("企业托管", "Company"), agreement.company_fen)]
    if agreement.campaign_fen:
        found.append(Step(pick("募资划入", "Campaign"), agreement.campaign_fen))
    found += [Step(pick(f"M{m.ordinal} 放款", f"M{m.ordinal} released"), -m.fen, "f-money") for m in released]
    found.append(Step(pick("托管余额", "Balance"), agreement.price_fen - sum(m.fen for m in released), "f-text", is_balance=True))
    found += [Step(pick(f"M{m.ordinal} 待放款", f"M{m.ordinal} ahead"), -m.fen, is_ahead=True) for m in ahead]
    return found


def escrow(found: Sequence[Step]) -> SafeString | str:
    """The waterfall of the steps in units of ten thousand yuan; nothing where there are none."""
    if not found:
        return ""
    data = [_column(step) for step in found]
    told = pick("；", "; ").join(f"{column.label} {column.shown}" for column in data)
    return waterfall(data=data, title=pick("托管资金，万元", "Escrow, in ten thousand yuan"), desc=told)


def _column(step: Step) -> Column:
    value = step.fen / 1_000_000
    shown = f"{abs(value):,.2f}"
    sign = "" if step.is_balance else "−" if value < 0 else "+"
    return Column(step.label, value, f"{sign}{shown}", css=step.css, planned=step.is_ahead, total=step.is_balance)
