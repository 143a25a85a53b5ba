"""Handing documents in and taking them out."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction

from matching.app.models import Corpus, Document, Reading
from matching.app.services.inputs import DEMANDS, DocumentInput, checked_attributes, joined, known_corpus, storable

_BATCH = 1000


@dataclass(frozen=True, slots=True)
class Indexed:
    """How many documents were written and how many were already as handed in."""

    written: int
    unchanged: int


def index_documents(*, corpus: str, documents: Sequence[DocumentInput]) -> Indexed:
    """Store the documents so that every process finds them at its next query; handing the same in twice changes nothing.

    Takes the corpus's lock until the caller's transaction ends: call it last, or from an outbox consumer.
    Raises MatchingError for an unknown corpus or attribute.
    """
    rows = {document.id: _row(known_corpus(corpus), document) for document in documents}
    changed = _changed(corpus, rows)
    if changed:
        with transaction.atomic():
            locked = _lock(corpus)
            # Asked again under the lock: another process may have handed the same in meanwhile.
            changed = _changed(corpus, rows)
            _write(locked, changed)
    return Indexed(written=len(changed), unchanged=len(rows) - len(changed))


def remove_documents(*, corpus: str, ids: Iterable[UUID]) -> int:
    """Take documents out and erase the matcher's copy of their text; return how many were there. Unknown ids are passed over."""
    known_corpus(corpus)
    with transaction.atomic():
        there = Document.objects.filter(corpus_id=corpus, object_id__in=list(ids), public=True)
        if not there.exists():
            return 0
        locked = _lock(corpus)
        found = list(there.all())
        _write(locked, [_hidden(corpus, document.object_id) for document in found])
        return len(found)


def _row(corpus: str, document: DocumentInput) -> Document:
    if not document.public:
        return _hidden(corpus, document.id)
    fields = {"title": storable(document.title), "body": storable(document.body), "keywords": storable(joined(document.keywords))}
    attributes = checked_attributes(document.attributes)
    content = json.dumps([fields, attributes], sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    digest = hashlib.sha256(content.encode("utf-8")).hexdigest()
    return Document(
        corpus_id=corpus, object_id=document.id, fields=fields, attributes=attributes, public=True, content_hash=digest, version=0
    )


def _hidden(corpus: str, id_: UUID) -> Document:
    return Document(corpus_id=corpus, object_id=id_, fields={}, attributes={}, public=False, content_hash="", version=0)


def _changed(corpus: str, rows: dict[UUID, Document]) -> list[Document]:
    stored = Document.objects.filter(corpus_id=corpus, object_id__in=list(rows)).values_list("object_id", "content_hash")
    held = dict(stored)
    # What is hidden and was never stored needs no row either: an empty hash stands for both.
    return [row for id_, row in rows.items() if held.get(id_, "") != row.content_hash]


def _lock(corpus: str) -> Corpus:
    """Return the corpus's row, locked: writers take turns, so generations commit in their order and no reader misses one."""
    Corpus.objects.bulk_create([Corpus(name=corpus)], ignore_conflicts=True)
    return Corpus.objects.select_for_update().get(name=corpus)


def _write(corpus: Corpus, rows: Sequence[Document]) -> None:
    if not rows:
        return
    corpus.generation += 1
    corpus.save(update_fields=["generation"])
    for row in rows:
        row.version = corpus.generation
    Document.objects.bulk_create(
        rows,
        batch_size=_BATCH,
        update_conflicts=True,
        unique_fields=["corpus", "object_id"],
        update_fields=["fields", "attributes", "public", "content_hash", "version"],
    )
    if corpus.name == DEMANDS:
        # What was read of a text goes with it. Whoever keeps a reading holds the document's row, so none comes behind this.
        Reading.objects.filter(document__corpus=corpus, document__object_id__in=[row.object_id for row in rows]).delete()
