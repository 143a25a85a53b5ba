"""The scan reads few postings and finds what reading all of them would."""

import os
from hashlib import sha256
from pathlib import Path
from typing import Any

import numba
import numpy as np
import pytest
from numpy.typing import NDArray

from matching.engine import compiled, compiledbest, compiledweights, counting, mixing, segment, statistics
from matching.engine.attributes import Attributes
from matching.engine.compiled import WINDOW, CompiledAndKept
from matching.engine.querying import WeightedTerm
from matching.engine.scanning import Wanted, scan
from matching.engine.segment import Segment, Weighed, Windowed
from matching.engine.statistics import FULL_WEIGHT


def in_windows(held: list[NDArray[np.int64]], places: NDArray[np.int64], documents: int) -> Windowed:
    """Cut lists into windows one by one, as nobody in a hurry would."""
    ends = [[int(np.searchsorted(rows, base)) for base in range(0, documents + WINDOW, WINDOW)] for rows in held]
    starts = np.concatenate(([0], np.cumsum([len(rows) for rows in held]))).astype(np.int64)
    rows = np.concatenate([np.empty(0, np.int64), *held]) % WINDOW
    return Windowed(places, starts, rows.astype(np.uint16), np.array(ends, dtype=np.uint32).reshape(len(held), -(-documents // WINDOW) + 1))


@pytest.mark.parametrize(
    ("long", "dense", "allowed"),
    [(0, False, None), (0, True, 0.06), (150, False, 0.06), (150, True, None), (150, True, 0.0005), (400, False, None)],
)
def test_the_scan_leaves_out_nothing_that_adding_everything_up_would_find(long: int, dense: bool, allowed: float | None) -> None:
    draw = np.random.default_rng(5)
    documents, words = 60_000, 400
    held = [np.sort(draw.choice(documents, size=documents // (2 * rank + 2) + 1, replace=False)) for rank in range(words)]
    starts = np.concatenate(([0], np.cumsum([len(rows) for rows in held])))
    impacts = draw.integers(40, 200, size=starts[-1]).astype(np.uint8)
    terms, lengths = np.arange(words, dtype=np.uint64), np.ones(documents, dtype=np.int32)
    rows = np.concatenate(held).astype(np.int32)
    # Every third list stays short as it is, unless all are to be long: so some of both lie before and behind each other.
    places = np.flatnonzero((np.arange(words) < long) & ((np.arange(words) % 3 > 0) | (long == words)))
    windowed = in_windows([held[place] for place in places], places, documents)
    short = np.concatenate([*(held[place] for place in set(range(words)).difference(places.tolist())), []]).astype(np.int32)
    segment = Segment([], np.empty(0, "S1"), Attributes.of([]), terms, starts, short, impacts, lengths, windowed=windowed)
    assert np.array_equal(segment.every_row(), rows)
    frequent = np.arange(3 if dense else 0)
    lists = np.zeros((len(frequent), documents), dtype=np.uint8)
    for term in frequent:
        lists[term, held[term]] = impacts[starts[term] : starts[term + 1]]
    weighed = Weighed(impacts, np.maximum.reduceat(impacts, starts[:-1]), frequent, lists)
    admitted = None if allowed is None else draw.random(documents) < allowed
    for number in range(4):
        asked = draw.choice(words, size=60, replace=False).tolist()
        query = [WeightedTerm("", key, int(np.log1p(2 * key + 0.01) ** 1.2 * 2**14)) for key in dict.fromkeys([number, *asked])]
        sums = np.zeros(documents)
        for term in query:
            sums[held[term.key]] += term.units * impacts[starts[term.key] : starts[term.key + 1]].astype(np.float64)
        if admitted is not None:
            sums[~admitted] = 0.0
        for wanted in (
            Wanted(10, admitted),
            Wanted(30, admitted, share=0.1, most=1e5),
            Wanted(documents, admitted),
            Wanted(10, admitted, rows=(WINDOW - 5_000, WINDOW + 5_000)),
            Wanted(20, admitted, rows=(WINDOW + 7, documents - 1)),
        ):
            first, last = wanted.rows or (0, documents)
            here = np.where((np.arange(documents) >= first) & (np.arange(documents) < last), sums, 0.0)
            kth = np.sort(here)[-min(wanted.k, documents)]
            reaching = here >= max(kth / (1.0 + wanted.share), kth - wanted.most) * (1.0 - 1e-12)
            best = np.flatnonzero(reaching & (here > 0.0))
            found, reached = scan(segment, weighed, query, wanted)
            assert found.tolist() == best.tolist()
            assert reached.tolist() == sums[best].tolist()


def test_the_sum_of_a_document_that_holds_all_of_the_longest_query_in_full_still_fits() -> None:
    words, documents = 512, 600
    starts = np.arange(words + 1) * 2
    rows = np.tile(np.array([7, 599], dtype=np.int32), words)
    impacts = np.tile(np.array([255, 254], dtype=np.uint8), words)
    terms, lengths = np.arange(words, dtype=np.uint64), np.ones(documents, dtype=np.int32)
    segment = Segment([], np.empty(0, "S1"), Attributes.of([]), terms, starts, rows, impacts, lengths)
    query = [WeightedTerm("", key, FULL_WEIGHT // words + 1) for key in range(words)]  # as if every weight had been rounded up
    found, reached = scan(segment, Weighed(impacts, np.full(words, 255, np.uint8)), query, Wanted(2))
    assert (found.tolist(), reached.tolist()) == ([7, 599], [255.0 * (FULL_WEIGHT + words), 254.0 * (FULL_WEIGHT + words)])


def test_where_no_folder_can_be_written_to_the_loops_are_compiled_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    compile_ = numba.njit

    def nowhere_to_keep(*given: Any, cache: bool = False, **options: Any) -> Any:
        if cache:
            raise RuntimeError("cannot cache function: no locator available")  # as numba says
        return compile_(*given, **options)

    monkeypatch.setattr(numba, "njit", nowhere_to_keep)
    assert CompiledAndKept(lambda one: one + 1)(41) == 42


def _next(one: int) -> int:
    return one + 1


@pytest.mark.parametrize(("kind", "left"), [("nbi", 0), ("nbi", 20), ("nbc", 0), ("nbc", 200)])
def test_a_file_of_kept_code_that_was_cut_short_is_named_once_and_the_loops_are_compiled_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, kind: str, left: int
) -> None:
    monkeypatch.setattr(numba.config, "CACHE_DIR", str(tmp_path))
    assert (CompiledAndKept(_next)(41), caplog.text) == (42, "")
    (kept,) = tmp_path.rglob(f"*.{kind}")
    kept.write_bytes(kept.read_bytes()[:left])
    again = CompiledAndKept(_next)
    assert [again(41), again(42)] == [42, 43]
    (said,) = caplog.messages
    assert str(tmp_path) in said


def test_where_the_disk_is_full_the_loops_are_compiled_all_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(numba.config, "CACHE_DIR", str(tmp_path))
    monkeypatch.setattr("numba.core.caching.IndexDataCacheFile._save_data", full)
    again = CompiledAndKept(_next)
    assert [again(41), again(42)] == [42, 43]


def _refuses(one: int) -> int:
    if one == 1:
        raise ValueError("not this one")
    return one


def test_what_goes_wrong_in_the_loops_themselves_is_raised(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(numba.config, "CACHE_DIR", str(tmp_path))
    with pytest.raises(ValueError, match="not this one"):
        CompiledAndKept(_refuses)(1)


def test_each_version_of_the_loops_is_kept_in_a_folder_of_its_own() -> None:
    folder = Path(numba.config.CACHE_DIR)
    assert folder.parent == Path(os.environ["NUMBA_CACHE_DIR"])
    frozen = (compiled, compiledbest, compiledweights, counting, mixing, segment, statistics)
    loops = b"".join(Path(module.__file__).read_bytes() for module in frozen)
    assert folder.name == sha256(loops).hexdigest()[:16]
