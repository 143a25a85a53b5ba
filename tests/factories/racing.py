"""Races without luck: jobs that meet at a named function, and functions that are another one for a while.

    results = race(fund, fund, after="marketplace.agreements.services.escrow.every_source_is_funded")

Nothing here sleeps and hopes. The same scene shows the order that a lock forces and, with the lock taken away
(`tests.factories.locks`), the race itself.
"""

import pkgutil
import sys
import threading
import time
from collections.abc import Callable, Iterator, MutableMapping
from contextlib import contextmanager, nullcontext
from typing import Any

import pytest
from django.db import connection, connections

Job = Callable[[], Any]
OURS = ("marketplace", "ledger", "matching", "tests")
WAITING = """
SELECT DISTINCT l.pid FROM pg_locks l JOIN pg_stat_activity a USING (pid) WHERE NOT l.granted AND a.datname = current_database()
"""


def race(*jobs: Job, before: str = "", after: str = "", seconds: float = 30) -> list[Any]:
    """Run each job in a thread and on connections of its own, and return in order what each returned or raised.

    With `before` or `after`, the dotted name of a function, each job stops where it first comes to that function
    (or has just called it), and all go on together once every job stands there, waits for a lock in the database,
    or has ended. Jobs begin one after the other, each when the one before has come that far, so that it is always
    the first who holds the lock. Without a name they all begin at the same moment.
    """
    assert not (before and after)
    run = _Race(jobs, seconds=seconds)
    with replaced(before or after, run.stopping(late=bool(after))) if before or after else nullcontext():
        run.start(in_turn=bool(before or after))
        return run.finish()


def outcomes(results: list[Any]) -> list[str]:
    """Each result in one word, sorted: `done`, the code of a refusal, or the name of an exception."""
    return sorted("done" if not isinstance(one, Exception) else str(getattr(one, "code", None) or type(one).__name__) for one in results)


@contextmanager
def replaced(name: str, by: Callable[[Any], Any]) -> Iterator[None]:
    """Have `by(function)` in place of the function of this dotted name, wherever our modules and the machines keep it."""
    original = pkgutil.resolve_name(name)
    substitute = by(original)
    with pytest.MonkeyPatch.context() as patch:
        for place, key in _keepers(original):
            patch.setitem(place, key, substitute)
        holder = pkgutil.resolve_name(name.rpartition(".")[0])
        patch.setattr(holder, name.rpartition(".")[2], substitute)
        yield


def _keepers(function: Any) -> list[tuple[MutableMapping[str, Any], str]]:
    """Every module of ours that imported the function, and every table of guards, effects and locks that names it."""
    from marketplace.workflow import registry

    places: list[Any] = [vars(module) for name, module in list(sys.modules.items()) if name.partition(".")[0] in OURS]
    for one in registry.everyone():
        places += [one.guards, one.effects, one.locks]
    return [(place, key) for place in places for key, value in list(place.items()) if value is function]


class _Race:
    """The jobs, who of them stands at the meeting, and who has ended."""

    def __init__(self, jobs: tuple[Job, ...], *, seconds: float) -> None:
        self.results: list[Any] = [None] * len(jobs)
        self.threads = [threading.Thread(target=self._run, args=pair, daemon=True) for pair in enumerate(jobs)]
        self.deadline = time.monotonic() + seconds
        self.changed = threading.Condition()
        self.stopped: set[int] = set()
        self.ended: set[int] = set()
        self.go_on = threading.Event()
        self.begin = threading.Event()

    def start(self, *, in_turn: bool) -> None:
        for count, thread in enumerate(self.threads, start=1):
            thread.start()
            if in_turn:
                self.begin.set()
                self._until_all_stand(count)
        self.begin.set()
        self.go_on.set()

    def finish(self) -> list[Any]:
        for number, thread in enumerate(self.threads):
            thread.join(max(0.0, self.deadline - time.monotonic()))
            assert not thread.is_alive(), f"job {number} of the race has not ended: {self.results}"
        return self.results

    def stopping(self, *, late: bool) -> Callable[[Any], Any]:
        """What makes of a function one at which the jobs stop, each once; everybody else passes."""

        def wrap(function: Any) -> Any:
            def stop(*args: Any, **options: Any) -> Any:
                if late:
                    answer = function(*args, **options)
                    self._stop_here()
                    return answer
                self._stop_here()
                return function(*args, **options)

            return stop

        return wrap

    def _stop_here(self) -> None:
        current = threading.current_thread()
        if current not in self.threads or (number := self.threads.index(current)) in self.stopped:
            return
        with self.changed:
            self.stopped.add(number)
            self.changed.notify_all()
        self.go_on.wait(max(0.0, self.deadline - time.monotonic()))

    def _run(self, number: int, job: Job) -> None:
        try:
            connection.ensure_connection()
            self.begin.wait()
            self.results[number] = job()
        except Exception as raised:  # noqa: BLE001 - what was raised is what the test looks at
            self.results[number] = raised
        finally:
            connections.close_all()
            with self.changed:
                self.ended.add(number)
                self.changed.notify_all()

    def _until_all_stand(self, count: int) -> None:
        """Wait until so many jobs have stopped, ended, or been made to wait by a lock, which only the database can tell.

        Whoever waits at two looks in a row has been made to wait: a lock inside the database may be waited for by anybody for an instant.
        """
        before: set[int] = set()
        while True:
            with self.changed:
                standing = len(self.stopped | self.ended)
            waiting = _waiting_for_locks() if standing < count else set()
            if standing + len(waiting & before) >= count:
                return
            before = waiting
            assert time.monotonic() < self.deadline, f"only {standing} of {count} jobs came to the meeting: {self.results}"
            with self.changed:
                self.changed.wait(0.005)


def _waiting_for_locks() -> set[int]:
    """Which sessions of this database wait for a lock at this moment."""
    with connection.cursor() as cursor:
        cursor.execute(WAITING)
        return {pid for (pid,) in cursor.fetchall()}
