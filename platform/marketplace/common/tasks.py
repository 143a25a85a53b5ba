"""Celery: deliver the outbox, forget old answers, throw away old files."""

from celery import shared_task

from marketplace.common import files, idempotency, outbox


@shared_task(name="common.relay_outbox", ignore_result=True)
def relay_outbox() -> None:
    """Deliver what waits in the outbox; beat asks every second."""
    while outbox.relay() == 500:
        pass


@shared_task(name="common.purge_answers", ignore_result=True)
def purge_answers() -> None:
    """Forget old idempotency answers; beat asks every hour."""
    idempotency.purge_old()


@shared_task(name="common.throw_away_old_files", ignore_result=True)
def throw_away_old_files() -> None:
    """Erase temporary files whose time is over; beat asks every hour."""
    files.throw_away_old()
