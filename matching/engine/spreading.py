"""Room for many: no team fills a page alone, and one of ten places is kept for whoever is new or small."""

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from heapq import heappop, heappush

from matching.engine.documents import Hit

PAGE = 10
MOST_OF_ONE_TEAM = 2
# A guaranteed place goes to somebody among this many more than the page shows, whose score is this share of the one it replaces.
LOOKED_AT = 20
LEAST_SHARE = 0.8

# As many as the ten places of a page are chosen from.
DEPTH = PAGE + LOOKED_AT
# Whoever has a place on a page has at most so many ahead of it among the first two of each team in its own shard: nine that have
# places too, and two of each of the four teams whose two places others took.
_AHEAD = (PAGE - 1) + MOST_OF_ONE_TEAM * ((PAGE - 1) // MOST_OF_ONE_TEAM)

Favoured = Callable[[Sequence[str]], Collection[str]]


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


def guaranteed(ranked: Sequence[Hit], placed: Sequence[Hit], k: int, favoured: Collection[str]) -> tuple[list[Hit], frozenset[str]]:
    """Return the first k, whole tens, with a favoured one in each ten where one comes close, and the ids of those that it lifted.

    Of each ten places the last goes to the best favoured document among the best ranked, up to twenty behind the ten, if none stands among
    them already and its score is at least 0.8 of the one that stood there. That one and all behind it move down by one. Only what was
    ranked is ever placed, so whatever is lifted shares a term with the query.
    """
    order, lifted = list(placed), set()
    for first in range(0, k, PAGE):
        last = first + PAGE
        page = order[first:last]
        if len(page) < PAGE or any(hit.document.id in favoured for hit in page):
            continue
        ahead = {hit.document.id for hit in order[:last]}
        close = (hit for hit in ranked[: last + LOOKED_AT] if hit.document.id in favoured and hit.document.id not in ahead)
        best = next(close, None)
        if best is None or best.score < LEAST_SHARE * page[-1].score:
            continue
        order = [hit for hit in order if hit is not best]
        order.insert(last - 1, best)
        lifted.add(best.document.id)
    return order[:k], frozenset(lifted)


def guaranteed_search(search: Callable[[int], list[Hit]], k: int, favoured: Favoured | None) -> tuple[list[Hit], frozenset[str]]:
    """Return the first k spread over teams, with the places that are kept for the favoured, and who got one; None keeps none.

    Places are given in whole tens, so whoever asks for fewer gets the beginning of these, and nobody is lifted to a place before the tenth.
    `favoured` is asked once, which of those that were found are.
    """
    if favoured is None:
        return spread_search(search, k), frozenset()
    ranked: list[Hit] = []

    def looked_up(depth: int) -> list[Hit]:
        ranked[:] = search(max(depth, tens + LOOKED_AT))
        return ranked

    tens = -(-k // PAGE) * PAGE
    placed = spread_search(looked_up, tens)
    if not ranked:
        return placed, frozenset()
    whole, lifted = guaranteed(ranked, placed, tens, favoured([hit.document.id for hit in ranked]))
    return whole[:k], lifted.intersection(hit.document.id for hit in whole[:k])


def enough_for_a_page(teams: Sequence[str | None]) -> bool:
    """Tell whether the best of a shard, of these teams, hold all of its documents that can have a place on the first page of the whole
    corpus.
    """
    of_team = Counter(teams)
    placeable = sum(count if team is None else min(count, MOST_OF_ONE_TEAM) for team, count in of_team.items())
    return len(teams) >= DEPTH and placeable > _AHEAD
