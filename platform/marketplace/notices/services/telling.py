"""Turn outbox events into notices for the organisations concerned."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import transaction

from marketplace.accounts.models import Membership
from marketplace.agreements.models import Agreement, Milestone, PartyRole, RevenueReport
from marketplace.common import clock, outbox
from marketplace.common.actor import Actor
from marketplace.common.errors import Forbidden, MissingScope
from marketplace.common.models import OutboxEvent
from marketplace.common.money import yuan
from marketplace.demands.models import Bid, Demand
from marketplace.funding.models import ALIVE, Campaign, CampaignQuestion, CampaignUpdate, MatchingPool, Payout, Pledge, TopUp
from marketplace.funding.workflow import CampaignState, PledgeState
from marketplace.notices import selectors
from marketplace.notices.models import Notice
from marketplace.treasury.models import StatementLine
from marketplace.treasury.services.charging_back import whose_top_up


@dataclass(frozen=True, slots=True)
class Rule:
    """Who is told of a topic, in which words, and where they find it."""

    model: type[Any]
    whom: Callable[[Any], Iterable[UUID]]
    words: Callable[[Any], tuple[str, str]]
    path: Callable[[Any], str]


def _demand_path(demand: Demand) -> str:
    return f"/demands/{demand.pk}/"


def _bid_path(bid: Bid) -> str:
    return f"/demands/{bid.demand_id}/"


def _agreement_path(agreement: Agreement) -> str:
    return f"/agreements/{agreement.pk}/"


def _milestone_path(milestone: Milestone) -> str:
    return f"/agreements/{milestone.agreement_id}/"


def _owner(row: Any) -> Iterable[UUID]:
    return [row.organisation_id]


def _bidders(demand: Demand) -> Iterable[UUID]:
    return demand.bids.values_list("organisation_id", flat=True)


def _campaign_path(campaign: Campaign) -> str:
    return f"/campaigns/{campaign.pk}/"


def _backers(campaign: Campaign, *states: PledgeState) -> set[UUID]:
    """Whose money is in the campaign by pledges in these states: their funders', and that of the pools which have added to them."""
    pledges = campaign.pledges.filter(state__in=states)
    topped_up = TopUp.objects.filter(pledge__in=pledges)
    return {*pledges.values_list("organisation_id", flat=True), *topped_up.values_list("pool__organisation_id", flat=True)}


def _company_and_backers(campaign: Campaign) -> Iterable[UUID]:
    return [campaign.organisation_id, *_backers(campaign, *ALIVE)]


def _pledgers_to_agree(campaign: Campaign) -> Iterable[UUID]:
    silent = campaign.pledges.filter(state=PledgeState.FIRM, agreed_close_at=None)
    return silent.values_list("organisation_id", flat=True)


def _readers_of(update: CampaignUpdate) -> Iterable[UUID]:
    """The awarded team and whoever has pledged or topped up; while the campaign is open everybody invited too."""
    campaign = update.campaign
    found = _backers(campaign, *ALIVE, PledgeState.SETTLED)
    if campaign.demand.awarded_bid is not None:
        found.add(campaign.demand.awarded_bid.organisation_id)
    if campaign.state == CampaignState.OPEN:
        found |= set(campaign.invited.values_list("pk", flat=True))
    return found


def _of_talk(zh: str, en: str) -> Callable[[Any], tuple[str, str]]:
    return lambda said: _of_campaign(zh, en)(said.campaign)


def _parties(agreement: Agreement) -> Iterable[UUID]:
    return agreement.parties.values_list("organisation_id", flat=True)


def _auditors(report: RevenueReport) -> Iterable[UUID]:
    return report.agreement.parties.exclude(role=PartyRole.COMPANY).values_list("organisation_id", flat=True)


def _reporter(report: RevenueReport) -> Iterable[UUID]:
    return [report.agreement.company_id]


def _revenue_path(report: RevenueReport) -> str:
    return f"/revenue/{report.pk}/"


def _of_revenue(zh: str, en: str) -> Callable[[RevenueReport], tuple[str, str]]:
    return lambda report: _of_demand(zh, en)(report.agreement.demand)


def _of_demand(zh: str, en: str) -> Callable[[Demand], tuple[str, str]]:
    return lambda demand: (f"{zh}：{demand.title_zh or demand.title_en}", f"{en}: {demand.title_en or demand.title_zh}")


def _of_bid(zh: str, en: str) -> Callable[[Bid], tuple[str, str]]:
    return lambda bid: (
        f"{zh}：{bid.demand.title_zh or bid.demand.title_en}",
        f"{en}: {bid.demand.title_en or bid.demand.title_zh}",
    )


