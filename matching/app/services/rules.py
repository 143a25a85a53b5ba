"""What the platform knows and the matcher does not: which pairs its conditions rule out, and whom the guaranteed place is for."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

Favoured = Callable[[Sequence[UUID]], Collection[UUID]]
Unfit = Callable[[Mapping[UUID, Sequence[UUID]]], Mapping[UUID, Collection[UUID]]]
Few = Callable[[UUID, int], Collection[UUID] | None]


def _nobody(_: Sequence[UUID]) -> Collection[UUID]:
    return ()


def _many(_demand: UUID, _most: int) -> Collection[UUID] | None:
    return None


def _none(_: Mapping[UUID, Sequence[UUID]]) -> Mapping[UUID, Collection[UUID]]:
    return {}


@dataclass(frozen=True, slots=True)
class Rules:
    """For one corpus of supply: `unfit(found)` tells for many demands at once which of what each found its conditions rule out,
    `few(demand, most)` which of the whole corpus meet them, None where these are more than so many, asked where they refuse nearly all that
    was found, and `favoured(ids)` which of some documents are of new or small institutions.
    """

    unfit: Unfit = _none
    few: Few = _many
    favoured: Favoured = _nobody


_known: dict[str, Rules] = {}


def set_rules(corpus: str, *, unfit: Unfit = _none, few: Few = _many, favoured: Favoured = _nobody) -> None:
    """Have the nightly matching of a corpus follow these rules (called once, at start)."""
    _known[corpus] = Rules(unfit, few, favoured)


def rules_of(corpus: str) -> Rules:
    """Return the rules of a corpus; where none were set, everything fits and nobody is favoured."""
    return _known.get(corpus, Rules())
