"""Celery: clear away what has run out."""

from celery import shared_task

from marketplace.accounts.services import ending_sessions


@shared_task(name="accounts.purge_sessions", ignore_result=True)
def purge_sessions() -> None:
    """Delete expired sessions; beat asks every hour."""
    ending_sessions.purge_expired()
