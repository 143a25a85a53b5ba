"""Segments in files: the same as in memory, refused when damaged, and replaced at one stroke even if the builder is killed."""

import errno
import inspect
import os
import re
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from matching.engine import shelf as shelves
from matching.engine import stored
from matching.engine.config import PLATFORM, Config
from matching.engine.documents import Document, Filters, Query
from matching.engine.files import ArrayFiles, Unusable
from matching.engine.index import Index
from matching.engine.shelf import Shelf
from matching.engine.stored import open_segment, program, write_segment

QUERY = Query("锂电池 welding robots", attributes={"region_code": "110108"})
DOCUMENTS = [
    Document(
        id=f"{number:03}",
        title=("锂电池", "机器人", "welding robot", "")[number % 4],
        body="电解液 " * (number % 5) + f"item{number}",
        attributes={"region_code": ("110108", "120104")[number % 2], "kind": f"kind {number % 3}", "readiness": number % 9 + 1},
    )
    for number in range(60)
]


@pytest.fixture(autouse=True)
def _small_and_quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "fsync", lambda _: None)
    monkeypatch.setattr(stored, "_MANY", 1)  # dense lists as in a large corpus


def written(folder: Path, documents: list[Document] = DOCUMENTS) -> Path:
    folder.mkdir(exist_ok=True)
    write_segment(folder, documents, PLATFORM, {"generation": len(documents)})
    return folder


def opened(folder: Path) -> Index:
    return Index.over(open_segment(folder, PLATFORM)[0])


@pytest.mark.parametrize("run", [5_000_000, 100], ids=["in one run", "in many runs"])
def test_an_index_in_files_is_the_one_in_memory(run: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stored, "_RUN_CHARS", run)
    filed, held = opened(written(tmp_path / "index")), Index.of(DOCUMENTS)
    assert list(filed.documents()) == DOCUMENTS
    assert (filed.statistics, filed.postings, filed.terms) == (held.statistics, held.postings, held.terms)
    assert filed.search(QUERY, k=100) == held.search(QUERY, k=100) != []
    assert len(filed.parts[0].segment.weighed(filed.statistics.usual_length, PLATFORM).frequent) > 0
    narrow = Filters(region_codes=frozenset({"120104"}), kinds=frozenset({"kind 1", "kind 2"}), least_readiness=4)
    assert filed.search(QUERY, narrow) == held.search(QUERY, narrow) != []
    assert not list((tmp_path / "index").glob("run-*"))


@pytest.mark.parametrize("documents", [[], [Document(id="a")], [Document(id="a", title="锂\ud83d\x00", attributes={"team": "t"})]])
def test_nothing_and_strange_texts_can_be_kept_in_files(documents: list[Document], tmp_path: Path) -> None:
    filed = opened(written(tmp_path / "index", documents))
    assert list(filed.documents()) == documents
    assert filed.search(Query("锂")) == Index.of(documents).search(Query("锂"))


def test_what_lies_in_files_is_nobodys_memory_and_cannot_be_written(tmp_path: Path) -> None:
    index = opened(written(tmp_path / "index"))
    index.search(QUERY)
    assert index.own_bytes == len(DOCUMENTS)  # the tombstones
    with pytest.raises(ValueError, match="read-only"):
        index.parts[0].segment.rows[0] = 0


def test_documents_out_of_order_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="000 came after 001"):
        written(tmp_path / "index", [DOCUMENTS[1], DOCUMENTS[0]])


def test_a_changed_cut_or_missing_file_is_refused_by_name(tmp_path: Path) -> None:
    folder = written(tmp_path / "index")
    for name in ArrayFiles(folder).facts()["files"]:
        path = folder / name
        whole = path.read_bytes()
        path.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
        with pytest.raises(Unusable, match=f"The file {name} is not as it was written"):
            opened(folder)
        path.write_bytes(whole[:-1])
        with pytest.raises(Unusable, match=f"The file {name} is not as it was written"):
            opened(folder)
        path.unlink()
        with pytest.raises(Unusable, match=f"The file {name} is not as it was written"):
            opened(folder)
        path.write_bytes(whole)
    assert opened(folder).search(QUERY)
    header = folder / "header.json"
    header.write_text(header.read_text().replace('"generation": 60', '"generation": 61'))
    with pytest.raises(Unusable, match="The header is not as it was written"):
        opened(folder)
    header.unlink()
    with pytest.raises(Unusable, match="There is no header"):
        opened(folder)


