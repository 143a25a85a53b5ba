"""The agreement's text, made from its terms alone, so that the same terms give the same bytes."""

from collections.abc import Iterable

from marketplace.agreements.models import Agreement, Party, PartyRole
from marketplace.agreements.services import document_revenue
from marketplace.common.codes.contracts import CONTRACT_TYPES
from marketplace.common.money import capital, yuan

_ROLES_ZH = {"company": "委托方", "team": "受托方", "funder": "出资方"}


def document_of(agreement: Agreement) -> str:
    """The whole text in Chinese with an English rendering below; the Chinese text governs.

    It holds what the Civil Code asks of a technology contract (article 845): subject, plan,
    acceptance, price and payment, and the sharing of results' revenue.
    """
    return "\n".join([*_chinese(agreement), "", "—" * 20, "", *_english(agreement), ""])


def _chinese(agreement: Agreement) -> list[str]:
    demand, bid = agreement.demand, agreement.bid
    lines = [
        f"技术合同（{CONTRACT_TYPES[agreement.contract_type][0]}）",
        f"协议编号：{agreement.pk}　第 {agreement.version} 版",
        f"项目名称：{demand.title_zh or demand.title_en}",
        *(
            f"{_ROLES_ZH[party.role]}：{party.organisation.name_zh or party.organisation.name_en}（{party.organisation.uscc}）"
            for party in parties_in_order(agreement)
        ),
        "",
        "一、标的与要求",
        demand.text_zh or demand.text_en,
        "二、实施方案",
        bid.plan_zh or bid.plan_en or "按需求约定实施。",
        "三、验收标准",
        demand.acceptance_zh or demand.acceptance_en,
        "四、价款与支付",
        (
            f"总价款人民币 {yuan(agreement.price_fen)} 元（{capital(agreement.price_fen)}），"
            f"其中企业出资 {yuan(agreement.company_fen)} 元，募资项目出资 {yuan(agreement.campaign_fen)} 元；"
            "一次存入托管，按里程碑验收拨付，平台服务费按"
            f"万分之 {agreement.fee_basis_points} 从拨付款中扣收；未拨付部分在终止时按来源原路退回。"
        ),
        *(f"出资方认筹时接受的募资条款（SHA-256）：{sha256}" for sha256 in _accepted(agreement)),
        "五、里程碑",
        *(
            f"{m.ordinal}. {m.title_zh or m.title_en}：自生效起 {m.days} 天内，{yuan(m.fen)} 元"
            for m in agreement.milestones.order_by("ordinal")
        ),
        "六、后续收益分配",
        *document_revenue.chinese(agreement),
    ]
    if agreement.terms_zh:
        lines += ["七、补充条款", agreement.terms_zh]
    return lines


def _english(agreement: Agreement) -> list[str]:
    demand = agreement.demand
    lines = [
        f"Technology contract ({CONTRACT_TYPES[agreement.contract_type][1]})",
        f"Agreement {agreement.pk}, version {agreement.version}",
        f"Project: {demand.title_en or demand.title_zh}",
        f"Price CNY {yuan(agreement.price_fen)}: company {yuan(agreement.company_fen)}, campaign {yuan(agreement.campaign_fen)}.",
        (
            "Paid into escrow once, released by accepted milestone less the platform's fee of "
            f"{agreement.fee_basis_points} basis points; what is unreleased returns to its source on termination."
        ),
        *(f"The campaign's terms that the funders accepted with their pledges (SHA-256): {sha256}" for sha256 in _accepted(agreement)),
        *(
            f"{m.ordinal}. {m.title_en or m.title_zh}: within {m.days} days of effect, CNY {yuan(m.fen)}"
            for m in agreement.milestones.order_by("ordinal")
        ),
        *document_revenue.english(agreement),
    ]
    if agreement.terms_en:
        lines.append(agreement.terms_en)
    return lines


def _accepted(agreement: Agreement) -> list[str]:
    """The hash of the terms that the funders accepted, where there are funders and terms."""
    return [agreement.campaign.terms_sha256] if agreement.campaign is not None and agreement.campaign.terms_sha256 else []


def parties_in_order(agreement: Agreement) -> list[Party]:
    """The agreement's parties with their organisations and keys, in order."""
    return in_order(agreement.parties.select_related("organisation", "key"))


def in_order(parties: Iterable[Party]) -> list[Party]:
    """Company, team, then funders by id."""
    rank = {PartyRole.COMPANY: 0, PartyRole.TEAM: 1, PartyRole.FUNDER: 2}
    return sorted(parties, key=lambda party: (rank[PartyRole(party.role)], str(party.organisation_id)))
