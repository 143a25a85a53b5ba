"""The tiers of later revenue as rows for people: what was agreed, and how far it has come."""

from dataclasses import dataclass
from typing import Any

from marketplace.agreements.models import Agreement, Share
from marketplace.agreements.services import standing
from marketplace.agreements.services.document_revenue import multiple, percent
from marketplace.common.money import yuan
from marketplace.common.text import bi


@dataclass(frozen=True, slots=True)
class TierRow:
    """One tier or one share of the last: its name, what was agreed, and, once asked for, what it has had and may still have."""

    label: Any
    agreed: Any
    paid_fen: int | None = None
    remaining_fen: int | None = None


def tiers_of(agreement: Agreement) -> list[TierRow]:
    """What the agreement says, in the order in which money flows."""
    costs, most = yuan(agreement.costs_cap_fen), multiple(agreement.funders_cap_bp)
    rows = [
        TierRow(
            bi("一、企业成本", "1. Costs"),
            bi(f"累计至多 {costs} 元", f"CNY {costs} at most") if agreement.costs_cap_fen else bi("不先归还", "None returned first"),
        ),
        TierRow(
            bi("二、出资方", "2. Funders"),
            bi(f"至多为出资的 {most}", f"{most} of what they paid in, at most") if agreement.funders_cap_bp else bi("不参与", "No part"),
        ),
        TierRow(bi("三、成果完成人", "3. Inventors"), percent(agreement.inventor_share_ppm)),
        TierRow(bi("三、所在单位", "3. Institution"), percent(agreement.unit_share_ppm)),
    ]
    if agreement.region_body is not None:
        rows.append(TierRow(bi("三、地区", "3. Region"), f"{percent(agreement.region_share_ppm)} · {agreement.region_body.name}"))
    return rows


def tiers_standing(agreement: Agreement) -> list[TierRow]:
    """The same with what every report so far has paid, and what remains to each cap."""
    terms, before = standing.terms_of(agreement), standing.before(agreement)
    received = sum(before.received.values())
    came = [
        (before.costs_fen, terms.costs_cap_fen - before.costs_fen),
        (received, sum(terms.caps.values()) - sum(before.received.get(pledge, 0) for pledge in terms.caps)),
        *((before.rest.get(share.value, 0), None) for share in (Share.INVENTOR, Share.UNIT, Share.REGION)),
    ]
    return [TierRow(row.label, row.agreed, paid, left) for row, (paid, left) in zip(tiers_of(agreement), came, strict=False)]
