"""What people did with matches, read where it stands anyway: a mix is learned from it."""

from collections import defaultdict
from uuid import UUID

from django.db.models import F, Q

from marketplace.demands.models import Bid, DeclineReason, Demand, MatchJudgement, Question
from marketplace.demands.services.indexing import document_of
from marketplace.demands.workflow import BidState
from matching.app.services import QueryInput
from matching.app.services.mixing import Signal

CONTACT, WORD = 1, 2
BIDS = {BidState.OPENED: 1, BidState.NOT_SELECTED: 1, BidState.LAPSED: 1, BidState.SELECTED: 2, BidState.ACCEPTED: 3}
# Whoever finds a match too dear, too far or too early says nothing against its words, and whoever knows it already speaks for them.
ABOUT_WORDS = DeclineReason.FIELD


def signals() -> list[Signal]:
    """What was called useful or of the wrong field, asked about, bid for in the open, or signed, by the two sides of each published demand.

    Supply is contacted with a demand where its organisation asked the poster a question and said that it was about this supply.
    A bid counts once it is opened: that a sealed one exists is nobody's to know. The word of an organisation that is neither the demand's
    nor the supply's orders its own matches and teaches nothing.
    """
    grades: dict[tuple[str, UUID], dict[UUID, int]] = defaultdict(dict)
    for one in _words():
        corpus = "achievement" if one.achievement_id else "team"
        _raise(grades[corpus, one.demand_id], one.supply_id, WORD if one.useful else 0)
    for demand, achievement, team in _contacts():
        _raise(grades["achievement" if achievement else "team", demand], achievement or team, CONTACT)
    for demand, team, state in Bid.objects.filter(state__in=BIDS).order_by("pk").values_list("demand_id", "team_id", "state"):
        _raise(grades["team", demand], team, BIDS[BidState(state)])
    published = Demand.objects.filter(opened_at__isnull=False).defer("search").in_bulk([demand for _, demand in grades])
    return [
        Signal(corpus=corpus, demand=demand, query=_public_words(published[demand]), grades=found)
        for (corpus, demand), found in sorted(grades.items(), key=lambda one: (one[0][0], str(one[0][1])))
        if demand in published
    ]


def _contacts() -> list[tuple[UUID, UUID | None, UUID | None]]:
    """Which demand was asked about for which supply of the asker's; a poster that asks itself brought nobody together."""
    own = Q(achievement__organisation=F("organisation")) | Q(team__organisation=F("organisation"))
    rows = Question.objects.filter(own).exclude(organisation=F("demand__organisation")).order_by("pk")
    return list(rows.values_list("demand_id", "achievement_id", "team_id"))


def _words() -> list[MatchJudgement]:
    rows = MatchJudgement.objects.select_related("demand", "achievement", "team").order_by("at", "id")
    return [
        one
        for one in rows
        if one.organisation_id in (one.demand.organisation_id, one.supply.organisation_id) and (one.useful or one.reason == ABOUT_WORDS)
    ]


def _raise(found: dict[UUID, int], thing: UUID | None, grade: int) -> None:
    """What was done counts more than what was said, and of two the better."""
    if thing is not None:
        found[thing] = max(found.get(thing, 0), grade)


def _public_words(demand: Demand) -> QueryInput:
    document = document_of(demand)
    return QueryInput(title=document.title, body=document.body, keywords=document.keywords)
