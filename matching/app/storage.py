"""Where the indexes lie that the processes of a host share, and when they are built anew."""

import logging
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

from django.conf import settings

from matching.app.models import Corpus, Document
from matching.engine.config import PLATFORM
from matching.engine.documents import Document as IndexedDocument
from matching.engine.files import ArrayFiles, Unusable
from matching.engine.index import Index
from matching.engine.shelf import Shelf
from matching.engine.stored import open_segment, program, write_segment

logger = logging.getLogger(__name__)

# Fewer documents than these every process reads by itself in less time than it takes to start.
LEAST = 1_000
# Once an eighth has changed since the files were built, what each process holds beside them costs more than a build.
_MUCH = 8
_PAGE = 2_000


def shelf_of(lineage: UUID) -> Shelf:
    """Return the shelf of a corpus, named by its lineage: a database that was made anew never meets the files of the one before."""
    return Shelf(Path(settings.DATA_DIR) / "match-index" / str(lineage))


def opened(folder: Path) -> tuple[Index, int] | None:
    """Open a version of the files, with the generation it was built at; None, and a line in the log, where it cannot be used."""
    try:
        segment, facts = open_segment(folder, PLATFORM)
    except Unusable as reason:
        logger.warning("match index %s is not used: %s", folder, reason)
        return None
    return Index.over(segment, PLATFORM), int(facts["generation"])


def built_at(folder: Path) -> int | None:
    """Return the number of the change that files were built at, None where this program does not read them."""
    try:
        facts = ArrayFiles(folder).facts()
    except Unusable:
        return None
    return int(facts["generation"]) if facts["program"] == program(PLATFORM) else None


def build(corpus: Corpus) -> bool:
    """Build the files of a corpus from the stored texts and put them in place of the former ones; False where another process is at it."""

    def write(folder: Path) -> None:
        # What changes while this reads carries a higher number and is read again by everyone who opens the files.
        write_segment(folder, _documents(corpus.name), PLATFORM, {"corpus": corpus.name, "generation": corpus.generation})

    return shelf_of(corpus.lineage).replace(write)


def much_changed(corpus: Corpus) -> bool:
    """Tell whether so much changed since the files were built (or there are none, or none that this program reads) that a build pays.

    It always does where they know more than the database, which then was restored: they must not be believed once it has caught up.
    """
    built = _built_at(corpus)
    documents = Document.objects.filter(corpus=corpus, public=True)
    if built is None:
        return documents.count() >= LEAST
    if built > corpus.generation:
        return True
    changed = Document.objects.filter(corpus=corpus, version__gt=built).count()
    return changed * _MUCH > documents.count()


def changed_at_all(corpus: Corpus) -> bool:
    """Tell whether files are there, or worth having, and anything changed since they were built."""
    return much_changed(corpus) or _built_at(corpus) not in (None, corpus.generation)


def _built_at(corpus: Corpus) -> int | None:
    folder = shelf_of(corpus.lineage).current()
    return None if folder is None else built_at(folder)


def _documents(corpus: str) -> Iterator[IndexedDocument]:
    """Yield the public documents by ascending id, a page at a time: no statement runs long, and nothing is held."""
    rows = Document.objects.filter(corpus_id=corpus, public=True).order_by("object_id").values_list("object_id", "fields", "attributes")
    page = list(rows[:_PAGE])
    while page:
        yield from (IndexedDocument(id=str(id_), **fields, attributes=attributes) for id_, fields, attributes in page)
        page = list(rows.filter(object_id__gt=page[-1][0])[:_PAGE])
