"""From closing to the award, and every way in which a demand ends without one."""

from datetime import timedelta

import pytest

from ledger.app import services as ledger
from marketplace.common import clock
from marketplace.common.errors import DomainError, Invalid
from marketplace.common.ids import uuid7
from marketplace.common.models import OutboxEvent
from marketplace.demands import errors
from marketplace.demands.models import Bid, Demand
from marketplace.workflow import sweeping
from marketplace.workflow.performing import perform
from tests.factories import accounts, catalogue, demands

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("opener")]

SYSTEM = demands.SYSTEM


def evaluated(*prices: int) -> tuple[Demand, list[Bid]]:
    """A closed challenge with opened bids of these prices."""
    target = demands.demand()
    sealed = [demands.bid(target, price_fen=price) for price in prices]
    target = demands.closed(target)
    opened = [
        perform("reveal", bid, SYSTEM, body=demands.offer(price_fen=price), salt=receipt.salt)
        for (bid, receipt), price in zip(sealed, prices, strict=True)
    ]
    return target, opened


def states(bids: list[Bid]) -> list[str]:
    known = dict(Bid.objects.values_list("pk", "state"))
    return [known[bid.pk] for bid in bids]


def swept(target: Demand) -> Demand:
    sweeping.sweep()
    target.refresh_from_db()
    return target


def test_nothing_is_decided_while_a_bid_is_still_sealed() -> None:
    target = demands.demand()
    bid, _ = demands.bid(target)
    target = demands.closed(target)
    company = demands.company_of(target)
    for action, data in (("select", {"bid": bid.pk, "refusals": {}}), ("no_award", {"reason": "无", "refusals": {}})):
        with pytest.raises(errors.BidsNotOpened):
            perform(action, target, company, **data)


def test_a_selection_gives_every_other_bid_its_reason() -> None:
    target, (chosen, second, third) = evaluated(300, 200, 100)
    company = demands.company_of(target)
    reason = {"reason": "plan", "text": "路线不同"}
    for refusals in ({}, {str(second.pk): reason}, {str(second.pk): reason, str(third.pk): {"reason": "taste"}}):
        with pytest.raises(errors.ReasonMissing):
            perform("select", target, company, bid=chosen.pk, refusals=refusals)
    assert states([chosen, second, third]) == ["opened"] * 3
    selected = perform("select", target, company, bid=chosen.pk, refusals=demands.refusals(target, chosen))
    assert (selected.state, selected.awarded_bid_id) == ("award_publicity", chosen.pk)
    assert states([chosen, second, third]) == ["selected", "opened", "opened"]


def test_only_an_opened_bid_of_this_demand_can_be_selected() -> None:
    target, (mine,) = evaluated(300)
    _, (foreign,) = evaluated(200)
    withdrawn = perform("withdraw_late", mine, accounts.actor_for(mine.organisation), reason="另有任务")
    for pk in (foreign.pk, withdrawn.pk, uuid7()):
        with pytest.raises(errors.BidNotEligible):
            perform("select", target, demands.company_of(target), bid=pk, refusals={})


def test_the_award_stands_only_when_its_publicity_is_over_and_then_the_others_are_told_why() -> None:
    target, (chosen, other) = evaluated(300, 200)
    selected = perform("select", target, demands.company_of(target), bid=chosen.pk, refusals=demands.refusals(target, chosen))
    with pytest.raises(errors.PublicityRunning):
        perform("publicity_passed", selected, SYSTEM)
    assert OutboxEvent.objects.filter(topic="bid.not_selected").count() == 0
    assert swept(demands.overdue(selected)).state == "awarded"
    other.refresh_from_db()
    assert (other.state, other.refusal_reason, other.refusal_text) == ("not_selected", "plan", "路线不同")
    (told,) = OutboxEvent.objects.filter(topic="bid.not_selected")
    assert (told.object_id, told.payload["reason"]) == (other.pk, "plan")
    assert ledger.entries_of("bid", other.pk)[-1].disclosures["reason"] == "plan: 路线不同"


def test_an_upheld_objection_opens_the_choice_again() -> None:
    target, (first, second) = evaluated(300, 200)
    company, reviewer = demands.company_of(target), accounts.staff_actor("reviewer")
    target = perform("select", target, company, bid=first.pk, refusals=demands.refusals(target, first))
    with pytest.raises(Invalid):
        perform("uphold_objection", target, reviewer, reason=" ")
    target = perform("uphold_objection", target, reviewer, reason="指标不实")
    assert (target.state, target.awarded_bid_id) == ("evaluating", None)
    assert demands.awarded(target, second).awarded_bid_id == second.pk
    assert states([first, second]) == ["not_selected", "selected"]


