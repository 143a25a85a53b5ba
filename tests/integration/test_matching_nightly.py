"""All demands against all supply: in pieces, by several processes and hosts, and the same as asking for each demand alone."""

from collections.abc import Collection, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import F, OuterRef, Q
from django.test.utils import CaptureQueriesContext

from matching.app import memory, storage
from matching.app.models import Document, Piece, Place, Reading, Run
from matching.app.services import DocumentInput, index_documents, nightly, reading, remove_documents
from matching.app.services import pieces as piecework
from matching.app.services.rules import set_rules
from matching.engine import kept, spreading
from matching.engine.documents import Filters, Query
from matching.engine.kept import read
from matching.engine.lexicon import lexicon
from matching.engine.spreading import guaranteed_search
from tests.factories.nights import DEMANDS, SUPPLY, demands, everything, night, placed, supply, with_nothing_remembered

pytestmark = pytest.mark.django_db
FAVOURED = {SUPPLY[21], SUPPLY[23]}


_fresh = pytest.fixture(autouse=True)(with_nothing_remembered)


def refused(demand: UUID) -> Collection[UUID]:
    return {id_ for id_ in SUPPLY if (id_.int + demand.int) % 4 == 0}


def unfit(found: Mapping[UUID, Sequence[UUID]]) -> Mapping[UUID, Collection[UUID]]:
    return {demand: set(ids) & set(refused(demand)) for demand, ids in found.items()}


def few(demand: UUID, most: int) -> Collection[UUID] | None:
    """To half of the demands many are too many to be named."""
    return {*SUPPLY} - {*refused(demand)} if demand.int % 2 else None


def asked_one_by_one() -> list[tuple[UUID, UUID, float, int, bool]]:
    """What each demand finds in the whole index, with its conditions before the ranking and the guaranteed place."""
    index, found = memory.index_of("achievement"), []
    for row in Document.objects.filter(corpus="demand", public=True).order_by("object_id"):
        query = Query(**row.fields, attributes=row.attributes)
        out = Filters(excluded_ids=frozenset(map(str, refused(row.object_id))))
        hits, lifted = guaranteed_search(
            lambda depth, query=query, out=out: index.search(query, out, k=depth),
            10,
            lambda ids: {one for one in ids if UUID(one) in FAVOURED},
        )
        found += [(row.object_id, UUID(hit.document.id), hit.score, rank, hit.document.id in lifted) for rank, hit in enumerate(hits, 1)]
    return found


def shown() -> dict[UUID, nightly.Shown]:
    """How often each document is shown: here each is its own owner."""
    return nightly.shown("achievement", owner=Document.objects.filter(object_id=OuterRef("object_id")).values("object_id"))


def with_rules() -> None:
    set_rules("achievement", unfit=unfit, few=few, favoured=lambda ids: FAVOURED & set(ids))


@pytest.mark.parametrize(("block", "shard"), [(2, 3), (1, 25), (5, 7)])
def test_a_run_gives_what_each_demand_finds_alone(block: int, shard: int) -> None:
    everything()
    with_rules()
    run = night(block, shard)
    assert placed(run) == asked_one_by_one()
    assert {row[4] for row in placed(run)} == {True, False}
    assert (run.serving, run.demands, run.answered) == (True, 5, 5)


