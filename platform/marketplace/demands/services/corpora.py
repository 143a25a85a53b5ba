"""What matches are made of: in each corpus of the matcher, what anybody may see and is in force now, and how it is asked with."""

from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

from marketplace.catalogue import selectors as catalogue
from marketplace.catalogue.models import Achievement, Expert, Team
from marketplace.catalogue.services.indexing import achievement_document, expert_document, team_document
from marketplace.common.actor import Actor
from marketplace.demands.models import Demand
from marketplace.demands.services.indexing import CORPUS, document_of
from marketplace.demands.workflow import DemandState
from matching.app import services as matcher

ACHIEVEMENT, TEAM, EXPERT = SUPPLY = ("achievement", "team", "expert")

Supply = Achievement | Team | Expert
Thing = Demand | Supply


def public(corpus: str) -> QuerySet[Any]:
    """Open demands or published supply, as anybody sees them, those included whose time ran out a moment ago."""
    if corpus == CORPUS:
        return Demand.objects.select_related("organisation").defer("search").filter(state=DemandState.OPEN)
    rows = {ACHIEVEMENT: catalogue.achievements_for, TEAM: catalogue.teams_for, EXPERT: catalogue.experts_for}
    return rows[corpus](Actor.anonymous())


def lapsed(corpus: str, at: datetime) -> Q:
    """That a demand's deadline or the validity of supply has passed: the sweeper has not come yet, and the index follows the sweeper."""
    return Q(**{f"{'deadline' if corpus == CORPUS else 'due_at'}__lte": at})


def asked_with(thing: Thing) -> matcher.QueryInput:
    """A thing asked for in the very words by which it is found."""
    document = _document_of(thing)
    return matcher.QueryInput(title=document.title, body=document.body, keywords=document.keywords, attributes=document.attributes)


def title_of(thing: Thing) -> str:
    """The name of what was ranked, in the reader's language; an expert's stays with the person."""
    if isinstance(thing, Expert):
        return thing.person.name
    return thing.name if isinstance(thing, Team) else thing.title


def _document_of(thing: Thing) -> matcher.DocumentInput:
    if isinstance(thing, Demand):
        return document_of(thing)
    if isinstance(thing, Expert):
        return expert_document(thing)
    return team_document(thing) if isinstance(thing, Team) else achievement_document(thing)
