"""Saying of a match that it is useful or not, and taking that back."""

from uuid import UUID

from marketplace.catalogue.models import Achievement, Expert, Team
from marketplace.common import clock
from marketplace.common.actor import Actor
from marketplace.common.errors import Forbidden, Invalid
from marketplace.common.text import bi
from marketplace.demands.models import DeclineReason, Demand, MatchJudgement
from marketplace.demands.permissions import demand_writer, may_judge
from marketplace.demands.services.corpora import EXPERT, Supply

REASON_NEEDED = bi("请选择理由。", "Choose a reason.")
NO_REASON = bi("有用的匹配不需要理由。", "What is useful needs no reason.")


def match_judge(*, demand: Demand, supply: Achievement | Team, actor: Actor, useful: bool, reason: str = "") -> MatchJudgement:
    """Keep the organisation's word on a match that it may see; of two words on the same the later one counts.

    What is not useful needs one of DeclineReason, and is left out of the organisation's matches from now on.
    Raises Forbidden for whoever acts for no organisation, Invalid for a missing or superfluous reason.
    """
    organisation = _organisation_of(actor)
    if useful == bool(reason) or reason not in ("", *DeclineReason.values):
        raise Invalid(fields={"reason": [NO_REASON if useful else REASON_NEEDED]})
    thing = {"achievement": None, "team": supply} if isinstance(supply, Team) else {"achievement": supply, "team": None}
    word = {"useful": useful, "reason": reason, "at": clock.now()}
    judgement, _ = MatchJudgement.objects.update_or_create(organisation_id=organisation, demand=demand, **thing, defaults=word)
    return judgement


def match_take_back(*, judgement: MatchJudgement, actor: Actor) -> None:
    """Forget one's own organisation's word: the match is ranked again as if nothing had been said."""
    _organisation_of(actor)
    judgement.delete()


def declined_supply(organisation_id: UUID | None, demand: Demand, *, corpus: str) -> frozenset[UUID]:
    """The achievements, or teams, that an organisation called not useful for a demand; nothing where nobody in particular asks."""
    if organisation_id is None or corpus == EXPERT:
        return frozenset()
    said = MatchJudgement.objects.filter(organisation_id=organisation_id, demand=demand, useful=False)
    return frozenset(said.exclude(**{corpus: None}).values_list(f"{corpus}_id", flat=True))


def declined_demands(organisation_id: UUID | None, supply: Supply) -> frozenset[UUID]:
    """The demands that an organisation called not useful for an achievement or a team; of experts, who are people, nothing is said."""
    if organisation_id is None or isinstance(supply, Expert):
        return frozenset()
    said = MatchJudgement.objects.filter(organisation_id=organisation_id, useful=False)
    return frozenset(said.filter(**{"team" if isinstance(supply, Team) else "achievement": supply}).values_list("demand_id", flat=True))


def _organisation_of(actor: Actor) -> UUID:
    """The organisation that speaks, where the actor may speak for it."""
    if actor.organisation_id is None or not may_judge(actor):
        raise Forbidden(bi("以单位身份才能评价匹配。", "Act for an organisation to say something of matches."))
    demand_writer(actor)
    return actor.organisation_id