def _refused(bid: Bid) -> tuple[str, str]:
    zh, en = _of_bid("投标未中选", "Your bid was not selected")(bid)
    return f"{zh}。理由：{bid.refusal_text or bid.refusal_reason}", f"{en}. Reason: {bid.refusal_text or bid.refusal_reason}"


def _of_agreement(zh: str, en: str) -> Callable[[Agreement], tuple[str, str]]:
    return lambda agreement: _of_demand(zh, en)(agreement.demand)


def _of_campaign(zh: str, en: str) -> Callable[[Campaign], tuple[str, str]]:
    return lambda one: (f"{zh}：{one.title_zh or one.title_en}", f"{en}: {one.title_en or one.title_zh}")


def _of_milestone(zh: str, en: str) -> Callable[[Milestone], tuple[str, str]]:
    return lambda m: (f"{zh}：{m.title_zh or m.title_en}", f"{en}: {m.title_en or m.title_zh}")


RULES: dict[str, Rule] = {
    "demand.reviewed": Rule(Demand, _owner, _of_demand("需求审核有结果", "Your demand was reviewed"), _demand_path),
    "demand.closed": Rule(Demand, _owner, _of_demand("已截标，可开始评审", "Bids are closed: evaluate them"), _demand_path),
    "demand.claimed": Rule(Demand, _owner, _of_demand("任务已被领取", "Your task has been claimed"), _demand_path),
    "demand.amended": Rule(Demand, _bidders, _of_demand("需求已修订，请核对标书", "A demand you bid for was amended"), _demand_path),
    "demand.awarded": Rule(Demand, _owner, _of_demand("公示期满，可起草协议", "The award stands: draw up the agreement"), _demand_path),
    "bid.selected": Rule(Bid, _owner, _of_bid("投标中选", "Your bid was selected"), _bid_path),
    "bid.not_selected": Rule(Bid, _owner, _refused, _bid_path),
    "bid.disqualified": Rule(Bid, _owner, _of_bid("投标被取消资格", "Your bid was disqualified"), _bid_path),
    "agreement.frozen": Rule(Agreement, _parties, _of_agreement("协议待签署", "An agreement waits for your signature"), _agreement_path),
    "agreement.effective": Rule(Agreement, _parties, _of_agreement("协议已生效", "The agreement is in force"), _agreement_path),
    "agreement.terminated": Rule(Agreement, _parties, _of_agreement("协议已终止", "The agreement was terminated"), _agreement_path),
    "agreement.completed": Rule(Agreement, _parties, _of_agreement("协议已完成", "The agreement is completed"), _agreement_path),
    "milestone.submitted": Rule(
        Milestone, lambda m: [m.agreement.company_id], _of_milestone("里程碑待验收", "A milestone waits for your review"), _milestone_path
    ),
    "milestone.revision_requested": Rule(
        Milestone, lambda m: [m.agreement.university_id], _of_milestone("里程碑需整改", "A revision was requested"), _milestone_path
    ),
    "milestone.released": Rule(
        Milestone,
        lambda m: [m.agreement.university_id],
        _of_milestone("里程碑款项已放行", "A milestone's money was released"),
        _milestone_path,
    ),
    "revenue.reported": Rule(RevenueReport, _auditors, _of_revenue("收益已申报，可审查", "Revenue is reported: audit it"), _revenue_path),
    "revenue.asked": Rule(RevenueReport, _reporter, _of_revenue("收益申报有提问", "A question about your revenue report"), _revenue_path),
    "revenue.answered": Rule(RevenueReport, _auditors, _of_revenue("收益申报提问已答复", "A question is answered"), _revenue_path),
    "revenue.verified": Rule(RevenueReport, _reporter, _of_revenue("审查结束，请缴入", "The audit is over: pay in"), _revenue_path),
    "revenue.rejected": Rule(RevenueReport, _auditors, _of_revenue("收益申报已撤销", "A revenue report was withdrawn"), _revenue_path),
    "revenue.contested": Rule(RevenueReport, _reporter, _of_revenue("收益申报有异议", "Your revenue report is contested"), _revenue_path),
    "revenue.distributed": Rule(RevenueReport, _auditors, _of_revenue("收益已分配", "Revenue has been divided"), _revenue_path),
    "campaign.extended": Rule(
        Campaign, _company_and_backers, _of_campaign("募资截止时间已延期", "A campaign's deadline was moved"), _campaign_path
    ),
    "campaign.early_close_asked": Rule(
        Campaign,
        _pledgers_to_agree,
        _of_campaign("需求方征询提前截止，请决定是否同意", "The company asks you to agree to an early close"),
        _campaign_path,
    ),
    "campaign.updated": Rule(
        CampaignUpdate,
        _readers_of,
        _of_talk("募资项目有新动态", "A campaign has news"),
        lambda update: f"/campaigns/{update.campaign_id}/updates/",
    ),
    "campaign.asked": Rule(
        CampaignQuestion,
        lambda asked: [asked.campaign.organisation_id],
        _of_talk("募资项目有新提问，请答复", "A funder asks about your campaign"),
        lambda asked: f"/campaigns/{asked.campaign_id}/questions/",
    ),
    "campaign.answered": Rule(
        CampaignQuestion,
        _owner,
        _of_talk("您的提问已答复", "Your question is answered"),
        lambda asked: f"/campaigns/{asked.campaign_id}/questions/",
    ),
    "pledge.captured": Rule(Pledge, _owner, lambda _: ("认筹已划转", "Your pledge was captured"), lambda p: f"/campaigns/{p.campaign_id}/"),
    "pledge.released": Rule(
        Pledge,
        _owner,
        lambda _: ("募资未成，冻结款已全额释放", "The campaign failed: your hold was released in full"),
        lambda p: f"/campaigns/{p.campaign_id}/",
    ),
    "pledge.charged_back": Rule(
        Pledge,
        _owner,
        lambda _: ("银行撤回了来款，此笔认筹已撤销", "The bank took your money back: this pledge no longer stands"),
        lambda p: f"/pledges/{p.pk}/",
    ),
    "treasury.charged_back": Rule(
        StatementLine,
        whose_top_up,
        lambda line: (f"银行撤回了已入账的来款 {yuan(line.fen)} 元", f"The bank took back {yuan(line.fen)} yuan from your wallet"),
        lambda _: "/wallet/",
    ),
    "pool.closed": Rule(
        MatchingPool,
        _owner,
        lambda pool: ("引导基金已结束，未承诺的资金已退回钱包", "A matching pool has ended: what it had not promised is in your wallet"),
        lambda pool: f"/pools/{pool.pk}/",
    ),
    "payout.paid": Rule(Payout, _owner, lambda _: ("款项已拨付到账", "A payout has been paid"), lambda _: "/wallet/"),
    "payout.paid_late": Rule(
        Payout,
        _owner,
        lambda _: ("此前记为拒付的款项，银行实际已付", "The bank paid after all what it was thought to have refused"),
        lambda _: "/wallet/",
    ),
}


