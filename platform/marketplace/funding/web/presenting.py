"""How campaigns, pledges and payouts are worded on a page."""

from datetime import datetime, timedelta
from typing import Any

from marketplace.common.actor import Actor
from marketplace.common.money import split, yuan
from marketplace.common.text import bi, pick
from marketplace.funding import selectors, terms
from marketplace.funding.models import Campaign, Payout, Pledge, TopUp
from marketplace.funding.pools import Offer
from marketplace.funding.progress import Standing, Step
from marketplace.funding.workflow import PAYOUT, CampaignState, PledgeState
from marketplace.treasury.models import BEIJING
from marketplace.web import amounts
from marketplace.web.navigation import localised

CLOCK = "%Y-%m-%d %H:%M"
UNITS = (
    (timedelta(days=1), "天", "day"),
    (timedelta(hours=1), "小时", "hour"),
    (timedelta(minutes=1), "分钟", "minute"),
    (timedelta(seconds=1), "秒", "second"),
)
COOLING_OFF = bi("确认后有冷静期，期间可无理由撤回。", "After confirming there is a cooling-off period for withdrawing without a reason.")


def percent(part: int, whole: int) -> str:
    """A share with one decimal, cut and never rounded up: a goal is not shown as reached before it is."""
    tenths = part * 1000 // whole
    return f"{tenths // 10}.{tenths % 10}"


def hundredths(rate_bp: int) -> str:
    """Basis points as per cent without idle zeros: 2000 is "20", 1250 is "12.5"."""
    return f"{rate_bp // 100}.{rate_bp % 100:02d}".rstrip("0").rstrip(".")


def _time(moment: datetime) -> str:
    """A moment as every page writes it, by Beijing's clock."""
    return f"{moment.astimezone(BEIJING):{CLOCK}}"


def matching(offer: Offer) -> Any:
    """What a pool adds to a campaign, in one sentence."""
    pool, given = offer.pool, yuan(offer.given_fen)
    zh, en = pool.name_zh or pool.name_en, pool.name_en or pool.name_zh
    if not offer.runs:
        return bi(f"{zh}已配套 {given} 元。", f"{en} has added {given} yuan.")
    rate, most, whole = hundredths(pool.ratio_bp), yuan(pool.pledge_cap_fen), yuan(pool.campaign_cap_fen)
    return bi(
        f"{zh}对每笔确认的认筹配套 {rate} %，单笔至多 {most} 元、本项目至多 {whole} 元，"
        f"不超过最优目标，最低目标留给认筹；已配套 {given} 元。",
        f"{en} adds {rate} % to each confirmed pledge, at most {most} yuan to one and {whole} to this campaign, never above its goal, "
        f"and leaves its minimum to pledges; so far {given} yuan.",
    )


def figures(campaign: Campaign, *, funders: int, now: datetime) -> list[dict[str, Any]]:
    """The campaign's figures: pledged, of the optimum, funders, and while it is open how long it is open yet."""
    total = campaign.held_fen + campaign.captured_fen
    before, figure, unit = amounts.headline(total)
    return [
        {"label": bi("已认筹", "Pledged"), "value": f"{before}{figure}", "unit": unit, "tone": "accent"},
        {
            "label": bi("占最优目标", "Of the optimum"),
            "value": percent(total + campaign.matched_fen, campaign.optimum_fen),
            "unit": "%",
            "note": bi("含引导基金配套", "with what pools add") if campaign.matched_fen else "",
        },
        {
            "label": bi("出资机构", "Funders"),
            "value": funders,
            "unit": bi(f"家，上限 {campaign.max_funders}", f"of {campaign.max_funders} at most"),
        },
        *([_time_left(campaign, now)] if campaign.state == CampaignState.OPEN and campaign.deadline > now else []),
    ]


