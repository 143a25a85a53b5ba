"""A notice as an organisation finds it."""

from uuid import UUID

from marketplace.accounts.models import Organisation
from marketplace.common import clock
from marketplace.demands.models import Demand
from marketplace.notices.models import Notice


def of_publication(home: Organisation, demand: Demand, *, text: str) -> Notice:
    """Told to the organisation when its demand was published."""
    told = {"topic": "demand.published", "kind": "demand", "object_id": demand.pk, "path": "/"}
    return Notice.objects.create(organisation=home, event_id=UUID(int=1), text_zh=text, text_en=text, created_at=clock.now(), **told)