def test_awarding_nobody_takes_a_reason_for_the_record_and_one_for_each_team() -> None:
    target, bids = evaluated(300, 200)
    company = demands.company_of(target)
    refusals = {str(bid.pk): {"reason": "price", "text": "超出预算"} for bid in bids}
    for reason, given, refusal in ((" ", refusals, Invalid), ("均不符合", {}, errors.ReasonMissing)):
        with pytest.raises(refusal):
            perform("no_award", target, company, reason=reason, refusals=given)
    ended = perform("no_award", target, company, reason="均不符合", refusals=refusals)
    assert (ended.state, states(bids)) == ("terminated", ["not_selected", "not_selected"])


def test_a_winner_who_does_not_sign_in_time_lapses_and_the_company_decides_again() -> None:
    target, (winner, other) = evaluated(300, 200)
    target = demands.awarded(target, winner)
    with pytest.raises(errors.NotPossible):
        perform("winner_lapsed", target, SYSTEM)
    back = swept(demands.overdue(target))
    assert (back.state, back.awarded_bid_id) == ("evaluating", None)
    assert states([winner, other]) == ["lapsed", "not_selected"]
    assert perform("no_award", back, demands.company_of(back), reason="中选方未签约", refusals={}).state == "terminated"


def test_a_claim_that_is_not_signed_for_is_open_again_for_as_long_as_before() -> None:
    target = demands.claimable()
    team = catalogue.team()
    span = target.deadline - target.opened_at
    claimed = perform("claim", target, accounts.actor_for(team.organisation), team=team)
    assert (claimed.state, claimed.awarded_bid.price_fen, claimed.awarded_bid.state) == ("awarded", 1_000_000, "selected")
    bid = claimed.awarded_bid
    # The time to sign is long over, and with it the first deadline.
    past = timedelta(days=90)
    Demand.objects.filter(pk=claimed.pk).update(opened_at=claimed.opened_at - past, deadline=claimed.deadline - past)
    reopened = swept(demands.overdue(claimed))
    assert (reopened.state, reopened.awarded_bid_id, states([bid])) == ("open", None, ["lapsed"])
    assert reopened.deadline - reopened.opened_at == span
    assert reopened.due_at == reopened.deadline > clock.now()
    again = perform("claim", reopened, accounts.actor_for(team.organisation), team=team)
    assert again.awarded_bid_id != bid.pk


def test_a_claim_is_for_a_fixed_price_demand_before_its_deadline_and_a_fit_team() -> None:
    team = catalogue.team()
    actor = accounts.actor_for(team.organisation)
    for target, with_team, refusal in (
        (demands.demand(), team, errors.WrongMode),
        (demands.late(demands.claimable()), team, errors.DeadlinePassed),
        (demands.claimable(), catalogue.team(), errors.TeamNotQualified),
    ):
        with pytest.raises(refusal):
            perform("claim", target, actor, team=with_team)
    own = demands.claimable()
    with pytest.raises(DomainError):
        perform("claim", own, demands.company_of(own), team=team)
    assert Bid.objects.count() == 0


def test_an_open_demand_is_withdrawn_only_while_nobody_has_bid() -> None:
    target = demands.demand()
    bid, _ = demands.bid(target)
    company = demands.company_of(target)
    with pytest.raises(errors.HasBids):
        perform("withdraw", target, company, reason="不再需要")
    perform("withdraw", bid, accounts.actor_for(bid.organisation))
    with pytest.raises(Invalid):
        perform("withdraw", target, company, reason="")
    assert perform("withdraw", target, company, reason="不再需要").state == "withdrawn"


def test_an_unanswered_demand_is_extended_once_by_as_much_time_again_and_then_expires() -> None:
    target = demands.demand(deadline=clock.now() + timedelta(days=10))
    Demand.objects.filter(pk=target.pk).update(opened_at=clock.now() - timedelta(days=10))
    extended = swept(demands.late(target))
    assert (extended.state, extended.extended) == ("open", True)
    assert timedelta(days=9, hours=23) < extended.deadline - clock.now() < timedelta(days=10, minutes=1)
    assert extended.due_at == extended.deadline
    assert ledger.entries_of("demand", target.pk)[-1].body["deadline"] == extended.deadline.isoformat()
    assert swept(demands.late(extended)).state == "expired"


def test_a_demand_with_a_bid_is_closed_and_neither_extended_nor_expired() -> None:
    target = demands.demand()
    demands.bid(target)
    for action in ("close", "extend_once", "expire"):
        with pytest.raises(errors.DeadlineNotPassed):
            perform(action, target, SYSTEM)
    assert swept(demands.late(target)).state == "evaluating"


def test_a_withdrawn_bid_counts_for_nothing_at_the_deadline() -> None:
    target = demands.demand()
    bid, _ = demands.bid(target)
    perform("withdraw", bid, accounts.actor_for(bid.organisation))
    assert swept(demands.late(target)).extended
