"""Hard conditions and soft circumstances, as bitmaps over a segment."""

import numpy as np
from numpy.typing import NDArray

from matching.engine.config import Config
from matching.engine.documents import Filters, Query
from matching.engine.segment import Segment

_NONE = Filters()
SOFT_TERMS = ("industry", "region", "readiness")


def allowed(segment: Segment, alive: NDArray[np.bool_], filters: Filters) -> NDArray[np.bool_] | None:
    """Return the bitmap of the living documents that meet every condition, None where all do."""
    if filters == _NONE:
        return None if alive.all() else alive
    bitmap = alive.copy()
    for name, values in (
        ("region_code", filters.region_codes),
        ("industry_code", filters.industry_codes),
        ("kind", filters.kinds),
    ):
        if values:
            bitmap &= np.logical_or.reduce([segment.attributes.holding(name, value) for value in values])
    if filters.least_readiness:
        bitmap &= segment.attributes.readiness >= filters.least_readiness
    if filters.only_ids is not None:
        bitmap &= _rows(segment, filters.only_ids)
    if filters.excluded_ids:
        bitmap &= ~_rows(segment, filters.excluded_ids)
    return bitmap


def _rows(segment: Segment, ids: frozenset[str]) -> NDArray[np.bool_]:
    bitmap = np.zeros(len(segment), dtype=np.bool_)
    rows = segment.rows_of(ids)
    bitmap[rows[rows >= 0]] = True
    return bitmap


def soft_gains(segment: Segment, query: Query, rows: NDArray[np.int64], text: NDArray[np.float64], config: Config) -> NDArray[np.float64]:
    """Return what each soft term (row, in the order of SOFT_TERMS) adds to each of the documents `rows` whose words gave `text`.

    Together they add at most `soft_ceiling` of what the words gave.
    """
    gains = np.zeros((len(SOFT_TERMS), len(rows)), dtype=np.float64)
    for number, (name, gain) in enumerate((("industry_code", config.same_industry), ("region_code", config.same_region))):
        value = query.attributes.get(name)
        if value not in (None, ""):
            gains[number] = gain * segment.attributes.has(name, str(value), rows)
    given = query.attributes.get("readiness")
    if given not in (None, ""):
        levels = segment.attributes.readiness[rows]
        reached = levels <= int(given) if query.offering else levels >= int(given)
        gains[2] = config.readiness_reached * (reached & (levels > 0))
    together = gains.sum(axis=0)
    ceiling = config.soft_ceiling * text
    over = together > ceiling
    gains[:, over] *= ceiling[over] / together[over]
    return gains
