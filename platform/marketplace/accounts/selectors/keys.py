"""Reading API keys; secrets cannot be read, by anyone."""

from django.db.models import Q, QuerySet

from marketplace.accounts.models import ApiKey
from marketplace.common.actor import Actor


def keys_of(actor: Actor) -> QuerySet[ApiKey]:
    """The actor's own keys, and for a manager every key of the organisation."""
    mine = Q(person_id=actor.person_id)
    if "manager" in actor.roles:
        mine |= Q(organisation_id=actor.organisation_id)
    return ApiKey.objects.filter(mine).select_related("organisation").order_by("-id")
