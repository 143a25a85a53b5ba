"""Room for many: no team fills a page alone."""

from collections import Counter
from collections.abc import Callable, Sequence

from matching.engine.documents import Hit

PAGE = 10
MOST_OF_ONE_TEAM = 2


def spread(ranked: Sequence[Hit]) -> tuple[list[Hit], int]:
    """Return the hits with at most two of one team in each ten, and how many of the first keep their place whatever hits may follow.

    What is too many for a page waits for the next one; where nothing else is left it fills the page, so nothing is lost. Whoever names
    no team is never too many.
    """
    waiting = list(ranked)
    placed: list[Hit] = []
    settled = None
    while waiting:
        page: list[Hit] = []
        later: list[Hit] = []
        of_team: Counter[str] = Counter()
        for hit in waiting:
            team = hit.document.text_attribute("team")
            if len(page) == PAGE or (team is not None and of_team[team] == MOST_OF_ONE_TEAM):
                later.append(hit)
            else:
                page.append(hit)
                if team is not None:
                    of_team[team] += 1
        if len(page) < PAGE and settled is None:
            settled = len(placed) + len(page)
        filling = PAGE - len(page)
        placed += page + later[:filling]
        waiting = later[filling:]
    return placed, len(placed) if settled is None else settled


def spread_search(search: Callable[[int], list[Hit]], k: int) -> list[Hit]:
    """Return the first k of all hits spread over teams; `search` gives the best so many, and is asked for more only where it matters."""
    depth = 3 * k
    while True:
        found = search(depth)
        placed, settled = spread(found)
        if settled >= k or len(found) < depth:
            return placed[:k]
        depth *= 4
