"""The table of names that a process looks up in: the latest version, made ready once."""

from functools import cache
from threading import Lock
from typing import Any

from django.db.models import QuerySet

from matching.app.models import LexiconRow, LexiconVersion
from matching.engine.concepts import digest
from matching.engine.lexicon import Concept, Lexicon, lexicon, shipped

_MOST_READ = 4
# By the hash of its content: a version that was rolled back and another one of its number never look alike.
_held: dict[str, Lexicon] = {}
_read: dict[str, tuple[Concept, ...]] = {}
# One thread at a time makes a table ready: the others would do the same work again.
_making = Lock()


class TableAltered(RuntimeError):
    """What is stored of a version is not what its hash says."""


def latest_sha256() -> QuerySet[LexiconVersion, Any]:
    """Return the query for the hash of the table in force; it finds nothing where the program's own table holds."""
    return LexiconVersion.objects.order_by("-number").values("sha256")[:1]


def number_in_force() -> int:
    """Return the number of the table in force, 0 where the program's own holds."""
    return LexiconVersion.objects.order_by("-number").values_list("number", flat=True).first() or 0


def lexicon_of(sha256: str | None) -> Lexicon:
    """Return the table in force, whose hash this is, ready to be looked up in."""
    if sha256 is None:
        return lexicon()
    held = _held.get(sha256)
    if held is None:
        concepts = _of_hash(sha256)
        with _making:
            held = _held.get(sha256)
            if held is None:
                held = Lexicon.of(concepts)
                _held.clear()
                _held[sha256] = held
    return held


def in_force() -> tuple[int, Lexicon]:
    """Return the number of the table in force and the table; raises OperationalError where there is no database."""
    latest = LexiconVersion.objects.order_by("-number").values_list("number", "sha256").first()
    return (latest[0], lexicon_of(latest[1])) if latest else (0, lexicon())


def concepts_at(number: int) -> tuple[str, tuple[Concept, ...]]:
    """Return the hash of a version and its concepts in the order of what they are known by; those of version 0 came with the program.

    Raises TableAltered, LexiconVersion.DoesNotExist.
    """
    if number == 0:
        return _shipped()
    sha256 = LexiconVersion.objects.values_list("sha256", flat=True).get(number=number)
    return sha256, _concepts(number, sha256)


def _of_hash(sha256: str) -> tuple[Concept, ...]:
    found = _read.get(sha256)
    return found if found is not None else _concepts(LexiconVersion.objects.filter(sha256=sha256).order_by("-number")[0].number, sha256)


@cache
def _shipped() -> tuple[str, tuple[Concept, ...]]:
    concepts = tuple(sorted(shipped(), key=lambda concept: concept.key))
    return digest(concepts), concepts


def _concepts(number: int, sha256: str) -> tuple[Concept, ...]:
    """Return the concepts of a version; the last few that were read are kept."""
    found = _read.get(sha256)
    if found is None:
        latest = LexiconRow.objects.filter(version_id__lte=number).order_by("concept", "-version_id").distinct("concept")
        rows = sorted((row for row in latest if row.chinese), key=lambda row: row.concept)
        found = tuple(Concept(tuple(row.chinese), tuple(row.english)) for row in rows)
        if digest(found) != sha256:
            raise TableAltered(f"Version {number} of the table of names is not what its hash {sha256} says.")
        with _making:
            if len(_read) >= _MOST_READ:
                _read.clear()
            _read[sha256] = found
    return found
