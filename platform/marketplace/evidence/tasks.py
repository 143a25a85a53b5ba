"""Celery: have the day's checkpoint stamped by an outside authority, where one is named."""

from celery import shared_task

from marketplace.evidence.services import timestamping


@shared_task(name="evidence.stamp_checkpoint", ignore_result=True)
def stamp_checkpoint() -> None:
    """Beat asks every hour; once a day there is something to do, and a failure is tried again in the next hour."""
    timestamping.stamp()
