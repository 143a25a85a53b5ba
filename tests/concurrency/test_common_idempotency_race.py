"""Two requests with one Idempotency-Key at the same moment: the work is done once."""

from functools import partial
from typing import Any

import pytest

from marketplace.common import idempotency
from tests.factories.locks import without_lock
from tests.factories.racing import outcomes, race

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])
DONE, BEGUN = (201, {"by": "whoever was first"}), "marketplace.common.prepared.insert"


class Work:
    """Counts how often it was begun."""

    def __init__(self) -> None:
        self.begun = 0

    def __call__(self) -> tuple[int, Any]:
        self.begun += 1
        return DONE


def two_requests(work: Work, *keys: str, wait: bool = False) -> list[Any]:
    """The first has done its work and not stored its answer when the other comes."""
    once = partial(idempotency.once, actor_key="me", fingerprint=b"\x01" * 32, run=work, wait=wait)
    return race(*(partial(once, key=key) for key in keys), before=BEGUN)


def test_a_twin_that_comes_while_the_first_still_works_is_told_to_wait() -> None:
    work = Work()
    assert outcomes(two_requests(work, "k", "k")) == ["done", "idempotency_key_in_use"]
    assert work.begun == 1


def test_a_twin_that_would_rather_wait_is_given_the_firsts_answer() -> None:
    work = Work()
    assert two_requests(work, "k", "k", wait=True) == [(*DONE, False), (*DONE, True)]
    assert work.begun == 1


def test_other_keys_do_not_wait() -> None:
    work = Work()
    assert two_requests(work, "k", "l") == [(*DONE, False)] * 2
    assert work.begun == 2


def test_twin_without_the_lock_the_work_is_begun_twice_and_the_second_breaks_off() -> None:
    work = Work()
    with without_lock("the key"):
        assert outcomes(two_requests(work, "k", "k")) == ["IntegrityError", "done"]
    assert work.begun == 2
