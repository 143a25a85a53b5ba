"""The one configuration of the platform's matcher: every figure that decides a score stands here."""

from dataclasses import dataclass

FIELDS = ("title", "body", "keywords")


@dataclass(frozen=True, slots=True)
class Config:
    """The figures of the ranking; docs/matching.md explains each, and `manage.py match_eval` measures them.

    `saturation` (k1) bounds what repeating a term can add; `length_penalty` (b) says how much a long field is held against a document.
    `field_weights` mixes the fields of a document, `query_weights` the parts of a query; both follow the order of FIELDS.
    `repeat_cap` is how often a term of a query counts at most.
    The soft terms are what a shared circumstance adds; together they add at most `soft_ceiling` times what the words gave.
    """

    saturation: float = 1.2
    length_penalty: float = 0.75
    field_weights: tuple[float, float, float] = (0.3, 0.6, 0.1)
    query_weights: tuple[float, float, float] = (0.25, 0.65, 0.1)
    repeat_cap: int = 4
    same_industry: float = 0.01
    same_region: float = 0.005
    readiness_reached: float = 0.005
    soft_ceiling: float = 0.1
    max_field_chars: int = 20_000
    max_query_terms: int = 512

    @property
    def text_ceiling(self) -> float:
        """What the words alone can reach: 1 less all that circumstances can add, so a score stays between 0 and 1."""
        return 1.0 - (self.same_industry + self.same_region + self.readiness_reached)


PLATFORM = Config()
