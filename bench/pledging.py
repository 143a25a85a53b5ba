"""What a pledge over HTTP costs the web workers, beside a bare view that sends the same statements, and how many are made in a second.

The statements of the bare view are those of real pledges, recorded as they were sent and then rolled back: ids, amounts and times are
its own, and each is sent once.
"""

import http.client
import json
import os
import pickle
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from statistics import median
from typing import Any
from uuid import uuid4

import programs
from databases import ROOT
from figures import Figures

CLIENTS = 4
ROUNDS = 3
MOST_FUNDERS = 100
WARM_UP = 12
FEN = 10_000
PLEDGES = "/api/v1/pledges/"
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Order:
    """One pledge to be asked for, once."""

    path: str
    token: str
    body: dict[str, Any]
    key: str = field(default_factory=lambda: str(uuid4()))

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}", "Idempotency-Key": self.key, "Content-Type": "application/json"}


def measure(figures: Figures, number: int) -> None:
    """Take the figures of so many pledges each."""
    funders = min(MOST_FUNDERS, number)
    wanted = 2 * (2 * number + WARM_UP)
    figures.tell(f"opening campaigns to {funders} funders, and recording what {wanted // 2:,} pledges send")
    orders = _spread(funders, -(-wanted // funders))
    hot = [_hot(funders) for _ in range(ROUNDS)]
    real, replayed = orders[: wanted // 2], orders[wanted // 2 : wanted]
    with _site([_statements(order) for order in replayed]) as site:
        bare = [Order(f"/bare/{place}/", order.token, order.body) for place, order in enumerate(replayed)]
        site.send(real[:WARM_UP])
        site.send(bare[:WARM_UP])
        spent: dict[str, list[float]] = {"real": [], "bare": []}
        rates: dict[str, list[float]] = {"real": [], "bare": [], "hot": []}
        # In turns, so that a busy neighbour is busy for both.
        for turn in range(ROUNDS):
            for name, all_orders in (("real", real), ("bare", bare)):
                alone, together = _parts(all_orders[WARM_UP:], turn)
                before = site.processor
                site.send(alone)
                spent[name].append(1000 * (site.processor - before) / len(alone))
                rates[name].append(len(together) / site.send(together, clients=CLIENTS))
            rates["hot"].append(len(hot[turn]) / site.send(hot[turn], clients=CLIENTS))
    figures.take("processor time of a pledge over HTTP, web worker", median(spent["real"]), "ms", yardstick=median(spent["bare"]))
    figures.take(f"pledges over HTTP, {CLIENTS} clients, spread", median(rates["real"]), "/s", yardstick=median(rates["bare"]))
    figures.take(f"pledges over HTTP, {CLIENTS} clients, one hot campaign", median(rates["hot"]), "/s", yardstick=median(rates["bare"]))


def _parts(orders: Sequence[Order], turn: int) -> tuple[Sequence[Order], Sequence[Order]]:
    """Of one turn, what is sent one by one and what by several at once."""
    each = len(orders) // (2 * ROUNDS)
    first = orders[2 * turn * each :]
    return first[:each], first[each : 2 * each]


def _spread(funders: int, campaigns: int) -> list[Order]:
    """An order of every funder to every campaign; those that follow each other share neither."""
    tokens, opened = _open(funders, campaigns)
    places = ((place // campaigns, place % campaigns) for place in range(funders * campaigns))
    return [Order(PLEDGES, tokens[(step + 7 * which) % funders], opened[which]) for step, which in places]


def _hot(funders: int) -> list[Order]:
    """An order of every funder to one campaign."""
    tokens, (body,) = _open(funders, 1)
    return [Order(PLEDGES, token, body) for token in tokens]


def _open(funders: int, campaigns: int) -> tuple[list[str], list[dict[str, Any]]]:
    """Funders' keys, and the bodies of pledges to campaigns that invite them all."""
    from marketplace.accounts.models import ApiKey  # noqa: PLC0415 - after set_up()
    from marketplace.common import clock  # noqa: PLC0415
    from marketplace.common.actor import ALL_SCOPES  # noqa: PLC0415
    from marketplace.treasury.services import accounts as books  # noqa: PLC0415
    from tests.factories import accounts, funding  # noqa: PLC0415

    invited = [funding.funder(10**9) for _ in range(funders)]
    keys = [accounts.api_key(one, scopes=sorted(ALL_SCOPES)) for one in invited]
    # A key's use is noted once a minute: here never, so that all requests send the same.
    ApiKey.objects.filter(pk__in=[key.pk for key, _ in keys]).update(last_used_at=clock.now() + timedelta(days=1))
    limits = {"minimum_fen": FEN, "optimum_fen": FEN * (funders + 1), "funder_max_fen": FEN, "max_funders": funders}
    price = limits["optimum_fen"]
    opened = [funding.campaign(invited, demand=funding.awarded_demand(price=price), **limits) for _ in range(campaigns)]
    for one in opened:
        books.campaign_escrow(one.pk)  # by the first pledge otherwise, which no other could be played after
    bodies = [{"campaign": str(one.pk), "fen": FEN, **funding.accepted(one)} for one in opened]
    return [token for _, token in keys], bodies


def _statements(order: Order) -> list[tuple[str, Any]]:
    """What one pledge sends to the database; nothing of it stays."""
    from django.db import connection, transaction  # noqa: PLC0415 - after set_up()
    from django.test import Client  # noqa: PLC0415

    said: list[tuple[str, Any]] = []

    def listen(execute: Any, sentence: str, values: Any, many: Any, context: Any) -> Any:
        said.append((sentence, [_sent(value) for value in values] if values else None))
        return execute(sentence, values, many, context)

    with transaction.atomic(), connection.execute_wrapper(listen):
        answer = Client().post(order.path, order.body, content_type="application/json", headers=order.headers)
        transaction.set_rollback(True)
    if answer.status_code != 201:
        raise RuntimeError(f"a pledge was answered {answer.status_code}: {answer.content.decode()}")
    return list(_as_transactions(said))


def _sent(value: Any) -> Any:
    """A value as it goes out, where the driver has wrapped it for its own connection: JSON as text, binary as bytes."""
    from psycopg2.extras import Json  # noqa: PLC0415 - after set_up()

    if isinstance(value, Json):
        return value.dumps(value.adapted)
    return bytes(value.adapted) if hasattr(value, "adapted") else value


def _as_transactions(said: Sequence[tuple[str, Any]]) -> Iterator[tuple[str, Any]]:
    """The outermost savepoints are transactions where nobody rolls everything back."""
    depth = 0
    for sentence, values in said:
        begins, ends = sentence.startswith("SAVEPOINT"), sentence.startswith("RELEASE SAVEPOINT")
        depth -= ends
        yield (sentence, values) if depth or not (begins or ends) else ("BEGIN" if begins else "COMMIT", None)
        depth += begins


class _Site:
    """A running server: what its workers have used of the processors, and how long it takes to answer."""

    def __init__(self, master: int, port: int) -> None:
        self.master, self.port = master, port

    @property
    def processor(self) -> float:
        """Seconds, over all workers."""
        used = 0
        for worker in Path(f"/proc/{self.master}/task/{self.master}/children").read_text().split():
            fields = Path(f"/proc/{worker}/stat").read_text().rpartition(")")[2].split()
            used += int(fields[11]) + int(fields[12])
        return used / TICKS

    def send(self, orders: Sequence[Order], *, clients: int = 1) -> float:
        """Send every order once, by so many clients, each over one connection: the seconds until the last is answered."""
        refused: list[str] = []

        def work(number: int) -> None:
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
            for order in orders[number::clients]:
                connection.request("POST", order.path, json.dumps(order.body), order.headers)
                answer = connection.getresponse()
                content = answer.read()
                if answer.status != 201:
                    refused.append(f"{answer.status}: {content.decode()[:500]}")
            connection.close()

        begun = time.perf_counter()
        threads = [threading.Thread(target=work, args=(number,)) for number in range(clients)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if refused:
            raise RuntimeError(f"{len(refused)} of {len(orders)} pledges were not made, the first: {refused[0]}")
        return time.perf_counter() - begun


@contextmanager
def _site(statements: list[list[tuple[str, Any]]]) -> Iterator[_Site]:
    """Within, gunicorn serves the platform with its own settings and two workers, and the bare view beside it."""
    from marketplace.config.devstack import ports  # noqa: PLC0415 - after set_up()

    with tempfile.TemporaryDirectory(prefix="jinqiao-bench-") as folder:
        file, port = Path(folder, "statements"), ports.free()
        file.write_bytes(pickle.dumps(statements))
        environment = {
            **programs.environment_of_an_app(),
            "PYTHONPATH": os.pathsep.join(map(str, (ROOT, ROOT / "platform", ROOT / "bench"))),
            "BARE_STATEMENTS": str(file),
            "PROMETHEUS_MULTIPROC_DIR": folder,
            "RATE_PERSON": "1000000/min",
            "WEB_BIND": f"{ports.LOOPBACK}:{port}",
            "WEB_PRELOAD": "1",
        }
        command = [sys.executable, "-m", "gunicorn", "-c", "python:marketplace.config.webserver", "bare:site"]
        log = Path(folder, "log")
        with log.open("w") as words, subprocess.Popen(command, env=environment, stdout=words, stderr=words) as server:
            try:
                _wait(server, port)
                yield _Site(server.pid, port)
            except RuntimeError as fault:
                fault.add_note(f"The server's last words:\n{log.read_text()[-3000:]}")
                raise
            finally:
                server.terminate()
                server.wait(30)


def _wait(server: subprocess.Popen[bytes], port: int) -> None:
    """Until it answers; RuntimeError where it does not come up."""
    until = time.monotonic() + 60
    while time.monotonic() < until and server.poll() is None:
        with suppress(OSError):
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
            connection.request("GET", "/bare/none/")
            connection.getresponse().read()
            return
        time.sleep(0.1)
    raise RuntimeError("the server did not come up")