def register() -> None:
    """Follow every event (called once, at start)."""
    outbox.consumer("", "notices.tell")(tell)


def tell(event: OutboxEvent) -> None:
    """One notice per organisation concerned; an event that concerns nobody passes by."""
    rule = RULES.get(event.topic)
    obj = rule.model._base_manager.filter(pk=event.object_id).first() if rule else None
    if rule is None or obj is None:
        return
    zh, en = rule.words(obj)
    path, now = rule.path(obj), clock.now()
    Notice.objects.bulk_create(
        [
            Notice(
                organisation_id=organisation_id,
                event_id=event.id,
                topic=event.topic,
                kind=event.kind,
                object_id=event.object_id,
                text_zh=zh[:500],
                text_en=en[:500],
                path=path,
                created_at=now,
            )
            for organisation_id in sorted(set(rule.whom(obj)))
        ],
        ignore_conflicts=True,
    )


def member_told(*, member: Membership, event_id: UUID, topic: str, kind: str, object_id: UUID, zh: str, en: str, path: str) -> None:
    """Tell one member alone, once per event, inside the caller's transaction; the notice goes with the membership."""
    Notice.objects.bulk_create(
        [
            Notice(
                organisation_id=member.organisation_id,
                member=member,
                event_id=event_id,
                topic=topic,
                kind=kind,
                object_id=object_id,
                text_zh=zh[:500],
                text_en=en[:500],
                path=path,
                created_at=clock.now(),
            )
        ],
        ignore_conflicts=True,
    )


def notices_read(*, actor: Actor) -> int:
    """Mark everything as read that the caller's organisation, or the caller alone, was told; returns how many were unread."""
    if actor.organisation_id is None:
        raise Forbidden
    if "write" not in actor.scopes:
        raise MissingScope
    with transaction.atomic():
        return selectors.unread(selectors.notices_for(actor)).update(read_at=clock.now())
