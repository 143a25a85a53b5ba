"""Gunicorn's settings: threads, because pages wait for the database; workers are replaced now and then against slow leaks."""

import os

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
