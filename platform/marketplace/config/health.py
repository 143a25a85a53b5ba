"""What machines ask: is the process alive, may it be sent visitors, and how is it doing."""

from collections.abc import Callable
from secrets import compare_digest

from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, HttpResponseNotFound, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from ledger.app.services import lag_seconds
from marketplace.common import outbox
from marketplace.config import figures


class NotReady(Exception):
    """One of the things that the site stands on does not answer as it should."""


@never_cache
@require_safe
def alive(request: HttpRequest) -> HttpResponse:
    """Answer as long as the process runs; asks nobody else."""
    return JsonResponse({"status": "alive"})


@never_cache
@require_safe
def ready(request: HttpRequest) -> HttpResponse:
    """Answer 200 when every part is well, else 503 with the parts that are not; no secret and no address is told."""
    parts = {name: _answer(check) for name, check in CHECKS.items()}
    well = all(words == "ok" for words in parts.values())
    return JsonResponse({"status": "ready" if well else "not ready", "parts": parts}, status=200 if well else 503)


@never_cache
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Show Prometheus figures to whoever bears METRICS_TOKEN; to others, and where no token is set, there is nothing here."""
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if not settings.METRICS_TOKEN or not compare_digest(given.encode(), settings.METRICS_TOKEN.encode()):
        return HttpResponseNotFound()
    return HttpResponse(generate_latest(figures.registry()), content_type=CONTENT_TYPE_LATEST)


def _answer(check: Callable[[], None]) -> str:
    try:
        check()
    except NotReady as trouble:
        return str(trouble)
    except Exception as trouble:  # noqa: BLE001 - whatever a part raises means that it is not well
        return f"failing ({type(trouble).__name__})"
    return "ok"


def _database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def _redis() -> None:
    cache.get("readyz")


def _migrations() -> None:
    executor = MigrationExecutor(connection)
    waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if waiting:
        raise NotReady(f"{len(waiting)} migrations wait")


def _sequencer() -> None:
    lag = lag_seconds()
    if lag > settings.READY_LAG_SECONDS:
        raise NotReady(f"{lag:.0f} s behind")


def _outbox() -> None:
    lag = outbox.lag_seconds()
    if lag > settings.READY_LAG_SECONDS:
        raise NotReady(f"{lag:.0f} s behind")


CHECKS: dict[str, Callable[[], None]] = {
    "database": _database,
    "redis": _redis,
    "migrations": _migrations,
    "sequencer": _sequencer,
    "outbox": _outbox,
}
