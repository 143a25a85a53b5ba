"""The indexes a process searches: the files that all share and what changed since, brought up to date with the database at every query."""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Subquery

from matching.app.mixes import factors_in_force, mix_of
from matching.app.models import Corpus, Document
from matching.app.names import latest_sha256, lexicon_of
from matching.app.storage import built_at, opened, shelf_of
from matching.engine.documents import Document as IndexedDocument
from matching.engine.index import Index


@dataclass(frozen=True, slots=True)
class _Held:
    lineage: UUID
    generation: int
    index: Index
    files: Path | None


_held: dict[str, _Held] = {}
# No corpus: it stands in the statement, which is written once, where a corpus will.
_ANY = "\x00"
# One thread at a time derives an index: the others would do the same work again.
_deriving = Lock()


def index_of(corpus: str, *, learned: bool = False) -> Index:
    """Return the index of the corpus, with the table of names and, where that is asked, the learned mix in force, as the current
    transaction sees all.

    Where nothing changed that costs a read of one row and of one link.

    What a transaction that wrote something sees is not kept for others, because it may still be rolled back.
    """
    with connection.cursor() as cursor:
        cursor.execute(*_standing(corpus))
        known = cursor.fetchone()
    if known is None:
        return Index.of(())
    lineage, generation, names, factors = known
    index = _index_of(corpus, lineage, generation).knowing(lexicon_of(names))
    return index.mixing(mix_of(json.loads(factors) if factors else None)) if learned else index


def _standing(corpus: str) -> tuple[str, tuple[Any, ...]]:
    """Return the statement that every query begins with: where the corpus stands, the table of names in force, and the learned mix."""
    sentence, parameters = _written()
    return sentence, tuple(corpus if value == _ANY else value for value in parameters)


@cache
def _written() -> tuple[str, tuple[Any, ...]]:
    rows = Corpus.objects.filter(name=_ANY).annotate(names=Subquery(latest_sha256()), mix=Subquery(factors_in_force()))
    sentence, parameters = rows.values_list("lineage", "generation", "names", "mix").query.sql_with_params()
    return sentence, tuple(parameters)


def _index_of(corpus: str, *stored: Any) -> Index:
    held = _held.get(corpus)
    if held is not None and (held.lineage, held.generation, held.files) == (*stored, shelf_of(stored[0]).current()):
        return held.index
    with _deriving:
        held = _held.get(corpus)
        fresh = _brought_up(corpus, held, *stored)
        overtaken = held is not None and held.lineage == fresh.lineage and held.generation > fresh.generation
        if not overtaken and _sees_only_what_is_committed():
            _held[corpus] = fresh
    return fresh.index


def _sees_only_what_is_committed() -> bool:
    if not connection.in_atomic_block:
        return True
    with connection.cursor() as cursor:
        # PostgreSQL gives a transaction a number when it first writes.
        cursor.execute("SELECT pg_current_xact_id_if_assigned() IS NULL")
        return bool(cursor.fetchone()[0])


def _brought_up(corpus: str, held: _Held | None, lineage: UUID, generation: int) -> _Held:
    if held is None or held.lineage != lineage or held.generation > generation:
        held = _Held(lineage, 0, Index.of(()), None)
    held = _over_files(held, generation)
    # A change committed after `generation` was read may show up here already; reading it again next time does no harm.
    changes = Document.objects.filter(corpus_id=corpus, version__gt=held.generation).order_by("object_id")
    found: list[IndexedDocument] = []
    gone: list[str] = []
    for id_, fields, attributes, public in changes.values_list("object_id", "fields", "attributes", "public").iterator():
        if public:
            found.append(IndexedDocument(id=str(id_), **fields, attributes=attributes))
        else:
            gone.append(str(id_))
    return _Held(lineage, generation, held.index.without(gone).with_documents(found), held.files)


def _over_files(held: _Held, generation: int) -> _Held:
    """Take up files that were built meanwhile; what is held goes on where they cannot be used, or know more than this transaction.

    Those that know more are looked at again next time: they were built a moment ago, or are of a state from before a restore.
    """
    shelf = shelf_of(held.lineage)
    files = shelf.current()
    if files is None or files == held.files:
        return held
    if (built_at(files) or 0) > generation:
        return held
    found = opened(files)
    if found is None and shelf.current() != files:  # the next ones took their place just now
        return _over_files(held, generation)
    if found is None:
        return _Held(held.lineage, held.generation, held.index, files)
    return _Held(held.lineage, found[1], found[0], files)
