"""What callers hand to the matcher, in their own types."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from matching.engine.config import PLATFORM

DEMANDS = "demand"
CORPORA = frozenset({"achievement", "team", "expert", DEMANDS})
ATTRIBUTES = frozenset({"region_code", "industry_code", "kind", "readiness", "team"})

Attributes = Mapping[str, str | int | None]


class MatchingError(ValueError):
    """The caller asked for something the matcher does not have; the words say what."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentInput:
    """A document to be found. Attributes: region_code, industry_code, kind, team (text) and readiness (1..9), each optional.

    With `public` false the matcher keeps nothing of it and finds it no more.
    """

    id: UUID
    title: str
    body: str = ""
    keywords: Sequence[str] = ()
    attributes: Attributes = field(default_factory=dict)
    public: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryInput:
    """What is sought; attributes as in DocumentInput. A demand's readiness is the least it wants, supply's is what it has."""

    title: str = ""
    body: str = ""
    keywords: Sequence[str] = ()
    attributes: Attributes = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """What a document must satisfy; an empty set sets no condition, and `only_ids` set to None neither."""

    region_codes: frozenset[str] = frozenset()
    industry_codes: frozenset[str] = frozenset()
    kinds: frozenset[str] = frozenset()
    least_readiness: int = 0
    excluded_ids: frozenset[UUID] = frozenset()
    only_ids: frozenset[UUID] | None = None


def known_corpus(name: str) -> str:
    """Return the name, or say which corpora there are."""
    if name not in CORPORA:
        raise MatchingError(f"There is no corpus {name!r}: use one of {', '.join(sorted(CORPORA))}.")
    return name


def checked_attributes(attributes: Attributes) -> dict[str, str | int]:
    """Return what is given of the known attributes; an unknown name or a readiness outside 1..9 is an error."""
    unknown = set(attributes) - ATTRIBUTES
    if unknown:
        raise MatchingError(f"Unknown attribute {', '.join(sorted(unknown))}: the matcher knows {', '.join(sorted(ATTRIBUTES))}.")
    given = {name: value for name, value in attributes.items() if value is not None and value != ""}
    readiness = given.get("readiness")
    if readiness is not None and (not isinstance(readiness, int) or not 1 <= readiness <= 9):
        raise MatchingError(f"Readiness is a whole number from 1 to 9, not {readiness!r}.")
    return given


def storable(text: str) -> str:
    """Return as much of the text as is ever read, without what PostgreSQL cannot hold; positions stay the same."""
    cut = text[: PLATFORM.max_field_chars].replace("\x00", " ")
    return cut.encode("utf-8", "replace").decode("utf-8")


def joined(keywords: Sequence[str]) -> str:
    """Return the keywords as one text, a line each."""
    return "\n".join(keywords)
