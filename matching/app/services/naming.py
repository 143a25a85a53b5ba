"""The table of names that administrators keep: read as it was at any version, and changed by whole versions."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid5

from django.db import connection, transaction
from django.db.models import Count

from matching.app.models import LexiconRow, LexiconVersion
from matching.app.names import concepts_at, number_in_force
from matching.app.services.inputs import MatchingError
from matching.engine.concepts import digest
from matching.engine.lexicon import Concept

MOST_CONCEPTS = 10_000
SHIPPED = "as it came with the program"
# Which writer's turn it is; any number that nobody else takes will do.
_TURN = 7_401_118_205
_IDS = UUID("5d8f3f1e-2f0b-5c47-9a55-6a3b1c2d7e90")


class NameTaken(MatchingError):
    """A concept of the table is known by this name already."""


class UnknownConcept(MatchingError):
    """No concept of the table in force has this id."""


class TableFull(MatchingError):
    """The table would hold more than 10,000 concepts."""


@dataclass(frozen=True, slots=True)
class Table:
    """The table of names of one version; number 0 is the one that came with the program."""

    number: int
    sha256: str
    concepts: tuple[Concept, ...]

    def find(self, id_: UUID) -> Concept:
        """Return the concept with this id; raises UnknownConcept."""
        for one in self.concepts:
            if concept_id(one) == id_:
                return one
        raise UnknownConcept(f"The table has no concept {id_}.")


@dataclass(frozen=True, slots=True)
class Version:
    """One change of the table: who made it and why, how many concepts it touched, and the hash of the whole table after it."""

    number: int
    at: datetime
    by: UUID | None
    reason: str
    sha256: str
    changed: int


def concept_id(concept: Concept) -> UUID:
    """Return the id of a concept, which is made from what it is known by and so stays while its other names change."""
    return uuid5(_IDS, concept.key)


def table(number: int | None = None) -> Table:
    """Return the table in force, or of an earlier version; raises MatchingError for a version that never was."""
    known = number_in_force()
    if number is None:
        number = known
    if not 0 <= number <= known:
        raise MatchingError(f"There is no version {number}: the latest is {known}.")
    return Table(number, *concepts_at(number))


def versions(*, before: int | None = None, most: int = 50) -> list[Version]:
    """Return the changes of the table, the latest first."""
    rows = LexiconVersion.objects.annotate(changed=Count("rows")).order_by("-number")
    if before is not None:
        rows = rows.filter(number__lt=before)
    return [Version(row.number, row.at, row.by, row.reason, row.sha256, row.changed) for row in rows[:most]]


def add_concept(concept: Concept, *, reason: str, by: UUID | None, at: datetime) -> list[Version]:
    """Add a concept; raises NameTaken where one is known by its first Chinese name, TableFull."""
    with transaction.atomic():
        held = _locked()
        if concept.key in held:
            raise NameTaken(concept.chinese[0])
        return _write(held, [concept], (), reason=reason, by=by, at=at)


def change_concept(id_: UUID, concept: Concept, *, reason: str, by: UUID | None, at: datetime) -> list[Version]:
    """Give a concept other names; under another first Chinese name it is known by that from now on. Raises UnknownConcept, NameTaken."""
    with transaction.atomic():
        held = _locked()
        before = _find(held, id_)
        if concept.key != before.key and concept.key in held:
            raise NameTaken(concept.chinese[0])
        return _write(held, [concept], {before.key} - {concept.key}, reason=reason, by=by, at=at)


def withdraw_concept(id_: UUID, *, reason: str, by: UUID | None, at: datetime) -> list[Version]:
    """Take a concept out of the table; earlier versions keep it. Raises UnknownConcept."""
    with transaction.atomic():
        held = _locked()
        return _write(held, (), {_find(held, id_).key}, reason=reason, by=by, at=at)


def load_concepts(concepts: Sequence[Concept], *, reason: str, by: UUID | None, at: datetime) -> list[Version]:
    """Add the concepts, each in place of the one known by its first Chinese name; the others stay. Raises TableFull."""
    with transaction.atomic():
        return _write(_locked(), concepts, (), reason=reason, by=by, at=at)


def _locked() -> dict[str, Concept]:
    """Return the table in force, which nobody else changes until the transaction ends."""
    _take_turns()
    return {one.key: one for one in table().concepts}


def _take_turns() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_TURN])


def _find(held: dict[str, Concept], id_: UUID) -> Concept:
    found = next((one for one in held.values() if concept_id(one) == id_), None)
    if found is None:
        raise UnknownConcept(f"The table has no concept {id_}.")
    return found


def _write(
    held: dict[str, Concept], put: Sequence[Concept], gone: Collection[str], *, reason: str, by: UUID | None, at: datetime
) -> list[Version]:
    """Store the next version, where it says anything new; the first change stores the table that came with the program before it."""
    changed = [one for one in put if held.get(one.key) != one]
    if not changed and not gone:
        return []
    made = []
    if not LexiconVersion.objects.exists():
        made.append(_stored(1, held, list(held.values()), (), reason=SHIPPED, by=None, at=at))
    after = {key: one for key, one in held.items() if key not in gone} | {one.key: one for one in changed}
    if len(after) > MOST_CONCEPTS:
        raise TableFull(f"A table holds at most {MOST_CONCEPTS} concepts.")
    made.append(_stored(number_in_force() + 1, after, changed, gone, reason=reason, by=by, at=at))
    return made


def _stored(
    number: int, after: dict[str, Concept], changed: Sequence[Concept], gone: Collection[str], *, reason: str, by: UUID | None, at: datetime
) -> Version:
    version = LexiconVersion.objects.create(number=number, at=at, by=by, reason=reason, sha256=digest(after.values()))
    rows = [LexiconRow(version=version, concept=one.key, chinese=list(one.chinese), english=list(one.english)) for one in changed]
    rows += [LexiconRow(version=version, concept=key) for key in gone]
    LexiconRow.objects.bulk_create(rows, batch_size=1000)
    return Version(number, at, by, reason, version.sha256, len(rows))
