"""What the demands of a block find in a shard: all at once, and their conditions are asked for all at once."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple
from uuid import UUID

from matching.app.models import Piece
from matching.app.services.fitting import FEW
from matching.app.services.reading import Demands
from matching.app.services.rules import Rules, rules_of
from matching.engine.documents import Filters
from matching.engine.sharding import Shard

if TYPE_CHECKING:
    from matching.engine.index import Index
    from matching.engine.weighing import Weights

# So many documents' teams are remembered, some 50 MiB.
_REMEMBERED = 200_000


class Answer(NamedTuple):
    """The best documents of a shard for one demand."""

    demand: UUID
    ids: list[UUID]
    scores: list[float]


class _Hit(NamedTuple):
    id: UUID
    team: str | None
    score: float


class Finder:
    """Finds for the demands of a block; what the terms weigh is worked out once for all shards."""

    def __init__(self, standing: str, index: "Index", demands: Demands) -> None:
        from matching.engine.together import weights_of  # noqa: PLC0415 - loads what ranks

        self._index = index
        self._demands = demands
        self._weights: Weights = weights_of(index, demands.readings)
        if standing not in _told:
            _told.clear()
        self._known = _told.setdefault(standing, {})

    def best(self, piece: Piece) -> list[Answer]:
        """Return for each demand the best of the shard that its conditions leave: as many as its ten places may need.

        Conditions are asked of what was found, at two depths: two questions for all demands. Where they refuse nearly everything, the few
        that meet them are asked for, for one demand after the other.
        """
        from matching.engine.spreading import DEPTH, enough_for_a_page  # noqa: PLC0415 - loads what ranks

        shard = Shard(*(None if end is None else str(end) for end in (piece.supply_from, piece.supply_until)))
        rules = rules_of(piece.run.corpus)
        answers: dict[int, list[_Hit]] = {}
        left: Sequence[int] = range(len(self._demands.ids))
        for depth in (DEPTH, 4 * DEPTH):
            found = dict(zip(left, self._found(left, Filters(), depth, shard), strict=True))
            asked = {self._demands.ids[number]: [hit.id for hit in hits] for number, hits in found.items() if hits}
            unfit = rules.unfit(asked) if asked else {}
            for number, hits in found.items():
                out = unfit.get(self._demands.ids[number], ())
                fitting = [hit for hit in hits if hit.id not in out] if out else hits
                if len(hits) < depth or enough_for_a_page([hit.team for hit in fitting]):
                    answers[number] = fitting
            left = [number for number in left if number not in answers]
        for number in left:
            answers[number] = self._enough(number, rules, shard)
        return [
            Answer(id_, [hit.id for hit in answers[number]], [hit.score for hit in answers[number]])
            for number, id_ in enumerate(self._demands.ids)
        ]

    def _enough(self, number: int, rules: Rules, shard: Shard) -> list[_Hit]:
        """Return the same for one demand to which the second depth was not enough: of the few that meet its conditions, or from further
        down where they are not few.
        """
        from matching.engine.spreading import DEPTH, enough_for_a_page  # noqa: PLC0415 - loads what ranks

        demand = self._demands.ids[number]
        few = rules.few(demand, FEW)
        filters, depth = (Filters(), 16 * DEPTH) if few is None else (Filters(only_ids=frozenset(map(str, few))), DEPTH)
        while True:
            (hits,) = self._found([number], filters, depth, shard)
            out = rules.unfit({demand: [hit.id for hit in hits]}).get(demand, ()) if few is None and hits else ()
            fitting = [hit for hit in hits if hit.id not in out]
            if len(hits) < depth or enough_for_a_page([hit.team for hit in fitting]):
                return fitting
            depth *= 4

    def _found(self, numbers: Sequence[int], filters: Filters, depth: int, shard: Shard) -> list[list[_Hit]]:
        """Return the best for some of the demands."""
        from matching.engine.together import best_of_all  # noqa: PLC0415 - loads what ranks

        if not numbers:
            return []
        weights = self._weights if len(numbers) == len(self._demands.ids) else self._weights.only(numbers)
        attributes = [self._demands.attributes[number] for number in numbers]
        found = best_of_all(self._index, weights, attributes, filters, k=depth, shard=shard)
        known = self._looked_up(found.ids.tolist())
        return [[_Hit(*known[id_], score) for id_, score in hits] for hits in found.each()]

    def _looked_up(self, ids: Sequence[bytes]) -> dict[bytes, tuple[UUID, str | None]]:
        """Return id and team of each; they are remembered while nothing changes, since reading a text takes longer than finding it."""
        from matching.engine.together import teams_of  # noqa: PLC0415 - loads what ranks

        found = {id_: known for id_ in {*ids} if (known := self._known.get(id_))}
        if wanted := list({*ids} - found.keys()):
            if len(self._known) + len(wanted) > _REMEMBERED:
                self._known.clear()
            teams = teams_of(self._index, wanted)
            fresh = {id_: (UUID(id_.decode()), team) for id_, team in zip(wanted, teams, strict=True)}
            self._known.update(fresh)
            found |= fresh
        return found


_told: dict[str, dict[bytes, tuple[UUID, str | None]]] = {}
