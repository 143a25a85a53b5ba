"""Matches over HTTP: what one answer of `/api/v1/matches/` costs the process that gives it, behind Django's test client.

The exchange holds as many achievements as are asked for (filling.py), and the matcher their texts in files. A demand's page of ten is asked
for with a region, its budget, which half of what names a price is below, its wanted protection, which three in five have, most of them in
force, and all reasons: sign-in aside, everything is in it. What PostgreSQL does meanwhile is its own processes' and stands in the clock.
"""

import gc
import logging
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory
from time import perf_counter, process_time
from typing import Any
from uuid import UUID

import databases
from figures import Figures
from filling import REGIONS, fill

QUERIES = 80
DEMANDS = 8
BUDGET = 50_000_000


def answered(size: int, text: Callable[[], str], figures: Figures) -> None:
    """Take the figures over so many achievements, whose texts are drawn; nothing where no database is named."""
    if not databases.named():
        return figures.tell("no database is named: over HTTP is measured by `make bench-matching`")
    databases.set_up()
    with databases.own_database(), TemporaryDirectory() as data:
        from django.conf import settings  # noqa: PLC0415 - after set_up()

        settings.DATA_DIR = Path(data)
        _fill(size, text, figures)
        ask_for(size, demands_of(text), figures)
    return None


def ask_for(size: int, asked: Sequence[UUID], figures: Figures) -> None:
    """Take the figures of asking for these demands' matches among so many achievements, which are there."""
    from django.db import connection  # noqa: PLC0415 - after set_up()
    from django.test import Client  # noqa: PLC0415 - after set_up()
    from django.test.utils import CaptureQueriesContext  # noqa: PLC0415 - after set_up()

    logging.getLogger("django_structlog").setLevel(logging.WARNING)  # or each request tells of itself between the figures
    client = Client(SERVER_NAME="localhost")

    def ask(number: int) -> Any:
        path = f"/api/v1/matches/?demand={asked[number % len(asked)]}&k=10&region_code={REGIONS[number % len(REGIONS)]}"
        return client.get(path)

    def check(answer: Any) -> None:
        if answer.status_code != 200 or len(answer.json()) != 10:
            raise RuntimeError(f"{answer.request['PATH_INFO']} gave {answer.status_code}: {answer.content[:200]!r}")

    for number in range(len(asked)):
        check(ask(number))  # the index opened, statements and templates made, what is read of the files in memory
    worked, waited = [], []
    # As a web process does when it begins (config/wsgi.py): what this one holds beside, no web process holds at all.
    gc.collect()
    gc.freeze()
    for number in range(QUERIES):
        began, clock = process_time(), perf_counter()
        answer = ask(number)
        worked.append((process_time() - began) * 1000)
        waited.append((perf_counter() - clock) * 1000)
        check(answer)
    gc.unfreeze()
    label = f"ten of {size} over HTTP, a region, all reasons"
    figures.take(f"{label}, median", median(worked), "CPU ms")
    figures.take(f"{label}, 95th percentile", quantiles(worked, n=20)[-1], "CPU ms")
    figures.take("  by the clock, median", median(waited), "ms")
    figures.take("  by the clock, 95th percentile", quantiles(waited, n=20)[-1], "ms")
    with CaptureQueriesContext(connection) as statements:
        ask(0)
    figures.take("  statements", len(statements), "")


def demands_of(text: Callable[[], str]) -> list[UUID]:
    """Open demands with texts of their own, each with a budget and a wanted protection."""
    from django.conf import settings  # noqa: PLC0415 - after set_up()

    from marketplace.demands.services import sealing  # noqa: PLC0415 - after set_up()
    from tests.factories import demands  # noqa: PLC0415 - after set_up()

    with TemporaryDirectory() as folder:  # every open demand has a key that bids are sealed with
        settings.OPENER_PUBLIC_KEY = sealing.write_key_file(Path(folder) / "opener.key")
    asked = []
    for _ in range(DEMANDS):
        written = text()
        terms = {"text_zh": written, "title_zh": written[:40], "budget_max_fen": BUDGET, "ipr_wanted": ["granted", "applied"]}
        asked.append(demands.demand(**terms).pk)
    return asked


def _fill(size: int, text: Callable[[], str], figures: Figures) -> None:
    from matching.app.models import Corpus  # noqa: PLC0415 - after set_up()
    from matching.app.storage import build  # noqa: PLC0415 - after set_up()

    fill(size, text)
    figures.tell(f"{size} achievements are published; the matcher's files are built")
    began = process_time()
    build(Corpus.objects.get(name="achievement"))
    figures.take(f"files of {size} achievements built from the database", process_time() - began, "CPU s")
