"""An agreement's escrow as a picture: what came in, what was released, what is still to be released."""

from collections.abc import Sequence

from django.utils.safestring import SafeString

from marketplace.agreements.models import Agreement, Milestone
from marketplace.agreements.workflow import AgreementState, MilestoneState
from marketplace.common.text import pick
from marketplace.web.charts import Column, waterfall

FUNDED = (AgreementState.ACTIVE, AgreementState.COMPLETED)


def escrow(agreement: Agreement, milestones: Sequence[Milestone]) -> SafeString | str:
    """The waterfall in units of ten thousand yuan; nothing before the money has come in, or once it has gone back."""
    if agreement.state not in FUNDED:
        return ""
    released = [m for m in milestones if m.state == MilestoneState.RELEASED]
    ahead = [m for m in milestones if m.state != MilestoneState.RELEASED]
    balance = agreement.price_fen - sum(m.fen for m in released)
    data = [Column(pick("企业托管", "Company"), *_wan(agreement.company_fen, sign=True))]
    if agreement.campaign_fen:
        data.append(Column(pick("募资划入", "Campaign"), *_wan(agreement.campaign_fen, sign=True)))
    data += [Column(pick(f"M{m.ordinal} 放款", f"M{m.ordinal} released"), *_wan(-m.fen, sign=True), css="f-money") for m in released]
    data.append(Column(pick("托管余额", "Balance"), *_wan(balance), css="f-text", total=True))
    data += [Column(pick(f"M{m.ordinal} 待放款", f"M{m.ordinal} ahead"), *_wan(-m.fen, sign=True), planned=True) for m in ahead]
    told = pick("；", "; ").join(f"{column.label} {column.shown}" for column in data)
    return waterfall(data=data, title=pick("托管资金，万元", "Escrow, in ten thousand yuan"), desc=told)


def _wan(fen: int, *, sign: bool = False) -> tuple[float, str]:
    value = fen / 1_000_000
    shown = f"{abs(value):,.2f}"
    return value, f"{'−' if value < 0 else '+'}{shown}" if sign else shown
