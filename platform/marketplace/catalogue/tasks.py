"""Celery: bring files in, and take up again what broke off."""

from datetime import timedelta
from uuid import UUID

from celery import shared_task

from marketplace.catalogue.importing import running
from marketplace.catalogue.models import ImportRun
from marketplace.catalogue.models.imports import ENDED
from marketplace.common import clock

# A run that has not got further for this long has lost its worker, or its hint.
STALLED = timedelta(seconds=30)


@shared_task(name="catalogue.run_import", ignore_result=True)
def run_import(run_id: str) -> None:
    """Work on one file; safe to be called again at any time."""
    running.run_import(UUID(run_id))


@shared_task(name="catalogue.resume_imports", ignore_result=True)
def resume_imports() -> None:
    """Set unfinished runs to work again that nobody has moved for a while; beat asks every 30 seconds."""
    stalled = ImportRun.objects.exclude(phase__in=ENDED).filter(touched_at__lt=clock.now() - STALLED)
    for (run_id,) in stalled.order_by("touched_at").values_list("pk")[:20]:
        run_import.delay(str(run_id))
