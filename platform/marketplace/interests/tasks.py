"""Celery: make the digests whose time has come, and let go the letters that waited."""

from celery import shared_task

from marketplace.interests.services import digesting, mailing


@shared_task(name="interests.make_digests", ignore_result=True)
def make_digests() -> None:
    """Beat asks every minute; a second run finds nothing to do, and a killed one is gone on with."""
    digesting.make_due()
    mailing.hand_in_waiting()
