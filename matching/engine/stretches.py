"""Stretches of text that people read as one, in place of the overlapping terms that a ranking counts."""

import sys
from collections.abc import Iterable, Iterator
from operator import itemgetter

from matching.engine.documents import TermShare

# Where a term stands, and what it gave there.
Stretch = tuple[int, int, float]
_START, _END = itemgetter(0), itemgetter(1)
_BEHIND_ALL: Stretch = (sys.maxsize, sys.maxsize, 0.0)


def merged(field: str, text: str, found: Iterable[Stretch]) -> Iterator[TermShare]:
    """Merge what overlaps into one stretch, and equal stretches into one share, so people read words and not pairs of characters."""
    # By their beginnings, and of one beginning the longest first.
    ordered = sorted(sorted(found, key=_END, reverse=True), key=_START)
    ordered.append(_BEHIND_ALL)
    gathered: dict[str, tuple[list[float], list[tuple[int, int]]]] = {}
    first, last, gained = 0, 0, 0.0
    for start, end, gain in ordered:
        if start < last:
            if end > last:  # noqa: PLR1730 - this is the innermost loop of all explaining
                last = end
            gained += gain
            continue
        if last:
            words = text[first:last]
            if words in gathered:
                gains, places = gathered[words]
                gains.append(gained)
                places.append((first, last))
            else:
                gathered[words] = [gained], [(first, last)]
        first, last, gained = start, end, gain
    for words, (gains, places) in gathered.items():
        yield TermShare(words, sum(gains), field, tuple(places))
