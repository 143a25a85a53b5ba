"""Which learned mix is in force."""

import logging
from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet

from matching.app.models import MixSwitch
from matching.engine.mixing import Mix

logger = logging.getLogger(__name__)


def factors_in_force() -> QuerySet[MixSwitch, Any]:
    """Return the query for the factors of the mix that was switched on last; it finds null where the fixed mix holds."""
    return MixSwitch.objects.order_by("-pk").values("version__factors")[:1]


def mix_of(factors: Mapping[str, int] | None) -> Mix | None:
    """Return the mix of these factors; None, and a line in the log, where another version of the program learned it with other classes."""
    try:
        return None if factors is None else Mix(factors)
    except ValueError as reason:
        logger.warning("the learned mix is not used: %s", reason)
        return None


def number_in_force() -> int | None:
    """Return the number of the learned mix in force, None where the fixed one holds."""
    return MixSwitch.objects.order_by("-pk").values_list("version_id", flat=True).first()
