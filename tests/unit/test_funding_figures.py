"""What a campaign's page says of the time that it is open yet."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils.translation import override

from marketplace.funding.models import Campaign
from marketplace.funding.web import presenting

NOW = datetime(2026, 11, 24, 4, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("left", "value", "zh", "en"),
    [
        (timedelta(days=18, hours=7), 18, "天", "days"),
        (timedelta(days=1, hours=23), 1, "天", "day"),
        (timedelta(hours=23, minutes=59), 23, "小时", "hours"),
        (timedelta(hours=1, minutes=59), 1, "小时", "hour"),
        (timedelta(minutes=59, seconds=59), 59, "分钟", "minutes"),
        (timedelta(minutes=1, seconds=59), 1, "分钟", "minute"),
        (timedelta(seconds=40), 40, "秒", "seconds"),
        (timedelta(milliseconds=40), 1, "秒", "second"),
    ],
)
def test_time_left_is_a_number_of_the_largest_unit_that_it_fills_and_never_none(left: timedelta, value: int, zh: str, en: str) -> None:
    campaign = Campaign(state="open", deadline=NOW + left, optimum_fen=1, max_funders=1)
    shown = presenting.figures(campaign, funders=0, now=NOW)[-1]
    assert shown["value"] == value
    for language, unit in (("zh-hans", zh), ("en", en)):
        with override(language):
            assert str(shown["unit"]) == unit
