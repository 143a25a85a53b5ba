"""Demands and bids for tests, by the real moves; opening needs the `opener` fixture."""

from datetime import timedelta
from typing import Any

from marketplace.accounts.models import Organisation
from marketplace.catalogue.models import Team
from marketplace.common import clock
from marketplace.common.actor import Actor
from marketplace.demands.models import Bid, Demand
from marketplace.demands.services import bidding, drafting, sealing
from marketplace.workflow.performing import perform
from tests.factories import accounts, catalogue

SYSTEM = Actor.system()
REGION = "110108"


def terms(**changes: Any) -> dict[str, Any]:
    """The fields of a challenge that may be submitted as it is."""
    return {
        "title_zh": "低温钠离子电池",
        "title_en": "Sodium-ion cells for the cold",
        "text_zh": "零下二十度的容量保持率。",
        "acceptance_zh": "第三方检测报告。",
        "industry_code": "38",
        "region_code": REGION,
        "readiness_wanted": 6,
        "budget_min_fen": 500_000,
        "budget_max_fen": 1_000_000,
        "deadline": clock.now() + timedelta(days=30),
        **changes,
    }


def demand(owner: Organisation | None = None, *, until: str = "open", **changes: Any) -> Demand:
    """A demand of a (new) company, brought up to draft, submitted, approved or open."""
    company = accounts.actor_for(owner or accounts.organisation("company"))
    fields = terms(**changes)
    made = drafting.demand_create(actor=company, region_code=fields["region_code"], fields=fields)
    steps = {"submitted": ("submit", company), "approved": ("approve", accounts.staff_actor("reviewer")), "open": ("publish", company)}
    for state, (action, actor) in steps.items():
        if made.state == until:
            break
        made = perform(action, made, actor)
        assert made.state == state
    return made


def claimable(owner: Organisation | None = None, *, price: int = 1_000_000, **changes: Any) -> Demand:
    """An open demand with one price, for the first who claims it."""
    return demand(owner, mode="claim", budget_max_fen=price, **changes)


def company_of(target: Demand) -> Actor:
    """The actor of the demand's poster."""
    return accounts.actor_for(target.organisation)


def offer(**changes: Any) -> dict[str, Any]:
    """An offer that may be sealed as it is: two milestones."""
    milestones = [
        {"title_zh": "样件", "title_en": "Sample", "days": 60, "share_bp": 4_000},
        {"title_zh": "试运行", "title_en": "Trial", "days": 90, "share_bp": 6_000},
    ]
    return {"price_fen": 800_001, "plan_zh": "包覆正极，逐步放大。", "plan_en": "", "milestones": milestones, **changes}


def bid(target: Demand, *, by: Team | None = None, **changes: Any) -> tuple[Bid, sealing.Sealed]:
    """A sealed bid of a (new) team, and its receipt."""
    team = by or catalogue.team()
    return bidding.bid_submit(demand=target, team=team, actor=accounts.actor_for(team.organisation), offer=offer(**changes))


def overdue(target: Any, **also: Any) -> Any:
    """The object with its time run out: due a moment ago."""
    moment = accounts.a_moment_ago()
    type(target).objects.filter(pk=target.pk).update(due_at=moment, **dict.fromkeys(also, moment))
    target.refresh_from_db()
    return target


def late(target: Demand) -> Demand:
    """The demand with its deadline a moment ago."""
    return overdue(target, deadline=True)


def closed(target: Demand) -> Demand:
    """The demand after its bids were closed."""
    return perform("close", late(target), SYSTEM)


def refusals(target: Demand, chosen: Bid) -> dict[str, dict[str, str]]:
    """A reason for every other opened bid."""
    others = target.bids.filter(state="opened").exclude(pk=chosen.pk)
    return {str(one.pk): {"reason": "plan", "text": "路线不同"} for one in others}


def awarded(target: Demand, chosen: Bid) -> Demand:
    """The demand awarded to an opened bid, its publicity over."""
    selected = perform("select", target, company_of(target), bid=chosen.pk, refusals=refusals(target, chosen))
    return perform("publicity_passed", overdue(selected), SYSTEM)
