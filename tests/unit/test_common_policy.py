"""Durations: what a deployment may shorten, and what an object keeps from the day it was born."""

import pytest
from django.core.checks import run_checks
from pytest_django import Settings

from marketplace.common import policy
from marketplace.config.settings import dev

DAY = 86_400


def refused() -> set[str]:
    """The durations that the deployment check names."""
    return {str(error.msg).split("'")[1] for error in policy.floors_hold()}


def test_the_defaults_stand_on_or_above_their_floors(settings: Settings) -> None:
    settings.POLICY = {}
    assert refused() == set()


def test_the_demonstration_s_times_are_refused_for_a_deployment(settings: Settings) -> None:
    settings.POLICY = dev.POLICY
    assert refused() == {"cooling_off_seconds", "publicity_seconds", "account_freeze_seconds", "bank_return_seconds"}


@pytest.mark.parametrize(("name", "floor"), sorted(policy.FLOORS.items()))
def test_a_floor_is_met_exactly_and_not_a_second_less(settings: Settings, name: str, floor: int) -> None:
    settings.POLICY = {name: floor}
    assert refused() == set()
    settings.POLICY = {name: floor - 1}
    assert refused() == {name}


def test_the_check_is_asked_at_deployment_and_not_before(settings: Settings) -> None:
    settings.POLICY = {"cooling_off_seconds": 1}
    found = {error.id for error in run_checks(include_deployment_checks=True)}
    assert "common.E001" in found
    assert "common.E001" not in {error.id for error in run_checks()}


def test_an_object_keeps_the_times_it_was_born_with(settings: Settings) -> None:
    settings.POLICY = {"review_seconds": 3 * DAY}
    kept = policy.stamp()
    settings.POLICY = {"review_seconds": 9 * DAY}
    assert policy.Policy.from_json(kept).review_seconds == 3 * DAY
    assert policy.current().review_seconds == 9 * DAY


def test_a_time_that_was_unknown_at_birth_takes_today_s_value_and_a_forgotten_one_is_left_out(settings: Settings) -> None:
    settings.POLICY = {"clearing_seconds": 11}
    read = policy.Policy.from_json({"review_seconds": "60", "no_longer_a_rule": 5})
    assert (read.review_seconds, read.clearing_seconds) == (60, 11)


def test_a_misspelt_time_is_not_silently_ignored(settings: Settings) -> None:
    settings.POLICY = {"cooling_of_seconds": 5}
    with pytest.raises(TypeError):
        policy.current()
