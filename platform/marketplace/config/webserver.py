"""Gunicorn's settings: threads, because pages wait for the database; workers are replaced now and then against slow leaks."""

import itertools
import os
from typing import Any

from marketplace.config import counting

bind = os.environ.get("WEB_BIND", "0.0.0.0:8000")  # all of a container's own network; development sets loopback
workers = int(os.environ.get("WEB_WORKERS", "2"))
threads = int(os.environ.get("WEB_THREADS", "4"))
worker_class = "gthread"
timeout = 60
graceful_timeout = 20
max_requests = 20_000
max_requests_jitter = 2_000
preload_app = os.environ.get("WEB_PRELOAD", "") == "1"
# The heartbeat file must lie in memory: on a busy disk a worker would look dead.
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None  # noqa: S108, PTH112 - no secret is written there

counting.begin()


def pre_fork(server: Any, worker: Any) -> None:
    """Give a worker the first free seat: workers come and go, and the files that they count in would pile up by process number."""
    taken = {other.seat for other in server.WORKERS.values()}
    worker.seat = next(seat for seat in itertools.count(1) if seat not in taken)


def post_fork(server: Any, worker: Any) -> None:
    """Sit down."""
    counting.take(worker.seat)


def child_exit(server: Any, worker: Any) -> None:
    """Leave the seat to the next worker."""
    counting.leave(worker.seat)


def on_exit(server: Any) -> None:
    """Leave no file behind."""
    counting.end()
