"""How Jinqiao is put together: settings, addresses, processes, and the embedded servers of development."""

from marketplace.config.celery import app as celery_app

__all__ = ["celery_app"]
