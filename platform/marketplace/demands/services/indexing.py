"""Open demands in the matcher's index, following every change of state by the outbox."""

from marketplace.catalogue.services.indexing import both
from marketplace.common import outbox
from marketplace.common.models import OutboxEvent
from marketplace.demands.models import Demand
from marketplace.demands.workflow import DemandState
from matching.app import services as matcher

CORPUS = "demand"


def register() -> None:
    """Follow demands from the outbox (called once, at start)."""
    outbox.consumer("demand.", "demands.index")(follow)


def follow(event: OutboxEvent) -> None:
    """Index the demand of an event while it is open, and take it out otherwise."""
    index(Demand.objects.filter(pk=event.object_id).first(), event)


def index(demand: Demand | None, event: OutboxEvent) -> None:
    """Only the public columns go in; the confidential table is never read here."""
    if demand is None or demand.state != DemandState.OPEN:
        matcher.remove_documents(corpus=CORPUS, ids=[event.object_id])
        return
    matcher.index_documents(corpus=CORPUS, documents=[document_of(demand)])


def document_of(demand: Demand) -> matcher.DocumentInput:
    """A demand as the matcher reads it: both languages together."""
    return matcher.DocumentInput(
        id=demand.pk,
        title=both(demand.title_zh, demand.title_en),
        body=both(demand.text_zh, demand.text_en),
        keywords=demand.keywords,
        attributes={
            "region_code": demand.region_code,
            "industry_code": demand.industry_code,
            "readiness": demand.readiness_wanted,
        },
        public=True,
    )