def _time_left(campaign: Campaign, now: datetime) -> dict[str, Any]:
    left = campaign.deadline - now
    size, zh, en = next((unit for unit in UNITS if left >= unit[0]), UNITS[-1])
    value = max(left // size, 1)
    unit = bi(zh, en if value == 1 else f"{en}s")
    closes = _time(campaign.deadline)
    return {"label": bi("剩余", "Left"), "value": value, "unit": unit, "note": bi(f"截止 {closes}", f"until {closes}")}


def badges(campaign: Campaign) -> list[dict[str, Any]]:
    """What stands beside the state: that the minimum is reached, by pledges alone, and who sees the page."""
    reached = {"tone": "ok", "icon_name": "check", "label": bi("已达最低目标", "Minimum reached")}
    seen = {"tone": "neutral", "icon_name": "lock", "label": bi("仅受邀机构可见", "Invited institutions only")}
    raising = campaign.state in (CampaignState.OPEN, CampaignState.CLEARING)
    return [*([reached] if raising and campaign.held_fen >= campaign.minimum_fen else []), seen]


def facts(campaign: Campaign) -> list[dict[str, Any]]:
    """The rows of the action box."""
    moved = []
    if campaign.extended_from:
        moved.append({"label": bi("已延期，原截止", "Extended; first deadline"), "value": _time(campaign.extended_from)})
    elif campaign.extension_until:
        moved.append({"label": bi("申请延期至", "More time asked for until"), "value": _time(campaign.extension_until)})
    return [
        *moved,
        {"label": bi("最低目标", "Minimum"), "value": f"¥{yuan(campaign.minimum_fen)}"},
        {"label": bi("最优目标", "Optimum"), "value": f"¥{yuan(campaign.optimum_fen)}"},
        {"label": bi("单家限额", "Per funder"), "value": f"¥{yuan(campaign.funder_min_fen)} – ¥{yuan(campaign.funder_max_fen)}"},
        {"label": bi("剩余额度", "Still open"), "value": f"¥{yuan(campaign.left_fen)}"},
    ]


def at_the_end(campaign: Campaign) -> list[dict[str, Any]]:
    """What decides about the money once a campaign ends: what is pledged, its minimum, and until when it would be open.

    What still cools off may be taken back, so the minimum is reached by what is beyond that alone.
    """
    firm, cooling = selectors.firm_and_cooling_fen(campaign)
    short = campaign.minimum_fen - firm
    missing = bi(f"尚缺 {yuan(short)} 元", f"{yuan(short)} yuan short") if short > 0 else bi("已达最低目标", "Minimum reached")
    back = bi("尚可撤回，暂不计入最低目标", "may be taken back, not yet counted towards the minimum")
    return [
        {"label": bi("已认筹", "Pledged"), "value": f"¥{yuan(campaign.held_fen)}", "note": missing},
        *([{"label": bi("其中冷静期内", "Of it cooling off"), "value": f"¥{yuan(cooling)}", "note": back}] if cooling else []),
        {"label": bi("最低目标", "Minimum"), "value": f"¥{yuan(campaign.minimum_fen)}"},
        {"label": bi("最优目标", "Optimum"), "value": f"¥{yuan(campaign.optimum_fen)}"},
        {"label": bi("截止", "Deadline"), "value": _time(campaign.deadline)},
    ]


def rule(campaign: Campaign) -> Any:
    """The whole rule in one sentence."""
    least = yuan(campaign.minimum_fen)
    return bi(
        f"到期未满 {least} 元，全部冻结自动解除；达标后转入监管户，按里程碑验收划付。",
        f"Under {least} yuan at the deadline, every hold is released; otherwise the money goes into escrow and is paid out on acceptance.",
    )


def offer(campaign: Campaign) -> list[dict[str, Any]]:
    """The instrument and its terms in words; nothing while a draft has none."""
    if not campaign.terms:
        return []
    named = {"label": bi("出资方式", "Instrument"), "value": terms.schema_of(campaign.terms).instrument.label}
    return [named, *terms.said(campaign.terms)]


def use_of_funds(campaign: Campaign) -> list[dict[str, Any]]:
    """Each line with its share of the optimum, which all of them together are."""
    lines = list(campaign.use_of_funds.order_by("ordinal"))
    most = max((line.fen for line in lines), default=1)
    return [
        {
            "ordinal": line.ordinal,
            "category": line.get_category_display(),
            "title": line.purpose,
            "line": line,
            "percent": percent(line.fen, campaign.optimum_fen),
            "most": most,
            "fen": line.fen,
        }
        for line in lines
    ]


def milestones(campaign: Campaign) -> list[dict[str, Any]]:
    """Each milestone with its share and its amount at the optimum; the amounts sum to it."""
    rows = campaign.milestones
    weights = [(f"{index:03d}", int(row["share_bp"])) for index, row in enumerate(rows)]
    parts = split(campaign.optimum_fen, weights) if weights else {}
    return [
        {
            "title": pick(row["title_zh"], row["title_en"]),
            "percent": percent(int(row["share_bp"]), 10_000),
            "days": row["days"],
            "fen": parts[key],
        }
        for row, (key, _) in zip(rows, weights, strict=True)
    ]


def pledge_facts(pledge: Pledge, top_up: TopUp | None, standing: Standing) -> list[dict[str, Any]]:
    """What a funder keeps as its receipt, with what a pool has added, where the work stands and what comes next."""
    rows: list[dict[str, Any]] = [
        {"label": bi("金额", "Amount"), "value": f"¥{yuan(pledge.fen)}"},
        {"label": bi("状态", "State"), "value": pledge.state_label},
        {"label": bi("编号", "Number"), "value": str(pledge.pk)},
    ]
    if pledge.accepted_at:
        rows.append({"label": bi("确认时间", "Confirmed"), "value": _time(pledge.accepted_at)})
        rows.append({"label": bi("风险揭示书", "Risk statement"), "value": pledge.risk_version})
        rows += terms_accepted(pledge)
    if pledge.state == PledgeState.COOLING_OFF and pledge.due_at:
        rows.append({"label": bi("可撤回至", "Withdraw until"), "value": _time(pledge.due_at)})
    elif standing.next:
        rows.append(_next_step(standing.next))
    if standing.work and standing.work.weights:
        so_far = f"{standing.work.released}/{len(standing.work.weights)}"
        rows.append({"label": bi("已放款里程碑", "Milestones released"), "value": so_far})
    if top_up:
        rows.append({"label": bi("引导基金配套", "Topped up by a pool"), "value": f"¥{yuan(top_up.fen)}", "note": top_up.pool.name})
    if pledge.captured_fen:
        rows.append({"label": bi("已划转", "Captured"), "value": f"¥{yuan(pledge.captured_fen)}"})
    if pledge.refunded_fen:
        rows.append({"label": bi("已退款", "Refunded"), "value": f"¥{yuan(pledge.refunded_fen)}"})
    return rows


def _next_step(step: Step) -> dict[str, Any]:
    by = pick("至 ", "by ") + _time(step.due_at) if step.due_at else ""
    return {"label": bi("下一步", "Next step"), "value": step.label, "note": by}


def to_be_accepted(pledge: Pledge) -> list[dict[str, Any]]:
    """What a funder reads before it confirms: the amount, the terms in words, what they do not mean, and their hash."""
    campaign = pledge.campaign
    rows = [{"label": bi("金额", "Amount"), "value": f"¥{yuan(pledge.fen)}"}, *offer(campaign)]
    if campaign.terms:
        rows.append({"label": bi("说明", "Note"), "value": terms.schema_of(campaign.terms).statement})
        rows.append({"label": bi("条款哈希", "Hash of the terms"), "value": campaign.terms_sha256})
    return rows


def terms_accepted(pledge: Pledge) -> list[dict[str, Any]]:
    """What the funder accepted of the campaign's terms: the instrument, and the hash that its pledge signs."""
    if not pledge.terms_sha256:
        return []
    return [
        {"label": bi("出资方式", "Instrument"), "value": pledge.campaign.get_instrument_display()},
        {"label": bi("条款哈希", "Hash of the terms"), "hash": pledge.terms_sha256},
    ]


def offers(payout: Payout, actor: Actor) -> list[dict[str, Any]]:
    """The moves that the table gives a finance officer now, as links; whether this person may is asked on the move's own page."""
    if actor.staff != "finance":
        return []
    return [
        {"label": move.label, "tone": move.tone, "href": localised(f"/payouts/{payout.pk}/actions/{move.action}/")}
        for move in PAYOUT.leaving(payout.state)
        if "finance" in move.roles
    ]
