"""The Django app of the matcher; its label is "matching", its tables begin with it."""

import os
from pathlib import Path

from django.apps import AppConfig
from django.conf import settings


class MatchingConfig(AppConfig):
    name = "matching.app"
    label = "matching"
    verbose_name = "匹配 Matching"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        # Whoever ranks compiles the loops of the scan, once for all processes that share the data folder.
        os.environ.setdefault("NUMBA_CACHE_DIR", str(Path(settings.DATA_DIR) / "match-index" / "compiled"))
