"""What goes into the matcher and what comes out of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

NO_ATTRIBUTES: Mapping[str, str | int | None] = {}


@dataclass(frozen=True, slots=True)
class Document:
    """A public text that can be found; keywords are one string, a line break between any two.

    Attributes the matcher understands: region_code, industry_code, kind and team (text), readiness (1..9). Others are ignored.
    """

    id: str
    title: str = ""
    body: str = ""
    keywords: str = ""
    attributes: Mapping[str, str | int | None] = field(default_factory=dict)

    @property
    def fields(self) -> tuple[str, str, str]:
        """The three texts in the order of config.FIELDS."""
        return self.title, self.body, self.keywords

    def text_attribute(self, name: str) -> str | None:
        value = self.attributes.get(name)
        return str(value) if value not in (None, "") else None

    @property
    def readiness(self) -> int:
        """The readiness level, 0 where none is given."""
        value = self.attributes.get("readiness")
        return int(value) if value not in (None, "") else 0


@dataclass(frozen=True, slots=True)
class Query:
    """What is sought: the parts of the seeker's text, and the circumstances that may add a little.

    Who seeks supply gives the least readiness wanted; who offers (`offering`) gives the readiness at hand, the documents what they want.
    """

    title: str = ""
    body: str = ""
    keywords: str = ""
    attributes: Mapping[str, str | int | None] = field(default_factory=dict)
    offering: bool = False

    @property
    def parts(self) -> tuple[str, str, str]:
        """The three texts in the order of config.FIELDS."""
        return self.title, self.body, self.keywords


@dataclass(frozen=True, slots=True)
class Filters:
    """What a document must satisfy to be considered at all; an empty set sets no condition, `only` set to None neither."""

    region_codes: frozenset[str] = frozenset()
    industry_codes: frozenset[str] = frozenset()
    kinds: frozenset[str] = frozenset()
    least_readiness: int = 0
    excluded_ids: frozenset[str] = frozenset()
    only_ids: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Hit:
    """A document found: its score, of which `text_score` comes from the words and the rest from `soft` circumstances."""

    document: Document
    score: float
    text_score: float
    soft: Mapping[str, float]


class TermShare(NamedTuple):
    """What one stretch of words in one field gave to the score, and where it stands in that field's original text."""

    text: str
    share: float
    field: str
    spans: tuple[tuple[int, int], ...]


class SoftShare(NamedTuple):
    """What one shared circumstance gave to the score."""

    name: str
    share: float


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a document was found: `terms` and `soft` add up to its score, and so do `asked` and `soft`.

    `terms` are stretches of the document, `asked` those of the query that they answer, `uncovered` what the demand asks and the supply does
    not mention, whichever of them is the query.
    """

    terms: tuple[TermShare, ...]
    asked: tuple[TermShare, ...]
    soft: tuple[SoftShare, ...]
    uncovered: tuple[str, ...]
