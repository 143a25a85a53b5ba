"""Celery: the opener's work, on its own queue."""

from celery import shared_task

from marketplace.demands.services import opening


@shared_task(name="demands.open_due_bids", ignore_result=True)
def open_due_bids() -> None:
    """Open the bids of every closed demand; beat asks often, a second run finds nothing to do."""
    opening.open_due_bids()
