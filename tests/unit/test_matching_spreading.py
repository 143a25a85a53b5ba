"""No team fills a page of matches alone, and nothing is lost by that."""

from collections import Counter
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from matching.engine.documents import Document, Hit
from matching.engine.spreading import MOST_OF_ONE_TEAM, PAGE, spread, spread_search

TEAMS = st.lists(st.sampled_from(["A", "A", "B", "C", None]), max_size=60)


def hits(teams: list[str | None]) -> list[Hit]:
    return [Hit(Document(id=f"{rank:02}", attributes={"team": team}), 1.0 - rank / 100, 0.0, {}) for rank, team in enumerate(teams)]


def ids(found: list[Hit]) -> list[str]:
    return [hit.document.id for hit in found]


def plainly_spread(ranked: list[Hit]) -> tuple[list[Hit], int]:
    """Fill one place after the other, with the best whose team has room on the page, or with the best where none has."""
    waiting, settled = list(ranked), len(ranked)
    placed: list[Hit] = []
    while waiting:
        page = placed[len(placed) - len(placed) % PAGE :]
        of_team = Counter(hit.document.text_attribute("team") for hit in page)
        of_team[None] = 0
        fitting = [hit for hit in waiting if of_team[hit.document.text_attribute("team")] < MOST_OF_ONE_TEAM]
        if not fitting:
            settled = min(settled, len(placed))
        placed.append((fitting or waiting)[0])
        waiting.remove(placed[-1])
    return placed, settled


def test_the_third_of_a_team_waits_for_the_next_ten() -> None:
    teams: list[str | None] = ["A", "A", "A", "B", *[None] * 8]
    assert ids(spread(hits(teams), 12)[0]) == ["00", "01", "03", "04", "05", "06", "07", "08", "09", "10", "02", "11"]


def test_a_team_alone_is_shown_whole() -> None:
    assert ids(spread(hits(["A"] * 13), 13)[0]) == [f"{rank:02}" for rank in range(13)]


@settings(deadline=None, max_examples=60)
@given(TEAMS)
def test_each_ten_hold_at_most_two_of_a_team_while_others_are_left(teams: list[str | None]) -> None:
    ranked = hits(teams)
    placed, settled = spread(ranked, len(ranked))
    assert sorted(ids(placed)) == ids(ranked)
    for first in range(0, settled - settled % 10, 10):
        of_team = Counter(hit.document.attributes["team"] for hit in placed[first : first + 10])
        assert all(count <= 2 for team, count in of_team.items() if team is not None)


@settings(deadline=None, max_examples=60)
@given(TEAMS, st.integers(0, 70))
def test_the_first_k_are_those_of_the_plain_definition(teams: list[str | None], k: int) -> None:
    ranked = hits(teams)
    everything, settled = plainly_spread(ranked)
    assert spread(ranked, k) == (everything[:k], min(settled, k))


class Watched(dict[str, str | int | None]):
    """Attributes that count how often they are read."""

    reads = 0

    def get(self, *name: Any) -> Any:
        self.reads += 1
        return super().get(*name)


def test_a_thousand_of_one_team_are_read_once_a_search_and_not_page_after_page() -> None:
    attributes = Watched(team="A")
    ranked = [Hit(Document(id=f"{rank:04}", attributes=attributes), 1.0, 0.0, {}) for rank in range(1000)]
    assert spread_search(lambda depth: ranked[:depth], 100) == ranked[:100]
    assert attributes.reads == 300 + 1000


@settings(deadline=None, max_examples=60)
@given(TEAMS.map(lambda teams: ["A"] * 30 + teams))
def test_asking_for_few_gives_the_first_of_all(teams: list[str | None]) -> None:
    ranked = hits(teams)
    everything = ids(spread(ranked, len(ranked))[0])
    for k in (0, 1, 5, 10, 14):
        assert ids(spread_search(lambda depth: ranked[:depth], k)) == everything[:k]
