"""The one configuration of the platform's matcher: every figure that decides a score stands here."""

from dataclasses import dataclass

FIELDS = ("title", "body", "keywords")


@dataclass(frozen=True, slots=True)
class Config:
    """The figures of the ranking; docs/matching.md explains each, and `manage.py match_eval` measures them.

    `saturation` (k1) bounds what repeating a term can add; `length_penalty` (b) says how much a long text is held against a document.
    `field_weights` is how many times a word of each field counts, `query_weights` mixes the parts of a query; both in the order of FIELDS.
    `repeat_cap` is how often a term of a query counts at most; `rarity_power` sharpens the difference between rare and common terms.
    `beginning_weight` and `sequence_weight` are what a word's beginning and two words in a row count beside the words themselves.
    `other_name_weight` is what another name of something counts, such as its name in the other language, beside the name that was used.
    The soft terms are what a shared circumstance adds; together they add at most `soft_ceiling` times what the words gave.
    """

    saturation: float = 2.0
    length_penalty: float = 0.85
    field_weights: tuple[int, int, int] = (2, 1, 2)
    query_weights: tuple[float, float, float] = (0.2, 0.8, 0.2)
    repeat_cap: int = 8
    rarity_power: float = 1.2
    beginning_weight: float = 0.2
    sequence_weight: float = 0.1
    other_name_weight: float = 0.5
    same_industry: float = 0.01
    same_region: float = 0.005
    readiness_reached: float = 0.005
    soft_ceiling: float = 0.1
    max_field_chars: int = 20_000
    max_query_terms: int = 512

    @property
    def text_ceiling(self) -> float:
        """What the words alone can reach: 1 less all that circumstances can add, so a score stays between 0 and 1."""
        return 1.0 - self.soft_most

    @property
    def soft_most(self) -> float:
        """What all circumstances together can add."""
        return self.same_industry + self.same_region + self.readiness_reached


PLATFORM = Config()
