"""The index in files that all processes share: taken up when built, brought up to date at every query, and never trusted when damaged."""

import os
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import UUID

import pytest
from django.core.management import call_command

from matching.app import memory, storage
from matching.app.models import Corpus
from matching.app.services import DocumentInput, Match, QueryInput, index_documents, rank, remove_documents
from matching.app.tasks import build_indexes, refresh_indexes

pytestmark = pytest.mark.django_db
IDS = [UUID(int=number) for number in range(1, 21)]


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, settings: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    settings.DATA_DIR = tmp_path
    monkeypatch.setattr(storage, "LEAST", 10)
    monkeypatch.setattr(os, "fsync", lambda _: None)
    # The tests' own transaction stands for what is committed.
    monkeypatch.setattr(memory, "_sees_only_what_is_committed", lambda: True)
    memory._held.clear()
    yield
    memory._held.clear()


def hand_in(*numbers: int, words: str = "锂电池") -> None:
    index_documents(
        corpus="achievement",
        documents=[DocumentInput(id=IDS[number], title=f"{words} 型号{number}", body="回收" * number, public=True) for number in numbers],
    )


def found(text: str = "锂电池回收") -> list[Match]:
    return rank(corpus="achievement", query=QueryInput(title=text), k=20)


def found_without_files(text: str = "锂电池回收") -> list[Match]:
    """What a process finds that reads every text by itself."""
    folder, memory._held = memory._held, {}
    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(storage.Shelf, "current", lambda _: None)
            return found(text)
    finally:
        memory._held = folder


def shelf() -> "storage.Shelf":
    return storage.shelf_of(Corpus.objects.get(name="achievement").lineage)


def test_files_are_built_taken_up_and_changed_over() -> None:
    hand_in(*range(12))
    before = found()
    assert build_indexes() == 1
    assert found() == before
    hand_in(3, 15, words="机器人")
    remove_documents(corpus="achievement", ids=[IDS[1], IDS[4]])
    over_files = found()
    assert memory._held["achievement"].index.parts[0].segment.stored is not None
    assert {match.id for match in over_files} == {IDS[number] for number in range(12) if number not in (1, 4)} | {IDS[15]}
    assert over_files == found_without_files()


def test_whatever_is_handed_in_taken_out_or_built_in_between_is_found_as_by_who_reads_all_texts_anew(
    seed: int, at_size: Callable[[int, int], int]
) -> None:
    draw = random.Random(seed)
    hand_in(*range(12))
    assert build_indexes() == 1  # whatever the draw: the rest is over files
    there = set(range(12))
    for step in range(at_size(15, 1_000)):
        numbers = draw.sample(range(len(IDS)), draw.randint(1, 4))
        if draw.random() < 0.5:
            hand_in(*numbers, words=draw.choice(["锂电池", "机器人", "锂电池回收", "光"]))
            there |= {*numbers}
        else:
            remove_documents(corpus="achievement", ids=[IDS[number] for number in numbers])
            there -= {*numbers}
        if draw.random() < 0.15:
            draw.choice([build_indexes, refresh_indexes])()
        now = found("锂电池 机器人 光 型号")
        assert now == found_without_files("锂电池 机器人 光 型号"), f"step {step}"
        assert {match.id for match in now} == {IDS[number] for number in there}


def test_small_corpora_and_small_changes_wait() -> None:
    hand_in(*range(9))
    assert (build_indexes(), refresh_indexes()) == (0, 0)
    hand_in(*range(9, 16))
    assert (build_indexes(), build_indexes()) == (1, 0)
    hand_in(0, 1, words="机器人")
    assert build_indexes() == 0  # two of sixteen: an eighth, and no more
    assert (refresh_indexes(), refresh_indexes()) == (1, 0)
    hand_in(0, 1, 2, words="光")
    assert build_indexes() == 1


def test_a_text_that_was_taken_out_leaves_the_disk_with_the_next_refresh() -> None:
    hand_in(*range(12))
    hand_in(12, words="石墨烯")
    build_indexes()

    def on_disk() -> int:
        return sum("石墨烯".encode() in path.read_bytes() for path in shelf().folder.glob("version-*/texts"))

    assert on_disk() == 1
    remove_documents(corpus="achievement", ids=[IDS[12]])
    assert found("石墨烯") == []
    refresh_indexes()
    assert on_disk() == 0


def test_who_opens_files_that_are_just_replaced_takes_the_next_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    hand_in(*range(12))
    build_indexes()
    opened, times = memory.opened, []

    def late(folder: Path) -> object:
        times.append(folder)
        if len(times) == 1:
            storage.build(Corpus.objects.get())
        return opened(folder)

    monkeypatch.setattr(memory, "opened", late)
    assert len(found()) == 12
    assert len(set(times)) == 2
    assert memory._held["achievement"].files == times[1] == shelf().current()


def test_damaged_files_are_named_in_the_log_and_not_used(caplog: pytest.LogCaptureFixture) -> None:
    hand_in(*range(12))
    right = found()
    build_indexes()
    folder = shelf().current()
    assert folder is not None
    (folder / "rows").write_bytes(b"\0" * 8)
    memory._held.clear()
    assert found() == right
    assert "The file rows is not as it was written" in caplog.text
    assert len(caplog.records) == 1
    found()
    assert len(caplog.records) == 1  # looked at once, not at every query
    call_command("match_index", "--build")
    assert found() == right


def test_files_that_know_more_than_the_database_are_not_used() -> None:
    # As after the database was restored to an earlier state.
    hand_in(*range(12))
    hand_in(5, words="石墨烯")
    build_indexes()
    Corpus.objects.update(generation=1)
    memory._held.clear()
    assert found("石墨烯")[0].id == IDS[5]
    assert memory._held["achievement"].index.parts[0].segment.stored is None
    # They are built anew before the database's numbers have grown to theirs, whatever else has changed.
    assert (build_indexes(), build_indexes()) == (1, 0)
    assert found("石墨烯")[0].id == IDS[5]
    assert memory._held["achievement"].index.parts[0].segment.stored is not None


def test_who_began_to_look_before_a_change_takes_the_files_built_after_it_the_next_time() -> None:
    hand_in(*range(12))
    before = Corpus.objects.get().generation
    hand_in(5, words="石墨烯")
    build_indexes()
    Corpus.objects.update(generation=before)
    assert len(found()) == 12
    assert memory._held["achievement"].files is None
    Corpus.objects.update(generation=before + 1)
    assert len(found("石墨烯")) == 1
    assert memory._held["achievement"].files == shelf().current()
