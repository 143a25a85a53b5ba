"""Work of the matcher in the background."""

from collections.abc import Sequence

from celery import shared_task

from matching.app.models import Corpus, Run
from matching.app.services import nightly

# A run that got stuck is taken up by so many messages: while no worker is there, no more than these pile up each minute.
TAKEN_UP_BY = 16


@shared_task(name="matching.build_indexes")
def build_indexes() -> int:
    """Build the files of every corpus of which much changed; return how many. One at a time: who comes meanwhile does nothing."""
    from matching.app.storage import build, much_changed  # noqa: PLC0415 - loads what ranks

    return sum(build(corpus) for corpus in Corpus.objects.order_by("name") if much_changed(corpus))


@shared_task(name="matching.refresh_indexes")
def refresh_indexes() -> int:
    """Build the files of every corpus that changed at all, so that texts which were taken out leave the disk too; return how many."""
    from matching.app.storage import build, changed_at_all  # noqa: PLC0415 - loads what ranks

    return sum(build(corpus) for corpus in Corpus.objects.order_by("name") if changed_at_all(corpus))


@shared_task(name="matching.keep_matching", ignore_result=True)
def keep_matching() -> None:
    """Begin the night's runs when they are due, and take up those that got stuck: after a kill, a lost message or a restart."""
    for corpus in nightly.SUPPLY:
        if nightly.is_due(corpus):
            _send(nightly.begin(corpus))
    for run in nightly.under_way():
        if nightly.stalled(run):
            _take_up(run)
        _finish(run)


@shared_task(name="matching.match_piece", ignore_result=True)
def match_piece(piece_id: int, following: Sequence[int] = ()) -> None:
    """Rank a block of demands against a shard of supply; a second delivery changes nothing. Who does the last one changes over.

    The pieces that follow are sent on one after the other, also where this one fails.
    """
    from matching.app.services.pieces import do_piece  # noqa: PLC0415 - loads what ranks

    try:
        if do_piece(piece_id):
            for run in nightly.under_way().filter(pieces__pk=piece_id):
                _finish(run)
    finally:
        if following:
            match_piece.delay(following[0], following[1:])


def _send(run: Run) -> None:
    for piece_id in nightly.left(run):
        match_piece.delay(piece_id)


def _take_up(run: Run) -> None:
    left = nightly.left(run)
    for first in range(min(TAKEN_UP_BY, len(left))):
        match_piece.delay(left[first], left[first + TAKEN_UP_BY :: TAKEN_UP_BY])


def _finish(run: Run) -> None:
    if nightly.finish(run):
        nightly.tidy()
