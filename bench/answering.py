"""Matches over HTTP: what one answer of `/api/v1/matches/` costs the process that gives it, behind Django's test client.

The exchange holds as many achievements as are asked for, copies of one with a text and a region of their own, and the matcher their texts
in files. A demand's page of ten is asked for with its conditions, a region and all reasons: sign-in aside, everything is in it.
"""

import logging
from collections.abc import Callable
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory
from time import perf_counter, process_time

import databases
from figures import Figures
from importing import bulk, copy_of

QUERIES = 40
BATCH = 2_000
REGIONS = ("110108", "110105", "120104", "130102")


def answered(size: int, text: Callable[[], str], figures: Figures) -> None:
    """Take the figures over so many achievements, whose texts are drawn; nothing where no database is named."""
    if not databases.named():
        return figures.tell("no database is named: over HTTP is measured by `make bench-matching`")
    databases.set_up()
    with databases.own_database(), TemporaryDirectory() as data:
        _measure(size, text, figures, Path(data))
    return None


def _measure(size: int, text: Callable[[], str], figures: Figures, data: Path) -> None:
    from django.conf import settings  # noqa: PLC0415 - after set_up()
    from django.db import connection  # noqa: PLC0415 - after set_up()
    from django.test import Client  # noqa: PLC0415 - after set_up()
    from django.test.utils import CaptureQueriesContext  # noqa: PLC0415 - after set_up()

    from marketplace.demands.services import sealing  # noqa: PLC0415 - after set_up()
    from tests.factories import demands  # noqa: PLC0415 - after set_up()

    with TemporaryDirectory() as folder:  # every open demand has a key that bids are sealed with
        settings.OPENER_PUBLIC_KEY = sealing.write_key_file(Path(folder) / "opener.key")
    settings.DATA_DIR = data
    logging.getLogger("django_structlog").setLevel(logging.WARNING)  # or each request tells of itself between the figures
    _fill(size, text)
    asked = [demands.demand(text_zh=text(), title_zh=text()[:40]).pk for _ in range(4)]
    client = Client(SERVER_NAME="localhost")

    def ask(number: int) -> int:
        path = f"/api/v1/matches/?demand={asked[number % len(asked)]}&k=10&region_code={REGIONS[number % len(REGIONS)]}"
        answer = client.get(path)
        if answer.status_code != 200 or len(answer.json()) != 10:
            raise RuntimeError(f"{path} gave {answer.status_code}: {answer.content[:200]!r}")
        return len(answer.content)

    for number in range(4):
        ask(number)  # the index opened, statements and templates made
    worked, waited = [], []
    for number in range(QUERIES):
        began, clock = process_time(), perf_counter()
        ask(number)
        worked.append((process_time() - began) * 1000)
        waited.append((perf_counter() - clock) * 1000)
    label = f"ten of {size} over HTTP, a region, all reasons"
    figures.take(f"{label}, median", median(worked), "CPU ms")
    figures.take(f"{label}, 95th percentile", quantiles(worked, n=20)[-1], "CPU ms")
    figures.take("  by the clock, 95th percentile", quantiles(waited, n=20)[-1], "ms")
    with CaptureQueriesContext(connection) as statements:
        ask(0)
    figures.take("  statements", len(statements), "")


def _fill(size: int, text: Callable[[], str]) -> None:
    from marketplace.catalogue.services import indexing  # noqa: PLC0415 - after set_up()
    from matching.app.models import Corpus  # noqa: PLC0415 - after set_up()
    from matching.app.storage import build  # noqa: PLC0415 - after set_up()
    from tests.factories import catalogue  # noqa: PLC0415 - after set_up()

    first = catalogue.achievement()
    for start in range(0, size, BATCH):
        rows = [copy_of(first) for _ in range(start, min(start + BATCH, size))]
        for number, row in enumerate(rows):
            row.summary_zh, row.region_code = text(), REGIONS[number % len(REGIONS)]
        bulk(rows)
        indexing.index_achievements(rows)
    build(Corpus.objects.get(name="achievement"))
