"""What happens by the clock: one static table, read by `celery beat`."""

from typing import Any

BEAT: dict[str, dict[str, Any]] = {}
