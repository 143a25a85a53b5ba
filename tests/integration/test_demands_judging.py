"""An organisation's word on a match: the last one counts, what was declined is left out of its own matches alone, and is taken back."""

from typing import Any
from uuid import UUID

import pytest
from django.db import IntegrityError, transaction

from marketplace.accounts.models import Organisation
from marketplace.common import outbox
from marketplace.common.actor import Actor
from marketplace.common.errors import Forbidden, Invalid, MissingScope, NotFound, NotVerified
from marketplace.demands import selectors
from marketplace.demands.models import Demand, MatchJudgement
from marketplace.demands.services import conditions, judging, ranking
from marketplace.demands.services.conditions import Condition
from tests.factories import accounts, catalogue, demands

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("opener")]


@pytest.fixture
def home() -> Organisation:
    return accounts.organisation("company")


def found(demand: Demand, asker: Organisation | None, *, corpus: str = "achievement", **rest: Any) -> set[UUID]:
    outbox.relay()
    asked = asker.pk if asker else None
    return {match.id for match in ranking.supply_for_demand(demand, corpus=corpus, asker=asked, **rest)}


def test_what_an_organisation_declined_is_left_out_of_its_own_matches_until_it_takes_that_back(home: Organisation) -> None:
    demand, company = demands.demand(home), accounts.actor_for(home)
    other = accounts.organisation("company")
    first, second = (catalogue.achievement(title_zh=f"低温钠离子电池{name}") for name in "甲乙")
    word = judging.match_judge(demand=demand, supply=first, actor=company, useful=False, reason="price")
    assert [found(demand, asker) for asker in (home, other, None)] == [{second.pk}, {first.pk, second.pk}, {first.pk, second.pk}]
    assert found(demand, home, without=["declined"]) == {first.pk, second.pk}
    declined = judging.declined_supply(home.pk, demand, corpus="achievement")
    assert Condition("declined", applied=True, removed=1) in conditions.on_supply(demand, declined=declined).stated
    assert judging.declined_supply(other.pk, demand, corpus="achievement") == frozenset()
    judging.match_take_back(judgement=word, actor=company)
    assert found(demand, home) == {first.pk, second.pk}


def test_the_last_word_on_a_match_counts_and_there_is_only_one(home: Organisation) -> None:
    demand, offer, company = demands.demand(home), catalogue.achievement(title_zh="低温钠离子电池"), accounts.actor_for(home)
    for useful, reason in ((True, ""), (False, "field"), (False, "known")):
        judging.match_judge(demand=demand, supply=offer, actor=company, useful=useful, reason=reason)
    assert [(one.useful, one.reason) for one in selectors.judgements_for(company)] == [(False, "known")]
    judging.match_judge(demand=demand, supply=offer, actor=company, useful=True)
    assert found(demand, home) == {offer.pk}


def test_teams_are_judged_too_and_a_team_declines_demands_from_its_own_side(home: Organisation) -> None:
    school = accounts.organisation("university")
    team = catalogue.team(school, name_zh="低温钠离子电池团队", summary_zh="零下二十度的容量保持率。")
    kept, declined = demands.demand(home), demands.demand(home, title_zh="低温钠离子电池正极")
    outbox.relay()
    judging.match_judge(demand=declined, supply=team, actor=accounts.actor_for(school), useful=False, reason="field")
    assert {match.id for match in ranking.demands_for_supply(team, asker=school.pk)} == {kept.pk}
    stated = conditions.on_demands(team, declined=judging.declined_demands(school.pk, team)).stated
    assert stated == (Condition("declined", applied=True, removed=1),)
    assert found(declined, home, corpus="team") == {team.pk}  # the demand's company sees it as before
    assert found(declined, school, corpus="team") == set()


def test_a_word_needs_its_reason_and_an_organisation_that_may_write(home: Organisation) -> None:
    demand, offer, company = demands.demand(home), catalogue.achievement(title_zh="低温钠离子电池"), accounts.actor_for(home)
    for useful, reason in ((False, ""), (True, "price"), (False, "taste")):
        with pytest.raises(Invalid):
            judging.match_judge(demand=demand, supply=offer, actor=company, useful=useful, reason=reason)
    reader = accounts.actor_for(home, scopes={"read"})
    refused: dict[Actor, type[Exception]] = {
        Actor.anonymous(): Forbidden,
        accounts.staff_actor("admin"): Forbidden,
        reader: MissingScope,
        accounts.actor_for(accounts.organisation("company", verified=False)): NotVerified,
    }
    for actor, refusal in refused.items():
        with pytest.raises(refusal):
            judging.match_judge(demand=demand, supply=offer, actor=actor, useful=True)
    assert not MatchJudgement.objects.exists()


def test_nobody_reads_what_another_organisation_said(home: Organisation) -> None:
    demand, offer, company = demands.demand(home), catalogue.achievement(title_zh="低温钠离子电池"), accounts.actor_for(home)
    word = judging.match_judge(demand=demand, supply=offer, actor=company, useful=True)
    assert selectors.judgement_for(company, word.pk) == word
    for actor in (accounts.actor_for(offer.organisation), accounts.staff_actor("admin"), Actor.anonymous()):
        with pytest.raises(NotFound):
            selectors.judgement_for(actor, word.pk)


def test_the_database_refuses_a_second_word_one_without_its_reason_and_one_on_nothing(home: Organisation) -> None:
    demand, offer = demands.demand(home), catalogue.achievement(title_zh="低温钠离子电池")
    word = judging.match_judge(demand=demand, supply=offer, actor=accounts.actor_for(home), useful=True)
    said = {"organisation": home, "demand": demand, "at": word.at}
    wrong: list[tuple[dict[str, Any], str]] = [
        ({"achievement": offer, "useful": True}, "judgement_once_a_match"),
        ({"team": catalogue.team(), "useful": False}, "judgement_says_why_not"),
        ({"team": catalogue.team(), "useful": True, "reason": "price"}, "judgement_says_why_not"),
        ({"useful": True}, "judgement_names_one_thing"),
        ({"team": catalogue.team(), "achievement": offer, "useful": True}, "judgement_names_one_thing"),
    ]
    for fields, constraint in wrong:
        with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
            MatchJudgement.objects.create(**said, **fields)
