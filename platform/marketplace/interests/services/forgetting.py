"""What digests say of an expert is forgotten with the person."""

from datetime import datetime
from uuid import UUID

from marketplace.catalogue.models import Expert
from marketplace.interests.models import DigestItem


def words_of_experts(person_id: UUID, _at: datetime) -> None:
    """Empty the words by which digests found a person; that something was told stays, so that nothing is told twice."""
    rows = DigestItem.objects.filter(object_id__in=Expert.objects.filter(person_id=person_id).values("pk"))
    rows.update(words=[])
