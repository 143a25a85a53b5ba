"""From what the shards found to the ten places of each demand: the same as one search over the whole corpus gives."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple
from uuid import UUID

from matching.app.models import Document
from matching.app.services.rules import rules_of
from matching.engine import documents as engine
from matching.engine.documents import Hit
from matching.engine.sharding import merged
from matching.engine.spreading import PAGE, guaranteed, spread

Told = Mapping[UUID, Sequence[tuple[UUID, float]]]


class Given(NamedTuple):
    """A place that a document has for a demand."""

    demand: str
    object: str
    score: float
    rank: int
    lifted: bool


def places_of(corpus: str, told: Sequence[Told]) -> list[Given]:
    """Return the places of the block whose shards found this: by score and then by id, at most two of a team, one kept for the favoured.

    What was withdrawn since is left out.
    """
    ids = list({id_ for shard in told for found in shard.values() for id_, _ in found})
    favoured = {str(id_) for id_ in rules_of(corpus).favoured(ids)} if ids else set()
    there = _public(corpus, ids)
    return [
        place
        for demand in sorted({demand for shard in told for demand in shard})
        for place in _places(demand, [shard.get(demand, ()) for shard in told], there, favoured)
    ]


def _public(corpus: str, ids: Sequence[UUID]) -> dict[UUID, engine.Document]:
    rows = Document.objects.filter(corpus_id=corpus, object_id__in=ids, public=True)
    found = rows.values_list("object_id", "attributes__team")
    return {id_: engine.Document(str(id_), attributes={"team": team}) for id_, team in found}


def _places(
    demand: UUID, found: Sequence[Sequence[tuple[UUID, float]]], there: Mapping[UUID, engine.Document], favoured: set[str]
) -> list[Given]:
    shards = [[Hit(there[id_], score, score, {}) for id_, score in shard if id_ in there] for shard in found]
    ranked = merged(shards, sum(map(len, shards)))
    placed, lifted = guaranteed(ranked, spread(ranked, PAGE)[0], PAGE, favoured)
    return [Given(str(demand), hit.document.id, hit.score, rank, hit.document.id in lifted) for rank, hit in enumerate(placed, start=1)]
