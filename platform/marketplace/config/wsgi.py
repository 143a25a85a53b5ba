"""The WSGI entry point."""

import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "marketplace.config.settings.prod")

application = get_wsgi_application()

# What ranking loads when it is first asked: here before the workers fork, so that they share it and nobody waits for it.
import matching.app.memory  # noqa: E402
import matching.engine.explaining  # noqa: E402, F401

# All of this stays: the collector of garbage need not look through it again and again, and workers go on sharing its pages.
gc.collect()
gc.freeze()
