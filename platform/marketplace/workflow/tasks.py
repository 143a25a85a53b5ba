"""Celery: run the deadline sweeper."""

from celery import shared_task

from marketplace.workflow import sweeping


@shared_task(name="workflow.sweep", ignore_result=True)
def sweep() -> None:
    """Move on what is overdue; beat asks every second, and a second run finds nothing to do."""
    sweeping.sweep()