@pytest.mark.parametrize("named", [True, False])
def test_conditions_are_asked_for_a_whole_block_and_where_they_refuse_nearly_all_of_one_demand_after_the_other(
    named: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    everything()
    asked: list[Any] = []
    out = {*SUPPLY[:9], *SUPPLY[12:]}

    def refuse_but_three(found: Mapping[UUID, Sequence[UUID]]) -> Mapping[UUID, Collection[UUID]]:
        asked.append([len(ids) for ids in found.values()])
        return {demand: out & set(ids) for demand, ids in found.items()}

    def those_three(demand: UUID, most: int) -> Collection[UUID] | None:
        asked.append((demand, most))
        return SUPPLY[9:12] if named else None

    set_rules("achievement", unfit=refuse_but_three, few=those_three)
    monkeypatch.setattr(spreading, "DEPTH", 2)
    run = night(block=5, shard=25)
    alone = [[(demand, 5_000)] if named else [(demand, 5_000), [25]] for demand in DEMANDS]
    assert asked == [[2] * 5, [8] * 5, *chain.from_iterable(alone)]
    assert {row[1] for row in placed(run)} == set(SUPPLY[9:12])
    assert run.places.count() == 15


def test_a_block_takes_as_many_statements_for_one_demand_as_for_five() -> None:
    everything()
    with_rules()
    night()
    taken = []
    for block in (1, 5):
        run = nightly.begin("achievement", block=block, shard=25)
        first, *others = nightly.left(run)
        with CaptureQueriesContext(connection) as captured:
            piecework.do_piece(first)
        taken.append([query["sql"].split(" ")[0] for query in captured])
        for piece in others:
            piecework.do_piece(piece)
        assert nightly.finish(run)
    assert taken[0] == taken[1]


def test_a_night_reads_only_the_demands_that_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    everything()
    with_rules()
    reads: list[str] = []

    def counted(query: Query, *how: Any) -> Any:
        reads.append(query.title)
        return read(query, *how)

    monkeypatch.setattr(kept, "read", counted)
    night()
    assert len(reads) == len(DEMANDS)
    reads.clear()
    demands(1, words="机器人")
    remove_documents(corpus="demand", ids=[DEMANDS[3]])
    assert set(Reading.objects.values_list("document__object_id", flat=True)) == {DEMANDS[0], DEMANDS[2], DEMANDS[4]}
    assert placed(night()) == asked_one_by_one()
    assert reads == ["机器人 回收"]
    reads.clear()
    Reading.objects.update(reader="an earlier version of the program")
    assert placed(night()) == asked_one_by_one()
    assert len(reads) == len(DEMANDS) - 1


def test_what_was_read_of_a_demand_that_was_withdrawn_meanwhile_is_not_kept() -> None:
    everything()
    known = reading.demands_within(Q(), lexicon())
    assert [one.version for one in known.fresh] == [1] * len(DEMANDS)
    demands(0, words="机器人")
    remove_documents(corpus="demand", ids=[DEMANDS[1]])
    reading.keep(known)
    assert set(Reading.objects.values_list("document__object_id", flat=True)) == set(DEMANDS[2:])


def test_what_an_earlier_program_left_of_a_withdrawn_demand_goes_with_the_next_night() -> None:
    everything()
    night()
    Document.objects.filter(object_id=DEMANDS[0]).update(public=False, fields={}, attributes={}, content_hash="")
    Document.objects.filter(object_id=DEMANDS[1]).update(version=F("version") + 1)
    nightly.begin("achievement")
    assert set(Reading.objects.values_list("document__object_id", flat=True)) == set(DEMANDS[2:])


def test_two_hosts_with_folders_of_their_own_share_a_run_bit_by_bit(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    everything()
    with_rules()
    run = nightly.begin("achievement", block=2, shard=5)
    hosts = {number: tmp_path / name for number, name in enumerate(("builds", "builds too", "reads the database"))}
    stored: dict[int, bool] = {}
    for number, piece in enumerate(nightly.left(run)):
        host = number % 3
        settings.DATA_DIR = hosts[host]
        memory._held.clear()
        with monkeypatch.context() as patch:
            if host == 2:
                patch.setattr(storage, "LEAST", 1000)
            assert piecework.do_piece(piece)
        stored[host] = memory.index_of("achievement").parts[0].segment.stored is not None
    assert nightly.finish(run)
    assert stored == {0: True, 1: True, 2: False}
    assert placed(run) == asked_one_by_one()


def test_what_is_delivered_twice_changes_nothing() -> None:
    everything()
    run = nightly.begin("achievement", block=2, shard=9)
    ids = list(nightly.left(run))
    assert [piecework.do_piece(one) for one in ids] == [True] * len(ids)
    before, counted = placed(run), Run.objects.values().get()
    assert [piecework.do_piece(one) for one in ids] == [False] * len(ids)
    # Even somebody who ranked it all again hands in a block that is put together already.
    block = list(Piece.objects.select_related("run").filter(run=run, block=0))
    assert piecework.store(block, *piecework.ranked(block)) == []
    assert (placed(run), Run.objects.values().get()) == (before, counted)
    with pytest.raises(IntegrityError), transaction.atomic():
        Piece.objects.create(run=run, block=0, shard=0)
    with pytest.raises(IntegrityError), transaction.atomic():
        Place.objects.create(run=run, demand_id=before[0][0], object_id=SUPPLY[0], score=1, rank=1)


def test_the_former_run_serves_until_the_next_is_whole() -> None:
    everything()
    first = night()
    former = shown()
    supply(3, words="石墨烯")
    second = nightly.begin("achievement", block=2, shard=9)
    assert nightly.begin("achievement") == second
    *most, last = nightly.left(second)
    for piece in most:
        assert piecework.do_piece(piece)
        assert not nightly.finish(second)
    assert shown() == former != {}
    assert [(told.run, told.share < 1) for told in nightly.progress("achievement")] == [(second.pk, True), (first.pk, False)]
    assert piecework.do_piece(last)
    assert nightly.finish(second)
    assert not nightly.finish(second)
    assert list(Run.objects.filter(serving=True)) == [second]
    rows = first.places.count() + second.pieces.count()
    assert (rows > 0, nightly.tidy()) == (True, rows)
    assert set(Place.objects.values_list("run", flat=True)) == {second.pk}
    assert Piece.objects.count() == 0


def test_shards_that_saw_different_states_are_ranked_again_by_one_process() -> None:
    everything()
    with_rules()
    run = nightly.begin("achievement", block=5, shard=9)
    first, *others = nightly.left(run)
    assert piecework.do_piece(first)
    supply(2, 4, words="电解液")
    remove_documents(corpus="achievement", ids=[SUPPLY[5]])
    demands(1, words="机器人")
    for piece in others:
        assert piecework.do_piece(piece)
    assert nightly.finish(run)
    assert placed(run) == asked_one_by_one()
    assert run.places.filter(object_id=SUPPLY[5]).count() == 0


def test_a_block_that_must_be_ranked_again_is_left_if_nobody_comes_to_it(monkeypatch: pytest.MonkeyPatch) -> None:
    everything()
    run = nightly.begin("achievement", block=5, shard=9)
    *others, last = nightly.left(run)
    for piece in others:
        assert piecework.do_piece(piece)
    supply(2, words="电解液")
    answers = iter([piecework.ranked])

    def ranked_once(pieces: Sequence[Piece]) -> Any:
        return next(answers)(pieces)

    with monkeypatch.context() as patch:
        patch.setattr(piecework, "ranked", ranked_once)
        with pytest.raises(StopIteration):
            piecework.do_piece(last)
    assert nightly.left(run) == [*others, last]
    assert not nightly.finish(run)
    assert night() == run
    assert (run.places.count(), Run.objects.get().serving) == (50, True)


def test_whoever_comes_second_is_given_the_run_that_ended_meanwhile(monkeypatch: pytest.MonkeyPatch) -> None:
    everything()
    night()
    ended = night()

    def refused(**_: Any) -> Run:
        raise IntegrityError

    monkeypatch.setattr(Run.objects, "create", refused)
    assert nightly.begin("achievement") == ended


def test_demands_that_find_nothing_are_counted_and_have_no_place() -> None:
    everything()
    index_documents(corpus="demand", documents=[DocumentInput(id=DEMANDS[0], title="Quantum", public=True)])
    run = night()
    assert (run.demands, run.answered) == (5, 4)
    assert not run.places.filter(demand_id=DEMANDS[0]).exists()
    assert list(run.places.filter(demand_id=DEMANDS[1]).order_by("rank").values_list("rank", flat=True)) == list(range(1, 11))
