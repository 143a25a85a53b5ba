"""Stretches of text that people read as one, in place of the overlapping terms that a ranking counts."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from operator import itemgetter

from matching.engine.documents import TermShare

# Where a term stands, and what it gave there.
Stretch = tuple[int, int, float]
_START, _END = itemgetter(0), itemgetter(1)


def merged(field: str, text: str, found: Iterable[Stretch]) -> Iterator[TermShare]:
    """Merge what overlaps into one stretch, and equal stretches into one share, so people read words and not pairs of characters."""
    # By their beginnings, and of one beginning the longest first.
    ordered = sorted(sorted(found, key=_END, reverse=True), key=_START)
    gathered: defaultdict[str, tuple[list[float], list[tuple[int, int]]]] = defaultdict(lambda: ([], []))
    at = 0
    while at < len(ordered):
        first, last, gained = ordered[at]
        at += 1
        while at < len(ordered) and ordered[at][0] < last:
            _, end, gain = ordered[at]
            last = max(last, end)
            gained += gain
            at += 1
        gains, places = gathered[text[first:last]]
        gains.append(gained)
        places.append((first, last))
    for words, (gains, places) in gathered.items():
        yield TermShare(words, sum(gains), field, tuple(places))
