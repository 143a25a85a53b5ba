"""A worker killed in any stage of the nightly run: the former results serve, the run goes on, and nothing is there twice."""

from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import cycle
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from matching.app import memory
from matching.app.models import Piece, Place, Run
from matching.app.services import nightly
from matching.app.services.pieces import do_piece
from tests.factories.killing import killed
from tests.factories.nights import DEMANDS, demands, everything, night, placed, supply

pytestmark = [pytest.mark.django_db(transaction=True, databases=["default", "sequencer", "owner"]), pytest.mark.prove]
# Where it dies, at which call, and how many pieces were done, how many put together by then; None where the new run serves already.
STAGES = {
    "while the run is cut into pieces": ("matching.app.services.nightly._ranges", 2, None),
    "when a piece is ranked and not stored": ("matching.app.services.pieces.ranked", 4, (3, 1)),
    "while it is stored": ("matching.app.services.pieces._keep", 2, (1, 0)),
    "when it is stored and its block waits for another": ("matching.app.services.pieces.store", 1, (1, 0)),
    "while a block is put together": ("matching.app.services.placing.places_of", 2, (3, 1)),
    "when places are written and not committed": ("matching.app.services.pieces._put_together", 1, (1, 0)),
    "when the last block is put together": ("matching.app.services.pieces.store", 6, (6, 3)),
    "when it has changed over": ("matching.app.services.nightly.finish", 1, "serves"),
    "while the former places are deleted": ("matching.app.services.nightly._emptied", 1, "serves"),
}


@pytest.fixture(autouse=True)
def _fresh(tmp_path: Path, settings: Any) -> Iterator[None]:
    settings.DATA_DIR = tmp_path
    memory._held.clear()
    yield
    memory._held.clear()


@pytest.mark.parametrize("stage", STAGES)
def test_the_former_results_serve_and_the_run_goes_on(stage: str) -> None:
    where, call, reached = STAGES[stage]
    everything()
    first = night(block=5, shard=25)
    before = placed(first)
    supply(3, 7, words="电解液")
    assert killed(lambda: night(block=2, shard=13), at=where, call=call)
    latest = Run.objects.latest("pk")
    if reached == "serves":
        assert latest.serving
    else:
        assert (first.pk, before) == (Run.objects.get(serving=True).pk, placed(first))
        pieces = (Piece.objects.exclude(done_at=None).count(), Piece.objects.exclude(merged_at=None).values("block").distinct().count())
        assert (Run.objects.count(), pieces) == ((1, (0, 0)) if reached is None else (2, reached))
    finished = latest if reached == "serves" else night(block=2, shard=13)
    nightly.tidy()
    wanted = placed(finished)
    assert not nightly.under_way().exists()
    assert [run.pk for run in Run.objects.filter(serving=True)] == [finished.pk]
    assert (Place.objects.count(), Piece.objects.count()) == (len(wanted), 0)
    assert Counter(row[0] for row in wanted) == dict.fromkeys(DEMANDS, 10)
    assert (finished.demands, finished.answered) == (5, 5)
    assert placed(night(block=5, shard=25)) == wanted  # what a run gives that nobody disturbed


def test_killed_before_a_block_is_ranked_again_it_leaves_the_whole_block() -> None:
    everything()
    run = nightly.begin("achievement", block=5, shard=13)
    first, last = nightly.left(run)
    assert do_piece(first)
    supply(3, 7, words="电解液")
    assert killed(lambda: do_piece(last), at="matching.app.services.pieces.ranked", call=2)
    assert nightly.left(run) == [first, last]
    assert (night(), Run.objects.get().serving) == (run, True)
    assert placed(run) == placed(night(block=5, shard=25))


def test_a_night_ends_though_the_corpora_change_at_every_read(monkeypatch: pytest.MonkeyPatch) -> None:
    everything()
    calm, words, index_of = placed(night(block=5, shard=25)), cycle(["机器人", "焊接"]), memory.index_of

    def import_goes_on() -> None:
        supply(1, 2, words=next(words))
        demands(*range(len(DEMANDS)), words=next(words))
        connection.close()

    def read_during_an_import(*asked: Any, **how: Any) -> Any:
        index = index_of(*asked, **how)
        with ThreadPoolExecutor(1) as other:
            other.submit(import_goes_on).result()
        return index

    monkeypatch.setattr(memory, "index_of", read_during_an_import)
    during = night(block=5, shard=25)
    assert during.serving
    assert placed(during) == calm  # the demands too are of the moment of the index
    assert night(block=5, shard=9).serving


def test_a_piece_in_the_hands_of_another_process_is_left_to_it() -> None:
    everything()
    run = nightly.begin("achievement")
    (piece,) = nightly.left(run)
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s, %s)", [1_296_126_531, piece])
        assert night() == run
        assert nightly.left(run) == [piece]
    finally:
        other.close()  # as a killed process's is
    assert night().serving


@pytest.mark.slow
def test_processes_that_are_killed_again_and_again_finish_the_run(at_size: Callable[[int, int], int]) -> None:
    everything()
    calm, shard = placed(night(block=5, shard=25)), at_size(5, 2)
    for round_ in range(at_size(2, 20)):
        nightly.begin("achievement", block=1, shard=shard)
        assert killed(lambda: night(block=1, shard=shard), at="matching.app.services.pieces.store", call=1 + round_ % 3)
        assert placed(Run.objects.get(serving=True)) == calm
    assert placed(night(block=1, shard=shard)) == calm
    assert Run.objects.count() == 2
