"""Celery: check the books and collect debts by the clock, and bring statements in."""

from datetime import timedelta
from uuid import UUID

import structlog
from celery import shared_task

from marketplace.common import clock
from marketplace.treasury.models import StatementImport, StatementPhase
from marketplace.treasury.services import checking, debts, importing

log = structlog.get_logger(__name__)


@shared_task(name="treasury.check_books", ignore_result=True)
def check_books() -> None:
    """Log every finding as an error, or once that the books are clean."""
    count = 0
    for finding in checking.findings():
        count += 1
        log.error("books_not_clean", rule=finding.rule.code, what=finding.what, detail=finding.detail, advice=str(finding.rule.advice))
    if not count:
        log.info("books_clean")


@shared_task(name="treasury.collect_debts", ignore_result=True)
def collect_debts() -> None:
    """Repay debts from whatever has come into their wallets by another way than a top-up."""
    debts.collect()


@shared_task(name="treasury.drop_old_previews", ignore_result=True)
def drop_old_previews() -> None:
    """Throw away statements that were looked at and that nobody has confirmed."""
    importing.drop_old()


# A file that has not got further for this long has lost its worker, or its hint.
STALLED = timedelta(seconds=60)


@shared_task(name="treasury.run_import", ignore_result=True)
def run_import(import_id: str) -> None:
    """Bring one confirmed statement in; safe to be called again at any time."""
    importing.work(UUID(import_id))


@shared_task(name="treasury.resume_imports", ignore_result=True)
def resume_imports() -> None:
    """Take up confirmed statements that nobody has moved for a while."""
    stalled = StatementImport.objects.filter(phase=StatementPhase.RUNNING, touched_at__lt=clock.now() - STALLED)
    for import_id in stalled.values_list("pk", flat=True)[:20]:
        run_import.delay(str(import_id))
