"""A Celery worker killed in the middle of a night in a running stack: the former places serve, and the run ends whole after its restart."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.factories.stacks import mortal_stack
from tests.story.client import wait_until

pytestmark = [pytest.mark.prove, pytest.mark.slow]
PLACES = (
    "SELECT demand_id::text, object_id::text, score, rank FROM matching_place p JOIN matching_run r ON r.id = p.run_id"
    " WHERE r.serving AND r.corpus = 'achievement' ORDER BY 1, 4"
)


def test_a_worker_killed_in_the_middle_of_a_night_costs_nobody_a_place_and_doubles_none(at_size: Callable[[int, int], int]) -> None:
    if not at_size(0, 1):
        pytest.skip("A site of its own takes most of a minute: proved by make prove. In every stage test_matching_killed.py dies.")
    demands = "600"
    with mortal_stack() as stack:

        def count(sentence: str) -> int:
            return int(stack.ask(f"SELECT count(*) FROM {sentence}")[0][0])

        def places() -> list[tuple[Any, ...]]:
            return stack.ask(PLACES)

        stack.inside("night", "of one process", demands, "锂电池")
        former = places()
        pieces = stack.inside("night", "of the workers", demands, "石墨烯")
        done = "matching_piece WHERE done_at IS NOT NULL"
        wait_until("a piece to be done", lambda: count(done))
        stack.kill("worker")
        assert 0 < count(done) < pieces == int(demands), "the worker was killed too late to prove anything"
        assert places() == former != []
        # The minutes have passed after which a run is taken up: messages that were lost, and such that were not, bring the same pieces.
        stack.ask("UPDATE matching_piece SET done_at = done_at - interval '3 minutes' WHERE done_at IS NOT NULL")
        stack.ask("UPDATE matching_run SET started_at = started_at - interval '3 minutes' WHERE finished_at IS NULL")
        stack.inside("night", "is looked after")
        assert places() == former
        stack.revive()
        wait_until("the run to serve", lambda: not count("matching_run WHERE finished_at IS NULL"), seconds=300)
        assert stack.ask("SELECT demands, answered FROM matching_run WHERE serving") == [(pieces, pieces)]
        ended = places()
        assert len(ended) == len({row[:2] for row in ended}) == 10 * pieces
        assert ended != former
        stack.inside("night", "of one process", demands, "石墨烯")
        assert places() == ended  # what nobody disturbed gives
