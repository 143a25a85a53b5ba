"""Celery: check the books and collect debts by the clock."""

import structlog
from celery import shared_task

from marketplace.treasury.services import checking, debts

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
