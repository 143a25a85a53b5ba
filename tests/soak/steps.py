"""What one step of a soak is."""

from collections.abc import Callable
from dataclasses import dataclass

from tests.soak.exchange import Exchange

Deed = Callable[[Exchange], bool | None]


@dataclass(frozen=True, slots=True)
class Step:
    """`do` returns False where there was nothing to do it to: another step is drawn then. `weight` is how often it is drawn."""

    words: str
    weight: float
    do: Deed


def step(weight: float) -> Callable[[Deed], Step]:
    """Make a step of a function, under the words of its name."""
    return lambda do: Step(do.__name__.replace("_", " "), weight, do)
