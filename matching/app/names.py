"""The table of names that a process looks up in: the latest version, made ready once."""

from typing import Any

from django.db.models import QuerySet

from matching.app.models import LexiconRow, LexiconVersion
from matching.engine.lexicon import Concept, Lexicon, lexicon, shipped

# By the hash of its content: a version that was rolled back and another one of its number never look alike.
_held: dict[str, Lexicon] = {}


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
        version = LexiconVersion.objects.filter(sha256=sha256).order_by("-number")[0]
        held = Lexicon.of(concepts_at(version.number))
        _held.clear()
        _held[sha256] = held
    return held


def in_force() -> tuple[int, Lexicon]:
    """Return the number of the table in force and the table; raises OperationalError where there is no database."""
    latest = LexiconVersion.objects.order_by("-number").values_list("number", "sha256").first()
    return (latest[0], lexicon_of(latest[1])) if latest else (0, lexicon())


def concepts_at(number: int) -> tuple[Concept, ...]:
    """Return the concepts of a version in the order of what they are known by; those of version 0 came with the program."""
    if number == 0:
        return tuple(sorted(shipped(), key=lambda concept: concept.key))
    latest = LexiconRow.objects.filter(version_id__lte=number).order_by("concept", "-version_id").distinct("concept")
    rows = sorted((row for row in latest if row.chinese), key=lambda row: row.concept)
    return tuple(Concept(tuple(row.chinese), tuple(row.english)) for row in rows)
