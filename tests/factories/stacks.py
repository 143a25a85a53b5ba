"""A whole stack whose parts a test may kill: found by name, ended as `kill -9` would, started again, and asked by SQL and HTTP."""

import http.client
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg2
import pytest
import redis

from marketplace.config.devstack import ports
from marketplace.config.devstack.__main__ import STORY
from marketplace.config.devstack.children import Child
from marketplace.config.devstack.postgres import Postgres
from marketplace.config.devstack.servers import temporary_folder
from marketplace.config.devstack.stack import ROOT, Stack
from marketplace.config.devstack.trouble import ServerDied
from marketplace.config.devstack.valkey import Valkey
from tests.factories import migrated
from tests.story.client import Answer, Client

SERVERS_FROM_OUTSIDE = ("DATABASE_URL", "REDIS_URL", "MIGRATE_DATABASE_URL", "SEQUENCER_DATABASE_URL")


class MortalStack(Stack):
    """A stack of its own whose parts are killed and brought back by name.

        with mortal_stack() as stack:
            stack.kill("worker")            # as `kill -9` would
            stack.revive()                  # as a service manager would
            with stack.without("valkey"):   # the broker is away meanwhile
                ...

    `ask` looks into its database, `inside` runs a part of `tests.factories.stack_inside` as one of its processes, and
    `Load` sends orders that must survive all this.
    """

    def __init__(self, folder: Path) -> None:
        self.started: dict[str, tuple[list[str], tuple[str, ...], dict[str, str]]] = {}
        with pytest.MonkeyPatch.context() as patch:
            for name in SERVERS_FROM_OUTSIDE:
                patch.delenv(name, raising=False)
            # Durable: what was acknowledged must be on disk, or killing the database would prove nothing.
            super().__init__(folder, port=ports.free(), say=lambda line: None, durable=True, extra=STORY)

    @property
    def postgres(self) -> Postgres:
        assert self.servers.postgres
        return self.servers.postgres

    @property
    def valkey(self) -> Valkey:
        assert self.servers.valkey
        return self.servers.valkey

    def manage(self, *arguments: str, roles: tuple[str, ...] = (), progress: bool = False) -> str:
        if arguments[0] == "migrate":
            migrated.fill(self.postgres)
        return super().manage(*arguments, roles=roles, progress=progress)

    def kill(self, part: str) -> None:
        """End one part of the stack as `kill -9` would, with whatever it has started.

        A process: web, worker, sequencer, opener, beat or witness; `a web worker`, gunicorn's busiest, whose master lives on;
        or a server: postgres, or valkey, which is the broker and the cache.
        """
        if part == "a web worker":
            os.kill(max(self.web_workers(), key=_processor_ticks), signal.SIGKILL)
        else:
            self._child(part).kill()

    def revive(self) -> None:
        """Start every server and process that has ended, as a service manager would, and wait until the site is ready.

        A server comes back where it was, with the data that it had on its disk.
        """
        if not self._child("postgres").alive:
            self._relaunch_postgres()
        if not self._child("valkey").alive:
            self.valkey.start(port=self.valkey.port)
        for child in [one for one in self.processes if not one.alive]:
            self.processes.remove(child)
            command, roles, more = self.started[child.name]
            self._run(child.name, command, *roles, **more)
        self.wait_until_ready()

    @contextmanager
    def without(self, part: str) -> Iterator[None]:
        """Within, the part is dead; afterwards all are alive again."""
        self.kill(part)
        yield
        self.revive()

    def empty_valkey(self) -> None:
        """Throw away all that the broker and the cache hold, queues, locks and counts; of a dead one, what it would come back with."""
        if not self._child("valkey").alive:
            shutil.rmtree(self.valkey.home / "appendonlydir")
            return
        with redis.Redis.from_url(self.valkey.url) as client:
            client.flushall()

    def web_workers(self) -> list[int]:
        """The processes that answer requests; none while the site is dead."""
        master = Path(f"/proc/{self._child('web').process.pid}")
        children = master / "task" / master.name / "children"
        return [int(pid) for pid in children.read_text(encoding="ascii").split()] if children.exists() else []

    def _child(self, part: str) -> Child:
        servers = {"postgres": self.postgres.child, "valkey": self.valkey.child}
        child = servers[part] if part in servers else next(one for one in self.processes if one.name == part)
        assert child
        return child

    def _relaunch_postgres(self) -> None:
        """Sessions of the killed server may take a moment to notice and go."""
        deadline = time.monotonic() + 20
        while True:
            try:
                return self.postgres.launch(port=self.postgres.port)
            except ServerDied:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.2)

    def ask(self, sentence: str, *values: Any) -> list[tuple[Any, ...]]:
        """Run one sentence of SQL as the app role."""
        connection = psycopg2.connect(self.postgres.url("app"))
        try:
            with connection, connection.cursor() as cursor:
                cursor.execute(sentence, values)
                return list(cursor.fetchall()) if cursor.description else []
        finally:
            connection.close()

    def inside(self, *arguments: str) -> Any:
        """Run `tests.factories.stack_inside` as a process of this stack."""
        command = [sys.executable, "-m", "tests.factories.stack_inside", *arguments]
        done = subprocess.run(command, env=self.environment("sequencer"), cwd=ROOT, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout.splitlines()[-1])

    def _run(self, name: str, command: list[str], *roles: str, **more: str) -> None:
        self.started[name] = (command, roles, more)
        super()._run(name, command, *roles, **more)


