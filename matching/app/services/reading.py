"""The demands of a block and what was read of each: a reading is kept beside the demand, so a night reads only the texts that changed."""

from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import TYPE_CHECKING, NamedTuple
from uuid import UUID

from django.db import connection
from django.db.models import Q

from matching.app.models import Document
from matching.app.names import latest_sha256
from matching.app.services.inputs import DEMANDS
from matching.engine.config import PLATFORM
from matching.engine.documents import Query

if TYPE_CHECKING:
    from matching.engine.kept import Readings
    from matching.engine.lexicon import Lexicon

# A demand that was changed or withdrawn meanwhile, or is just now, keeps no reading: whoever changes one holds its row, and so does this.
_KEEP = """
INSERT INTO matching_reading (document_id, version, reader, terms)
SELECT there.id, there.version, %s, there.terms FROM (
    SELECT document.id, document.version, fresh.terms
    FROM unnest(%s::bigint[], %s::bigint[], %s::bytea[]) AS fresh (id, version, terms)
    JOIN matching_document AS document ON document.id = fresh.id AND document.version = fresh.version AND document.public
    ORDER BY document.id FOR SHARE OF document SKIP LOCKED
) AS there
ON CONFLICT (document_id) DO UPDATE SET version = EXCLUDED.version, reader = EXCLUDED.reader, terms = EXCLUDED.terms
"""


class Fresh(NamedTuple):
    """What was read just now: of which document, at which change of it."""

    document: int
    version: int
    terms: bytes


class Demands(NamedTuple):
    """The demands of a block in the order of their ids, what was read of them, and by which reader what of it just now."""

    ids: Sequence[UUID]
    attributes: Sequence[Mapping[str, str | int | None]]
    readings: "Readings"
    reader: str
    fresh: Sequence[Fresh]


def demands_within(within: Q, table: "Lexicon") -> Demands:
    """Return the public demands of a range, read with this table of names, which is the one in force.

    Three statements at most, however many there are.
    """
    from matching.engine.kept import Readings, read, reader  # noqa: PLC0415 - loads what ranks

    names = latest_sha256().first()
    ours = sha256(f"{reader(PLATFORM)} {names}".encode()).hexdigest()
    rows = Document.objects.filter(within, corpus_id=DEMANDS, public=True).order_by("object_id")
    found = list(rows.values_list("pk", "object_id", "attributes", "version", "reading__version", "reading__reader", "reading__terms"))
    kept = {pk: bytes(terms) for pk, _, _, version, read_at, by, terms in found if (read_at, by) == (version, ours)}
    versions = {pk: version for pk, _, _, version, *_ in found if pk not in kept}
    texts = Document.objects.filter(pk__in=versions).values_list("pk", "fields") if versions else ()
    fresh = [
        Fresh(pk, versions[pk], read(Query(fields["title"], fields["body"], fields["keywords"]), table, PLATFORM).tobytes())
        for pk, fields in texts
    ]
    kept.update((one.document, one.terms) for one in fresh)
    readings = Readings.of(kept[pk] for pk, *_ in found)
    return Demands([id_ for _, id_, *_ in found], [attributes for _, _, attributes, *_ in found], readings, ours, fresh)


def keep(demands: Demands) -> None:
    """Keep what was read just now, by one statement, for all who come to it as it still is."""
    if demands.fresh:
        documents, versions, terms = (list(column) for column in zip(*demands.fresh, strict=True))
        with connection.cursor() as cursor:
            cursor.execute(_KEEP, [demands.reader, documents, versions, terms])
