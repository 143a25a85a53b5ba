"""Room for many: no team fills a page alone."""

from collections import Counter
from collections.abc import Callable, Sequence
from heapq import heappop, heappush

from matching.engine.documents import Hit

PAGE = 10
MOST_OF_ONE_TEAM = 2


def spread(ranked: Sequence[Hit], k: int) -> tuple[list[Hit], int]:
    """Return the first k with at most two of one team in each ten, and how many of them keep their place whatever hits may follow.

    What is too many for a page waits for the next one; where nothing else is left it fills the page, so nothing is lost. Whoever names
    no team is never too many. Each hit is looked at once, and only k are placed.
    """
    teams = [hit.document.text_attribute("team") for hit in ranked]
    nearest, following = _queues(teams)
    placed: list[int] = []
    settled = None
    while nearest and len(placed) < k:
        end = min(len(placed) + PAGE, k)
        of_team: Counter[str | None] = Counter()
        waiting: list[int] = []
        while nearest and len(placed) < end:
            rank = heappop(nearest)
            placed.append(rank)
            of_team[teams[rank]] += 1
            if rank in following:
                heappush(waiting if of_team[teams[rank]] == MOST_OF_ONE_TEAM else nearest, following[rank])
        if len(placed) < end and settled is None:
            settled = len(placed)
        while waiting and len(placed) < end:
            rank = heappop(waiting)
            placed.append(rank)
            if rank in following:
                heappush(waiting, following[rank])
        for rank in waiting:
            heappush(nearest, rank)
    return [ranked[rank] for rank in placed], len(placed) if settled is None else settled


def _queues(teams: Sequence[str | None]) -> tuple[list[int], dict[int, int]]:
    """Return the first rank of each team, and which rank follows each within its team; whoever names no team is a queue of one.

    The first ranks ascend, so they are a heap.
    """
    first: list[int] = []
    following: dict[int, int] = {}
    last: dict[str, int] = {}
    for rank, team in enumerate(teams):
        before = None if team is None else last.get(team)
        if before is None:
            first.append(rank)
        else:
            following[before] = rank
        if team is not None:
            last[team] = rank
    return first, following


def spread_search(search: Callable[[int], list[Hit]], k: int) -> list[Hit]:
    """Return the first k of all hits spread over teams; `search` gives the best so many, and is asked for more only where it matters."""
    depth = 3 * k
    while True:
        found = search(depth)
        placed, settled = spread(found, k)
        if settled >= k or len(found) < depth:
            return placed
        depth *= 4
