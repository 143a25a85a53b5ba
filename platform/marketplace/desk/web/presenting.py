"""How the desk words its figures and its steps."""

from typing import Any

from marketplace.common.actor import Actor
from marketplace.common.text import bi
from marketplace.desk.selectors import Desk, Standing
from marketplace.web import amounts
from marketplace.web.navigation import localised


def figures(standing: Standing) -> list[dict[str, Any]]:
    """The four figures of the home page."""
    before, budget, unit = amounts.headline(standing.open_budget_fen)
    sign, signed, signed_unit = amounts.headline(standing.signed_fen)
    return [
        {
            "label": bi("在榜需求", "Open demands"),
            "value": standing.open_demands,
            "unit": bi("项", "open"),
            "note": bi(f"预算合计 {before}{budget} {unit}", f"Budgets {before}{budget} {unit}"),
        },
        {
            "label": bi("签约额", "Signed"),
            "value": f"{sign}{signed}",
            "unit": signed_unit,
            "note": bi(f"{standing.signed} 份协议", f"{standing.signed} agreements"),
        },
        {
            "label": bi("可转化成果", "Solutions"),
            "value": standing.achievements,
            "unit": bi("项", "published"),
            "note": bi(f"{standing.teams} 个团队", f"{standing.teams} teams"),
        },
        {
            "label": bi("账本高度", "Ledger height"),
            "value": f"{standing.ledger_height:,}",
            "unit": bi("条", "entries"),
            "note": bi("任何人都可独立核验", "Anyone can verify it"),
        },
    ]


def steps(standing: Standing) -> list[dict[str, Any]]:
    """The road from a need to shared revenue, as the home page's bridge."""
    return [
        {
            "name": bi("发布需求", "Demand"),
            "who": bi("企业", "Company"),
            "count": bi(f"{standing.open_demands} 在榜", f"{standing.open_demands} open"),
        },
        {"name": bi("密封投标", "Sealed bids"), "who": bi("院校团队", "Teams"), "count": bi("开标前不公布", "Counted at opening")},
        {
            "name": bi("评审公示", "Evaluation"),
            "who": bi("企业与专家", "Company"),
            "count": bi(f"{standing.in_evaluation} 评审中", f"{standing.in_evaluation} in evaluation"),
        },
        {"name": bi("机构认筹", "Funding"), "who": bi("出资机构", "Funders"), "count": bi("仅核验机构可见", "Verified funders only")},
        {
            "name": bi("签约托管", "Escrow"),
            "who": bi("各方", "All parties"),
            "count": bi(f"{standing.signed} 份协议", f"{standing.signed} agreements"),
        },
        {
            "name": bi("里程碑验收", "Milestones"),
            "who": bi("企业", "Company"),
            "count": bi(f"{standing.active} 履行中", f"{standing.active} in force"),
        },
        {
            "name": bi("收益分配", "Revenue"),
            "who": bi("各方", "All parties"),
            "count": bi(f"{standing.completed} 已完成", f"{standing.completed} completed"),
        },
    ]


def doors() -> list[dict[str, Any]]:
    """Where each kind of visitor begins."""
    return [
        {"label": bi("我有难题：发布需求", "I have a problem: publish a demand"), "href": localised("/demands/new/"), "icon": "page"},
        {"label": bi("我有团队：去揭榜", "I have a team: find a task"), "href": localised("/demands/"), "icon": "check"},
        {"label": bi("我是机构：认筹项目", "I fund: see campaigns"), "href": localised("/campaigns/"), "icon": "lock"},
        {"label": bi("我来核验：打开账本", "I verify: open the ledger"), "href": localised("/ledger/"), "icon": "book"},
    ]


def desk_figures(desk: Desk, unread: int) -> list[dict[str, Any]]:
    """An organisation's money and its news."""
    available = desk.wallet.available_fen if desk.wallet else 0
    held = desk.wallet.held_fen if desk.wallet else 0
    return [
        {"label": bi("钱包可用", "Available"), **_amount(available), "tone": "accent"},
        {"label": bi("冻结", "Held"), **_amount(held)},
        {"label": bi("协议", "Agreements"), "value": len(desk.agreements), "unit": bi("份", "in all")},
        {"label": bi("未读消息", "Notices"), "value": unread, "unit": bi("条", "unread")},
    ]


def _amount(fen: int) -> dict[str, Any]:
    before, figure, unit = amounts.headline(fen)
    return {"value": f"{before}{figure}", "unit": unit}


def first_step(actor: Actor) -> dict[str, Any]:
    """What a member of this kind of organisation most often comes to do."""
    if not actor.verified:
        return {}
    steps = {
        "company": (bi("发布需求", "Publish a demand"), "/demands/new/"),
        "university": (bi("去揭榜", "Find a task"), "/demands/"),
        "funder": (bi("查看募资项目", "See campaigns"), "/campaigns/"),
    }
    label, path = steps.get(actor.organisation_kind or "", ("", ""))
    return {"label": label, "href": localised(path)} if path else {}
