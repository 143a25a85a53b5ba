"""Eight writers as processes of their own, as web workers are: Python's lock is not what is measured."""

import multiprocessing
import queue
import time
from collections.abc import Callable
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

WRITERS = 8
FORK = multiprocessing.get_context("fork")


@dataclass
class Together:
    """What the writers did: from the first's begin to the last's end in seconds, and what each turn returned."""

    seconds: float
    results: list[Any]

    @property
    def rate(self) -> float:
        return len(self.results) / self.seconds


def together(work: Callable[[int, int], Any], times: int) -> Together:
    """Let every writer do `work(writer, turn)` so many times, all beginning at one moment."""
    _close()
    start, done = FORK.Barrier(WRITERS), FORK.Queue()

    def write(writer: int) -> None:
        work(writer, 0)  # opens the connection
        start.wait()
        begun = time.monotonic()
        results = [work(writer, turn) for turn in range(1, times + 1)]
        done.put((begun, time.monotonic(), results))

    processes = [FORK.Process(target=write, args=(writer,)) for writer in range(WRITERS)]
    for one in processes:
        one.start()
    parts: list[tuple[float, float, list[Any]]] = []
    while len(parts) < WRITERS:
        with suppress(queue.Empty):
            parts.append(done.get(timeout=1))
        if any(one.exitcode for one in processes):
            for one in processes:
                one.kill()
            raise RuntimeError("a writer failed: its words stand above")
    for one in processes:
        one.join()
    spent = max(end for _, end, _ in parts) - min(begun for begun, _, _ in parts)
    return Together(spent, [result for _, _, results in parts for result in results])


@contextmanager
def beside(work: Callable[[], object]) -> Any:
    """Within, another process does this; it is told to stop afterwards."""
    _close()
    process = FORK.Process(target=work)
    process.start()
    try:
        yield process
    finally:
        process.terminate()
        with suppress(TimeoutError):
            process.join(30)
        process.kill()


def _close() -> None:
    """A connection cannot be shared with a child."""
    from django.db import connections  # noqa: PLC0415 - after set_up()

    connections.close_all()
