"""One piece of a nightly run: a block of demands ranked against a shard of supply, and the block put together when all are there.

A piece is done once: whoever works on it holds a lock that falls with the connection, what it found is one row, and a block becomes places
in the one transaction that marks it merged. So a task may come twice, or die anywhere, and nothing is lost or doubled.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from hashlib import sha256
from itertools import accumulate, pairwise
from uuid import UUID

from django.db import connection, transaction
from django.db.models import F, Q
from django.db.models.functions import Now

from matching.app.mixes import number_in_force
from matching.app.models import Corpus, Piece, Run
from matching.app.names import latest_sha256
from matching.app.services.finding import Answer, Finder
from matching.app.services.inputs import DEMANDS
from matching.app.services.reading import demands_within, keep

_LOCKS = 1_296_126_531
_EMPTY: dict[str, list[object]] = {"demands": [], "counts": [], "found": [], "scores": []}
_INSERT = (
    "INSERT INTO matching_place (run_id, demand_id, object_id, score, rank, lifted)"
    " SELECT %s, * FROM unnest(%s::uuid[], %s::uuid[], %s::float8[], %s::smallint[], %s::boolean[])"
)


def do_piece(piece_id: int) -> bool:
    """Rank one piece, and put its block together if it was the last; False where it is done, gone or in another process's hands."""
    with _alone(piece_id) as mine:
        piece = Piece.objects.select_related("run").filter(pk=piece_id, done_at=None).first() if mine else None
        if piece is None:
            return False
        _have_files(piece.run.corpus)
        left = store([piece], *ranked([piece]))
        while left:
            # They looked at different states of the corpora: one process ranks the whole block by the present one.
            left = store(left, *ranked(left))
    return True


def ranked(pieces: Sequence[Piece]) -> tuple[str, list[list[Answer]]]:
    """Rank pieces of one block by one and the same state of both corpora; return what tells this state, and what each piece found."""
    from matching.app.memory import index_of  # noqa: PLC0415 - loads what ranks

    run, first = pieces[0].run, pieces[0]
    with _one_moment():
        standing, index = _standing(run.corpus), index_of(run.corpus, learned=True)
        demands = demands_within(_between("object_id", first.demands_from, first.demands_until), index.lexicon)
        finder = Finder(standing, index, demands)
    keep(demands)
    return standing, [finder.best(piece) for piece in pieces]


@contextmanager
def _one_moment() -> Iterator[None]:
    """Let all that is read within be of one moment, however fast the corpora change; in a caller's transaction it is what that sees."""
    own = not connection.in_atomic_block
    with transaction.atomic():
        if own:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield


def store(pieces: Sequence[Piece], standing: str, found: Sequence[Sequence[Answer]]) -> list[Piece]:
    """Keep what pieces of one block found, and put the block together if all are there, in one transaction.

    Return the pieces of the block that must be ranked again because they looked at different states, mostly none. They are not done any
    more: whoever is to rank them again may die before.
    """
    with transaction.atomic():
        block = list(
            Piece.objects.select_for_update(of=("self",))
            .select_related("run")
            .filter(run_id=pieces[0].run_id, block=pieces[0].block)
            .order_by("shard")
        )
        if not block or all(piece.merged_at for piece in block):
            return []
        told = dict(zip((piece.pk for piece in pieces), found, strict=True))
        for piece in block:
            if piece.pk in told:
                _keep(piece, standing, told[piece.pk])
        if not all(piece.done_at for piece in block):
            return []
        if len({piece.standing for piece in block}) > 1:
            Piece.objects.filter(pk__in=[piece.pk for piece in block]).update(done_at=None, standing="", **_EMPTY)
            return block
        _put_together(block)
    return []


def _have_files(corpus: str) -> None:
    """Build this host's own files if it has none, or much changed: another host's worker may have had the errand to build."""
    from matching.app.storage import build, much_changed  # noqa: PLC0415 - loads what ranks

    for row in Corpus.objects.filter(name=corpus):
        if much_changed(row):
            build(row)


def _standing(corpus: str) -> str:
    """Return what tells one state of both corpora, of the table of names and of the learned mix from any other."""
    rows = Corpus.objects.filter(name__in=(corpus, DEMANDS)).order_by("name").values_list("name", "lineage", "generation")
    told = [*rows, *(names["sha256"] for names in latest_sha256()), number_in_force()]
    return sha256(repr(told).encode()).hexdigest()


def _between(name: str, first: UUID | None, until: UUID | None) -> Q:
    return (Q(**{f"{name}__gte": first}) if first else Q()) & (Q(**{f"{name}__lt": until}) if until else Q())


def _keep(piece: Piece, standing: str, found: Sequence[Answer]) -> None:
    piece.standing = standing
    piece.demands = [one.demand for one in found]
    piece.counts = [len(one.ids) for one in found]
    piece.found = [id_ for one in found for id_ in one.ids]
    piece.scores = [score for one in found for score in one.scores]
    Piece.objects.filter(pk=piece.pk).update(
        standing=standing, demands=piece.demands, counts=piece.counts, found=piece.found, scores=piece.scores, done_at=Now()
    )
    piece.refresh_from_db(fields=["done_at"])


def _put_together(block: Sequence[Piece]) -> None:
    """Write the ten places of each demand, from what all shards found, and empty the pieces."""
    from matching.app.services.placing import places_of  # noqa: PLC0415 - loads what ranks

    run = block[0].run
    places = places_of(run.corpus, [_told(piece) for piece in block])
    answered = {demand for demand, *_ in places}
    if places:
        demands, objects, scores, ranks, lifted = (list(column) for column in zip(*places, strict=True))
        with connection.cursor() as cursor:
            cursor.execute(_INSERT, [run.pk, demands, objects, scores, ranks, lifted])
    Run.objects.filter(pk=run.pk).update(demands=F("demands") + len(block[0].demands), answered=F("answered") + len(answered))
    Piece.objects.filter(pk__in=[piece.pk for piece in block]).update(merged_at=Now(), **_EMPTY)


def _told(piece: Piece) -> dict[UUID, list[tuple[UUID, float]]]:
    """Return what a piece found, by demand."""
    ends = [0, *accumulate(piece.counts)]
    pairs = list(zip(piece.found, piece.scores, strict=True))
    return {demand: pairs[start:end] for demand, (start, end) in zip(piece.demands, pairwise(ends), strict=True)}


@contextmanager
def _alone(piece_id: int) -> Iterator[bool]:
    """Whether this process is the only one at work on the piece; the lock falls with its connection."""
    key = [_LOCKS, piece_id % 2**31]
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", key)
        (mine,) = cursor.fetchone()
    try:
        yield bool(mine)
    finally:
        if mine:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", key)
