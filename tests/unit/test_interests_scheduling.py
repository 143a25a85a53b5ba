"""When digests are due: exact moments, in hours of Asia/Shanghai."""

from datetime import UTC, datetime, timedelta

import pytest

from marketplace.interests.scheduling import Schedule

NINE_DAILY = Schedule("daily", 0, 9, 22, 7)
MONDAYS = Schedule("weekly", 0, 9, 22, 7)


def at(text: str) -> datetime:
    """A moment written in Beijing time."""
    return datetime.fromisoformat(f"{text}+08:00")


@pytest.mark.parametrize(
    ("schedule", "moment", "due"),
    [
        (NINE_DAILY, "2026-11-23T08:59:59", "2026-11-23T09:00"),
        (NINE_DAILY, "2026-11-23T09:00:00", "2026-11-24T09:00"),
        (NINE_DAILY, "2026-12-31T23:30:00", "2027-01-01T09:00"),
        (MONDAYS, "2026-11-23T08:00:00", "2026-11-23T09:00"),
        (MONDAYS, "2026-11-23T09:00:01", "2026-11-30T09:00"),
        (MONDAYS, "2026-11-29T23:00:00", "2026-11-30T09:00"),
        (Schedule("weekly", 6, 0, 7, 7), "2026-11-23T12:00:00", "2026-11-29T00:00"),
    ],
)
def test_the_next_time_is_the_first_of_the_schedule_that_is_later(schedule: Schedule, moment: str, due: str) -> None:
    found = schedule.next_after(at(moment))
    assert found == at(due)
    assert found.utcoffset() == timedelta(0)


def test_a_moment_in_any_zone_is_judged_by_beijing_s_hours() -> None:
    # 01:30 of the 24th in Beijing.
    late = datetime(2026, 11, 23, 17, 30, tzinfo=UTC)
    assert NINE_DAILY.is_quiet(late)
    assert NINE_DAILY.next_after(late) == at("2026-11-24T09:00")


@pytest.mark.parametrize(
    ("quiet", "hours"),
    [((22, 7), {22, 23, 0, 1, 2, 3, 4, 5, 6}), ((12, 14), {12, 13}), ((7, 7), set()), ((0, 1), {0})],
)
def test_quiet_hours_end_before_their_last_hour_and_may_span_midnight(quiet: tuple[int, int], hours: set[int]) -> None:
    schedule = Schedule("daily", 0, 9, *quiet)
    assert {hour for hour in range(24) if schedule.is_quiet_at(hour)} == hours


@pytest.mark.parametrize(
    ("quiet", "moment", "end"),
    [
        ((22, 7), "2026-11-23T22:00:00", "2026-11-24T07:00"),
        ((22, 7), "2026-11-24T06:59:59", "2026-11-24T07:00"),
        ((12, 14), "2026-11-23T13:10:00", "2026-11-23T14:00"),
    ],
)
def test_what_falls_into_the_quiet_hours_waits_for_their_end(quiet: tuple[int, int], moment: str, end: str) -> None:
    assert Schedule("daily", 0, 9, *quiet).after_quiet(at(moment)) == at(end)


def test_outside_the_quiet_hours_nothing_waits() -> None:
    moment = at("2026-11-23T21:59:59")
    assert NINE_DAILY.after_quiet(moment) is moment