@contextmanager
def mortal_stack() -> Iterator[MortalStack]:
    """Give a running stack in a temporary folder, and leave neither process nor file behind."""
    with temporary_folder("faults") as folder:
        stack = MortalStack(folder)
        try:
            stack.start()
            yield stack
        finally:
            for child in stack.processes:  # nobody needs an orderly end of what is thrown away
                child.kill()
            stack.stop()


@dataclass(frozen=True)
class Order:
    """One POST with its Idempotency-Key."""

    client: Client
    path: str
    key: str
    body: Any = None
    files: Any = None

    def send(self) -> Answer:
        return self.client.send("POST", self.path, self.body, files=self.files, key=self.key)

    def send_and_hang_up(self) -> None:
        """Send it whole, and be gone before there is an answer."""
        host = urlsplit(self.client.address)
        headers = {"Authorization": f"Bearer {self.client.token}", "Content-Type": "application/json", "Idempotency-Key": self.key}
        connection = http.client.HTTPConnection(host.hostname or "", host.port, timeout=60)
        connection.request("POST", self.path, json.dumps(self.body), headers)
        connection.close()


@dataclass
class Load:
    """Clients who send orders at the same time, each again with its own key until it is acknowledged."""

    orders: list[Order]
    clients: int = 4
    seconds: float = 60
    acknowledged: dict[str, Answer] = field(default_factory=dict)
    interrupted: set[str] = field(default_factory=set)
    refused: list[Answer] = field(default_factory=list)

    def run(self, *, after: int, meanwhile: Callable[[], None]) -> "Load":
        """Send everything; as soon as so many orders are acknowledged, do what is to be done meanwhile."""
        waiting = iter(list(self.orders))
        turn = threading.Lock()
        threads = [threading.Thread(target=self._work, args=(waiting, turn)) for _ in range(self.clients)]
        for thread in threads:
            thread.start()
        deadline = time.monotonic() + self.seconds
        while len(self.acknowledged) < after and time.monotonic() < deadline and not self.refused:
            time.sleep(0.002)
        try:
            meanwhile()
        finally:
            for thread in threads:
                thread.join()
        assert not self.refused, self.refused[0]
        return self

    def _work(self, waiting: Iterable[Order], turn: threading.Lock) -> None:
        orders = iter(waiting)
        while not self.refused:
            with turn:
                order = next(orders, None)
            if order is None:
                return
            self._until_acknowledged(order)

    def _until_acknowledged(self, order: Order) -> None:
        deadline = time.monotonic() + self.seconds
        while True:
            answer: Answer | None = None
            try:
                answer = order.send()
            except (OSError, http.client.HTTPException, json.JSONDecodeError):
                self.interrupted.add(order.key)
            if answer is not None and answer.status < 300:
                self.acknowledged[order.key] = answer
                return
            if answer is not None and answer.status >= 500:
                self.interrupted.add(order.key)
            elif answer is not None and (answer.status != 409 or answer["code"] != "idempotency_key_in_use"):
                self.refused.append(answer)
                return
            if time.monotonic() > deadline:
                self.refused.append(answer or Answer(0, "no answer at all"))
                return
            time.sleep(0.05)


def _processor_ticks(pid: int) -> int:
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])
