"""Finding one's way in the log: by kind of entry, by day, by hash, and from an object to its entries."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from uuid import UUID

from django.db import connection

from ledger.app import models, selectors
from ledger.engine.entry import SEALED

# The distinct types by leaping from one to the next in the index, however long the log is (PostgreSQL wiki, "Loose indexscan").
TYPES = """
WITH RECURSIVE leap AS (
    (SELECT type FROM ledger_entry ORDER BY type LIMIT 1)
    UNION ALL
    SELECT (SELECT type FROM ledger_entry WHERE type > leap.type ORDER BY type LIMIT 1) FROM leap WHERE leap.type IS NOT NULL
)
SELECT type FROM leap WHERE type IS NOT NULL
"""
ACTIVITY = """
SELECT (at AT TIME ZONE %s)::date AS day, count(*) FILTER (WHERE type <> %s), count(*) FILTER (WHERE type = %s)
FROM ledger_entry WHERE at >= %s GROUP BY day ORDER BY day
"""


@dataclass(frozen=True, slots=True)
class Day:
    """How many entries speak of one day: those whose words are public, and the sealed ones."""

    day: date
    public: int
    sealed: int

    @property
    def total(self) -> int:
        """Both together."""
        return self.public + self.sealed


@dataclass(frozen=True, slots=True)
class Behind:
    """The object that an entry speaks of, and whether the world may know so."""

    kind: str
    id: UUID
    public: bool


def newest(count: int, *, before: int | None = None, of: str = "") -> list[selectors.PublicEntry]:
    """Return up to `count` entries, newest first, those before a place and of a type (`demand.published`) or family (`demand`)."""
    rows = models.Entry.objects.order_by("-seq")
    if before is not None:
        rows = rows.filter(seq__lt=before)
    if of:
        rows = rows.filter(type__in=[of] if "." in of else [name for name in types() if name.startswith(f"{of}.")])
    return [selectors.public_entry(row) for row in rows[:count]]


def types() -> list[str]:
    """Return every type that stands in the log, in alphabetical order."""
    with connection.cursor() as cursor:
        cursor.execute(TYPES)
        return [name for (name,) in cursor.fetchall()]


def activity(since: datetime, *, zone: str) -> list[Day]:
    """Return the days from a moment on that have entries, by the entries' own times in a time zone, the oldest first."""
    return _counted(models.Head.objects.values_list("height", "tail").first(), since, zone)


@lru_cache(maxsize=8)
def _counted(head: tuple[int, str] | None, since: datetime, zone: str) -> list[Day]:
    """Count once for each state of the log: under the same head stand the same entries."""
    with connection.cursor() as cursor:
        cursor.execute(ACTIVITY, [zone, SEALED, SEALED, since])
        return [Day(*row) for row in cursor.fetchall()]


def by_leaf_hash(leaf: bytes) -> selectors.PublicEntry | None:
    """Return the entry with this leaf hash, or None."""
    row = models.Entry.objects.filter(leaf_hash=leaf).first()
    return None if row is None else selectors.public_entry(row)


def kinds_of(id: UUID, kinds: Collection[str]) -> list[str]:
    """Return which of these kinds have an object of this id in the log. The caller decides who may hear of it."""
    found = models.Subject.objects.filter(kind__in=kinds, object_id=id).values_list("kind", flat=True)
    return sorted(set(found))


def behind(id: UUID) -> Behind | None:
    """Return the object that the entry of this id speaks of. The caller decides who may hear of it."""
    row = models.Subject.objects.filter(id=id).first()
    return None if row is None else Behind(row.kind, row.object_id, row.public)
