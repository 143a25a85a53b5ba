"""What the platform knows and the matcher does not: which pairs its conditions rule out, and whom the guaranteed place is for."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

Favoured = Callable[[Sequence[UUID]], Collection[UUID]]
Unfit = Callable[[UUID, Sequence[UUID] | None], Collection[UUID]]


def _nobody(*_: object) -> Collection[UUID]:
    return ()


@dataclass(frozen=True, slots=True)
class Rules:
    """For one corpus of supply: `unfit(demand, ids)` tells which of some documents a demand's conditions rule out, `favoured(ids)` which
    of them are of new or small institutions. Both are asked of what was found; where conditions refuse nearly all of that, `unfit` is
    asked once of the whole corpus: its ids are None then.
    """

    unfit: Unfit = _nobody
    favoured: Favoured = _nobody


_known: dict[str, Rules] = {}


def set_rules(corpus: str, *, unfit: Unfit = _nobody, favoured: Favoured = _nobody) -> None:
    """Have the nightly matching of a corpus follow these rules (called once, at start)."""
    _known[corpus] = Rules(unfit, favoured)


def rules_of(corpus: str) -> Rules:
    """Return the rules of a corpus; where none were set, everything fits and nobody is favoured."""
    return _known.get(corpus, Rules())
