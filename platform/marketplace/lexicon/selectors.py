"""The table of names for whoever asks: in force, at an earlier version, narrowed by words, and how it came about."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import overload
from uuid import UUID

from marketplace.common.errors import NotFound
from matching.app.services import MatchingError, naming
from matching.app.services.naming import Table, Version
from matching.engine import concepts
from matching.engine.lexicon import Concept
from matching.engine.normalising import normalise

MOST_VERSIONS = 50


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of the table."""

    id: UUID
    chinese: tuple[str, ...]
    english: tuple[str, ...]


def table_at(version: int | None = None) -> Table:
    """The table in force, or of one version; NotFound for one that never was."""
    try:
        return naming.table(version)
    except MatchingError as unknown:
        raise NotFound from unknown


def entries_of(table: Table, *, words: str = "") -> Sequence[Entry]:
    """The entries of a table that hold the words in one of their names, in the order of their first Chinese names."""
    sought = normalise(words).text.strip()
    if not sought:
        return _Entries(table.concepts)
    return _Entries([one for one in table.concepts if any(sought in normalise(name).text for name in (*one.chinese, *one.english))])


class _Entries(Sequence[Entry]):
    """Concepts as entries, made only where somebody looks at them: an id costs more than all else of a page."""

    def __init__(self, concepts: Sequence[Concept]) -> None:
        self._concepts = concepts

    def __len__(self) -> int:
        return len(self._concepts)

    @overload
    def __getitem__(self, at: int) -> Entry: ...
    @overload
    def __getitem__(self, at: slice) -> "_Entries": ...
    def __getitem__(self, at: int | slice) -> "Entry | _Entries":
        if isinstance(at, slice):
            return _Entries(self._concepts[at])
        one = self._concepts[at]
        return Entry(naming.concept_id(one), one.chinese, one.english)


def entry(concept_id: UUID) -> Entry:
    """One entry of the table in force."""
    try:
        one = naming.table().find(concept_id)
    except naming.UnknownConcept as unknown:
        raise NotFound from unknown
    return Entry(concept_id, one.chinese, one.english)


def history(*, before: int | None = None) -> list[Version]:
    """At most fifty versions, the latest first."""
    return naming.versions(before=before, most=MOST_VERSIONS)


def as_file(table: Table) -> str:
    """The table as CSV; the hash on the ledger is that of these bytes in UTF-8."""
    return concepts.written(table.concepts)