def test_files_of_another_configuration_are_not_opened(tmp_path: Path) -> None:
    folder = written(tmp_path / "index")
    assert program(PLATFORM) != program(Config(saturation=1.2))
    with pytest.raises(Unusable, match="another version of the program"):
        open_segment(folder, Config(saturation=1.2))


def version(documents: list[Document]) -> Callable[[Path], None]:
    return lambda folder: write_segment(folder, documents, PLATFORM, {})


def test_a_reader_keeps_what_it_opened_whatever_is_built_after(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path / "shelf")
    assert shelf.current() is None
    assert shelf.replace(version(DOCUMENTS))
    first = shelf.current()
    assert first is not None
    index = opened(first)
    before = index.search(QUERY)
    assert shelf.replace(version(DOCUMENTS[:30]))
    assert not first.exists()
    assert index.search(QUERY) == before
    assert len(opened(shelf.current() or tmp_path)) == 30


def test_of_two_builders_the_second_leaves_the_work_to_the_first(tmp_path: Path) -> None:
    shelf, answers = Shelf(tmp_path / "shelf"), []

    def build(folder: Path) -> None:
        answers.append(shelf.replace(version(DOCUMENTS)))
        write_segment(folder, DOCUMENTS[:5], PLATFORM, {})

    assert shelf.replace(build)
    assert answers == [False]
    assert len(opened(shelf.current() or tmp_path)) == 5


@pytest.mark.skipif(sys.platform == "darwin", reason="macOS cannot take room beforehand")
def test_a_disk_without_room_is_told_before_a_mapped_file_is_written_and_nothing_is_left_on_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelf = Shelf(tmp_path / "shelf")
    shelf.replace(version(DOCUMENTS[:5]))
    former, asked = shelf.current(), []

    def full(handle: int, start: int, length: int) -> None:
        asked.append(length)
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "posix_fallocate", full)
    with pytest.raises(OSError, match="No space left"):
        shelf.replace(version(DOCUMENTS))
    assert len(asked) == 1
    assert asked[0] > 0
    assert list(shelf.folder.glob("version-*")) == [shelf.current()] == [former]


def test_every_module_that_reads_or_keeps_texts_is_part_of_the_programs_mark() -> None:
    read = {module.__name__ for module in stored._READERS}
    used = {
        name
        for module in (stored, *stored._READERS)
        for name in re.findall(r"from (matching\.engine\.\w+) import", inspect.getsource(module))
    }
    assert used - {"matching.engine.config"} <= read  # the configuration is marked by its values


STAGES = {
    "reading texts": (stored, "build_segment"),
    "putting postings aside": (stored, "_spilled"),
    "merging": (stored, "_merge"),
    "weighing": (stored, "table_of_impacts"),
    "laying postings out": (stored, "lay_out"),
    "sealing": (ArrayFiles, "seal"),
    "before the change": (shelves, "_safe_on_disk"),
}


@pytest.mark.parametrize("stage", STAGES)
def test_a_builder_killed_at_any_stage_leaves_the_former_index_serving(stage: str, tmp_path: Path) -> None:
    shelf = Shelf(tmp_path / "shelf")
    shelf.replace(version(DOCUMENTS[:5]))
    child = os.fork()
    if child == 0:
        place, name = STAGES[stage]
        setattr(place, name, lambda *_: os.kill(os.getpid(), signal.SIGKILL))
        try:
            shelf.replace(version(DOCUMENTS))
        finally:
            os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
    assert len(opened(shelf.current() or tmp_path)) == 5
    assert len(list(shelf.folder.glob("version-*"))) == 2
    assert shelf.replace(version(DOCUMENTS[:7]))
    assert len(opened(shelf.current() or tmp_path)) == 7
    assert list(shelf.folder.glob("version-*")) == [shelf.current()]
