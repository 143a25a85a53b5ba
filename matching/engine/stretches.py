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
    stretches: list[Stretch] = []
    for start, end, gain in ordered:
        if stretches and start < stretches[-1][1]:
            first, last, sum_ = stretches[-1]
            stretches[-1] = (first, max(last, end), sum_ + gain)
        else:
            stretches.append((start, end, gain))
    gathered: dict[str, list[Stretch]] = defaultdict(list)
    for stretch in stretches:
        gathered[text[stretch[0] : stretch[1]]].append(stretch)
    for words, places in gathered.items():
        yield TermShare(words, sum(gain for _, _, gain in places), field, tuple((start, end) for start, end, _ in places))
