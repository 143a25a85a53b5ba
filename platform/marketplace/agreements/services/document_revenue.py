"""How an agreement's text tells the tiers of later revenue, in both languages."""

from marketplace.agreements.models import Agreement
from marketplace.common.money import yuan


def chinese(agreement: Agreement) -> list[str]:
    """The tiers in their order, and what nobody promises."""
    body = agreement.region_body
    rest = [f"成果完成人 {percent(agreement.inventor_share_ppm)}", f"成果所在单位 {percent(agreement.unit_share_ppm)}"]
    if body is not None:
        rest.append(f"地区（{body.name_zh or body.name_en}，{body.uscc}）{percent(agreement.region_share_ppm)}")
    lines = [
        "每期可分配金额依次分配，精确到分：",
        f"（一）归还企业有凭证的成本，各期累计不超过人民币 {yuan(agreement.costs_cap_fen)} 元；"
        if agreement.costs_cap_fen
        else "（一）不先行归还成本；",
        f"（二）余额归各出资方，各期累计不超过其实际出资的 {multiple(agreement.funders_cap_bp)}，按各自距上限的金额比例；"
        if agreement.funders_cap_bp
        else "（二）出资方不参与收益分配；",
        f"（三）其余按份额：{'，'.join(rest)}。成果完成人的部分由所在单位支付。",
    ]
    if agreement.reward_agreed:
        lines.append("所在单位对成果完成人的奖励和报酬另有规定或约定。")
    lines.append("企业按期申报并附凭证；受托方与出资方在审查期内可查阅凭证、提问、提出异议。不承诺本金或收益。")
    return lines


def english(agreement: Agreement) -> list[str]:
    """The same below."""
    body = agreement.region_body
    rest = [f"inventors {percent(agreement.inventor_share_ppm)}", f"their institution {percent(agreement.unit_share_ppm)}"]
    if body is not None:
        rest.append(f"region ({body.name_en or body.name_zh}, {body.uscc}) {percent(agreement.region_share_ppm)}")
    lines = [
        "Later revenue: each period's amount is divided to the fen, in this order:",
        f"(1) the company's evidenced costs, at most CNY {yuan(agreement.costs_cap_fen)} over all periods;"
        if agreement.costs_cap_fen
        else "(1) no costs are returned first;",
        f"(2) what is left to the funders, each at most {multiple(agreement.funders_cap_bp)} of what it paid in over all periods, "
        "in proportion to what remains to each;"
        if agreement.funders_cap_bp
        else "(2) funders take no part in revenue;",
        f"(3) the rest by shares: {', '.join(rest)}. The institution pays the inventors their part.",
    ]
    if agreement.reward_agreed:
        lines.append("The institution has rules of its own, or agreed otherwise, on the inventors' reward.")
    lines.append(
        "The company reports each period with evidence; team and funders may inspect it, ask and contest while they audit. "
        "Neither principal nor return is promised."
    )
    return lines


def percent(ppm: int) -> str:
    """Parts per million as a percentage with four decimals: 125000 is 12.5000%."""
    return f"{ppm // 10_000}.{ppm % 10_000:04d}%"


def multiple(basis_points: int) -> str:
    """Basis points as a percentage with two decimals: 12000 is 120.00%."""
    return f"{basis_points // 100}.{basis_points % 100:02d}%"
