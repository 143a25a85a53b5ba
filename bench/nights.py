"""A whole night by the engine alone: each of N demands ranked against N documents, the thirty best kept, by two processes.

The first night reads every text and keeps what it read; a later night has the readings. Neither conditions nor a database are in it.
"""

import resource
from collections.abc import Callable
from multiprocessing import get_context
from pathlib import Path
from time import perf_counter

from figures import Figures

from matching.engine.documents import Query
from matching.engine.index import Index
from matching.engine.kept import Readings, read
from matching.engine.spreading import DEPTH
from matching.engine.together import best_of_all, weights_of

PROCESSES = 2
BLOCK = 512
COMPARED = 40
ATTRIBUTES = {"region_code": "110108", "readiness": 5}


class Night:
    """The demands of a night in blocks, of which each process takes every second one; what was read lies in a file for each block."""

    def __init__(self, index: Index, texts: list[str], folder: Path) -> None:
        self.index = index
        self.blocks = [texts[first : first + BLOCK] for first in range(0, len(texts), BLOCK)]
        self.folder = folder

    def read(self, number: int) -> list[bytes]:
        index = self.index
        found = [read(Query(body=text), index.lexicon, index.config).tobytes() for text in self.blocks[number]]
        (self.folder / f"{number}").write_bytes(b"".join(len(one).to_bytes(4, "little") + one for one in found))
        return found

    def kept(self, number: int) -> list[bytes]:
        content, at, found = (self.folder / f"{number}").read_bytes(), 0, []
        while at < len(content):
            start = at + 4
            at = start + int.from_bytes(content[at:start], "little")
            found.append(content[start:at])
        return found

    def ranked(self, readings: list[bytes]) -> list[list[tuple[bytes, float]]]:
        found = best_of_all(self.index, weights_of(self.index, Readings.of(readings)), [ATTRIBUTES] * len(readings), k=DEPTH)
        return list(found.each())

    def work(self, which: int, readings: Callable[[int], list[bytes]]) -> None:
        for number in range(which, len(self.blocks), PROCESSES):
            self.ranked(readings(number))

    def run(self, readings: Callable[[int], list[bytes]]) -> tuple[float, float]:
        """Return what a whole night takes: seconds by the clock and of processors."""
        before, start = _of_children(), perf_counter()
        workers = [get_context("fork").Process(target=self.work, args=(which, readings)) for which in range(PROCESSES)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        if any(worker.exitcode for worker in workers):
            raise RuntimeError("A process of the night failed.")
        return perf_counter() - start, _of_children() - before


def nights(index: Index, texts: list[str], folder: Path, figures: Figures) -> None:
    """Measure a first and a later night; raises RuntimeError where they find anything else than some demands find alone."""
    night = Night(index, texts, folder)
    found = night.ranked(night.read(0))  # compiles
    step = max(len(night.blocks[0]) // COMPARED, 1)
    for text, told in list(zip(night.blocks[0], found, strict=True))[::step]:
        alone = index.best(Query(body=text, attributes=ATTRIBUTES), k=DEPTH)
        if [(one.id.encode(), one.score) for one in alone] != told:
            raise RuntimeError("A demand finds at night what it does not find alone.")
    for label, readings in (("first night, every text read", night.read), ("later night, readings kept", night.kept)):
        clock, spent = night.run(readings)
        figures.take(f"{label}: {len(texts)} demands x {len(index)} documents, {PROCESSES} processes", clock, "s")
        figures.take("  of processors", spent, "CPU s")


def _of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
