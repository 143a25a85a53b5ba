"""All demands against all supply, at night: a run is cut into pieces, resumed wherever it stopped, and serves once it is whole.

Until the new run is complete the former one serves; both change over in one transaction.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import IntegrityError, connection, transaction
from django.db.models import Count, F, Q, QuerySet, Subquery
from django.db.models.functions import Now

from matching.app.models import Document, Piece, Place, Reading, Run
from matching.app.services.inputs import DEMANDS

# Which supply is matched every night, and when: half past two in Beijing.
SUPPLY = ("achievement", "team", "expert")
HOUR, MINUTE, ZONE = 2, 30, ZoneInfo("Asia/Shanghai")
# A message names a piece of so many demands and so many documents: some seconds of work.
DEMANDS_A_BLOCK = 512
DOCUMENTS_A_SHARD = 100_000
# A run that has finished nothing for so long has lost its messages or its worker.
STALLED = timedelta(seconds=120)
_DELETED_AT_ONCE = 20_000


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is: pieces ranked, of which some wait for the others of their block, and pieces in all."""

    run: int
    corpus: str
    started_at: datetime
    finished_at: datetime | None
    done: int
    pieces: int
    demands: int
    answered: int

    @property
    def share(self) -> float:
        """From 0 to 1."""
        return self.done / self.pieces if self.pieces else float(self.finished_at is not None)


def begin(corpus: str, *, block: int = DEMANDS_A_BLOCK, shard: int = DOCUMENTS_A_SHARD) -> Run:
    """Cut a new run into pieces and return it, or return the one that is under way: there is never a second.

    One that another process began and brought to its end meanwhile is returned too.
    """
    try:
        with transaction.atomic():
            run = Run.objects.create(corpus=corpus)
            # What an earlier version of the program, which knows of no readings, changed or withdrew goes now.
            Reading.objects.exclude(document__public=True, document__version=F("version")).delete()
            blocks, shards = _ranges(DEMANDS, block), _ranges(corpus, shard)
            Piece.objects.bulk_create(
                (
                    Piece(
                        run=run, block=number, shard=part,
                        demands_from=demands[0], demands_until=demands[1], supply_from=supply[0], supply_until=supply[1],
                    )
                    for number, demands in enumerate(blocks)
                    for part, supply in enumerate(shards)
                ),
                batch_size=1000,
            )  # fmt: skip
    except IntegrityError:
        return Run.objects.filter(corpus=corpus).order_by(F("finished_at").desc(nulls_first=True))[0]
    return run


def _ranges(corpus: str, size: int) -> list[tuple[UUID | None, UUID | None]]:
    """Return ranges of ids that together hold whatever there is and comes, each with about so many of the present documents."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT object_id FROM (SELECT object_id, row_number() OVER (ORDER BY object_id) AS number FROM matching_document"
            " WHERE corpus_id = %s AND public) AS numbered WHERE number > 1 AND (number - 1) %% %s = 0 ORDER BY object_id",
            [corpus, size],
        )
        cuts = [row[0] for row in cursor.fetchall()]
    return list(pairwise([None, *cuts, None]))


def left(run: Run) -> Sequence[int]:
    """Return the pieces of a run that are not done, in their order."""
    return list(run.pieces.filter(done_at=None).order_by("block", "shard").values_list("pk", flat=True))


def finish(run: Run) -> bool:
    """Let a run serve in place of the former one if all its blocks are put together; True where it did so now."""
    with transaction.atomic():
        locked = Run.objects.select_for_update().filter(pk=run.pk, finished_at=None).first()
        if locked is None or locked.pieces.filter(merged_at=None).exists():
            return False
        Run.objects.filter(corpus=locked.corpus, serving=True).update(serving=False)
        Run.objects.filter(pk=locked.pk).update(serving=True, finished_at=Now())
    return True


def tidy() -> int:
    """Delete the pieces of finished runs, and the places of those that serve no more; the runs stay. Return how many rows went."""
    finished = Q(run__finished_at__isnull=False)
    return _emptied(Place.objects.filter(finished, run__serving=False)) + _emptied(Piece.objects.filter(finished))


def _emptied(rows: "QuerySet[Place] | QuerySet[Piece]") -> int:
    gone = 0
    while ids := list(rows.values_list("pk", flat=True)[:_DELETED_AT_ONCE]):
        gone += rows.model.objects.filter(pk__in=ids).delete()[0]
    return gone


def is_due(corpus: str) -> bool:
    """Tell whether no run of the corpus was begun since it was last half past two in Beijing, and there is something to match."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT now()")
        now: datetime = cursor.fetchone()[0]
    local = now.astimezone(ZONE)
    night = local.replace(hour=HOUR, minute=MINUTE, second=0, microsecond=0)
    latest = night if night <= local else night - timedelta(days=1)
    if Run.objects.filter(Q(started_at__gte=latest) | Q(finished_at=None), corpus=corpus).exists():
        return False
    return (
        Document.objects.filter(corpus_id=corpus, public=True).exists() and Document.objects.filter(corpus_id=DEMANDS, public=True).exists()
    )


def stalled(run: Run) -> bool:
    """Tell whether a run under way was begun, and last got on, a good while ago."""
    quiet = Run.objects.filter(pk=run.pk, finished_at=None, started_at__lt=Now() - STALLED)
    return quiet.exists() and not run.pieces.filter(done_at__gte=Now() - STALLED).exists()


def under_way() -> "QuerySet[Run]":
    """Return the runs that are not finished."""
    return Run.objects.filter(finished_at=None).order_by("corpus")


def progress(corpus: str) -> list[Progress]:
    """Return the run under way and the one that serves, as far as there are any."""
    rows = Run.objects.filter(Q(finished_at=None) | Q(serving=True), corpus=corpus).order_by("-started_at", "-pk")
    counted = rows.annotate(number=Count("pieces"), ready=Count("pieces", filter=Q(pieces__done_at__isnull=False)))
    return [
        Progress(run.pk, run.corpus, run.started_at, run.finished_at, run.ready, run.number, run.demands, run.answered) for run in counted
    ]


@dataclass(frozen=True, slots=True)
class Shown:
    """How many documents of one owner stand among the ten of a demand in the run that serves, and how often, first, or lifted there."""

    documents: int
    places: int
    first: int
    lifted: int


def shown(corpus: str, *, owner: QuerySet[Any]) -> dict[UUID, Shown]:
    """Return by owner what stands among the ten of a demand in the run that serves, counted by the database.

    `owner` gives the one value that is the owner of OuterRef("object_id"), or none: whose owner is none is not counted.
    """
    rows = Place.objects.filter(run__corpus=corpus, run__serving=True).order_by().annotate(owner=Subquery(owner)).values("owner")
    counted = rows.annotate(
        documents=Count("object_id", distinct=True),
        places=Count("pk"),
        first=Count("pk", filter=Q(rank=1)),
        raised=Count("pk", filter=Q(lifted=True)),
    )
    return {
        row["owner"]: Shown(row["documents"], row["places"], row["first"], row["raised"]) for row in counted if row["owner"] is not None
    }
