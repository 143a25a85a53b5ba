import re
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from django.utils.translation import override

from marketplace.web import charts
from marketplace.web.templatetags import svg

NOW = datetime(2026, 11, 22, 1, 40, tzinfo=UTC)


def widths(picture: str, css: str) -> list[float]:
    return [float(width) for width in re.findall(rf'<rect class="{css}"[^>]* width="([\d.]+)%"', picture)]


def bar(**changes: object) -> str:
    usual = {"confirmed": 9_000, "cooling": 1_000, "marks": [charts.Mark(10_000, "goal")], "failed": False, "title": "t", "desc": "d"}
    return str(charts.funding_bar(**{**usual, **changes}))  # type: ignore[arg-type]


def test_a_funding_bar_reaches_to_107_percent_of_its_last_mark() -> None:
    assert widths(bar(), "f-money") == [pytest.approx(100 * 9_000 / 10_700, abs=0.001)]


def test_money_that_may_still_be_withdrawn_is_hatched_after_the_confirmed() -> None:
    left, width = re.findall(r'<rect x="([\d.]+)%" y="6" width="([\d.]+)%"', bar())[0]
    assert (float(left), float(width)) == (pytest.approx(84.112), pytest.approx(9.346))


def test_what_pools_add_stands_behind_all_pledges_and_nowhere_without_them() -> None:
    assert widths(bar(), "f-brand") == []
    added = bar(matched=500)
    assert widths(added, "f-brand") == [pytest.approx(100 * 500 / 10_700, abs=0.001)]
    assert added.index("f-brand") > added.index('fill="url(')


def test_an_overfunded_bar_grows_its_scale_instead_of_leaving_the_page() -> None:
    picture = bar(confirmed=30_000, cooling=0)
    assert widths(picture, "f-money")[0] <= 100
    assert max(float(x) for x in re.findall(r'x1="([\d.]+)%"', picture)) < 40


def test_a_failed_campaign_is_grey_not_teal() -> None:
    assert widths(bar(failed=True), "f-money") == []
    assert len(widths(bar(failed=True), "f-grey")) == 1


def test_marks_close_together_do_not_write_over_each_other() -> None:
    picture = bar(marks=[charts.Mark(6_000, "low"), charts.Mark(10_000, "high")])
    assert re.findall(r'text-anchor="(\w+)">(?:low|high)', picture) == ["end", "end"]


def test_the_terms_of_a_match_take_their_share_in_a_fixed_order_of_colours() -> None:
    picture = str(charts.stacked_bar(values=[0.33, 0.21, 0.14], total=1, title="t", desc="d"))
    assert [widths(picture, f"t{n}")[0] for n in (1, 2, 3)] == [pytest.approx(32.8), pytest.approx(20.8), pytest.approx(13.8)]


def test_a_term_has_its_own_colour_also_where_others_are_missing() -> None:
    terms = [SimpleNamespace(label="b", value=0.2, place=2), SimpleNamespace(label="e", value=0.1, place=5)]
    picture = str(svg.term_bar(terms))
    assert [widths(picture, f"t{place}")[0] for place in range(1, 6)] == [0, pytest.approx(19.8), 0, 0, pytest.approx(9.8)]


def test_milestones_are_as_wide_as_their_money_and_filled_as_far_as_they_are_done() -> None:
    picture = str(charts.milestone_bar(shares=[30, 70], done=[1.0, 0.5], title="t", desc="d"))
    assert widths(picture, "f-none") == [pytest.approx(29.5), pytest.approx(69.5)]
    assert widths(picture, "f-money") == [pytest.approx(29.5), pytest.approx(34.75)]


def test_a_waterfall_ends_on_its_total() -> None:
    data = [charts.Column("in", 60, "60"), charts.Column("out", -20, "−20"), charts.Column("left", 40, "40", css="f-text", total=True)]
    heights = [
        float(h) for h in re.findall(r'<rect class="f-\w+"[^>]* height="([\d.]+)"', str(charts.waterfall(data=data, title="t", desc="d")))
    ]
    assert heights[0] == pytest.approx(heights[1] + heights[2], abs=0.2)


def test_pictures_name_and_describe_themselves_and_escape_what_they_are_told() -> None:
    picture = bar(title="<script>", desc="a & b")
    assert "<title" in picture
    assert "&lt;script&gt;</title>" in picture
    assert "a &amp; b</desc>" in picture


def test_two_pictures_on_a_page_do_not_share_ids() -> None:
    ids = re.findall(r' id="([^"]+)"', bar() + bar())
    assert len(ids) == len(set(ids)) == 6


def test_no_picture_needs_a_style_attribute() -> None:
    pictures = [
        bar(),
        charts.heat(rows=[("a", [0, 1, 9])], heads=["", "1", ""], title="t", desc="d"),
        charts.columns(data=[charts.Column("a", -3, "−3"), charts.Column("b", 4, "4")], title="t", desc="d"),
        charts.steps(points=[(0.1, 3), (0.5, 9)], guides=[], top=10, ends=("a", "b"), shown="9", title="t", desc="d"),
        charts.sparkline(values=[1, 3, 2], title="t", desc="d"),
        charts.ring(left=0.4),
    ]
    assert [" style" in str(picture) for picture in pictures] == [False] * 6


@pytest.mark.parametrize(
    ("left", "zh", "en"),
    [
        (timedelta(days=18, hours=7), "剩 18 天", "18 days left"),
        (timedelta(days=2, hours=3), "剩 2 天 3 小时", "2 d 3 h left"),
        (timedelta(hours=5, minutes=12), "剩 5 小时 12 分", "5 h 12 min left"),
        (timedelta(seconds=40), "剩 40 秒", "40 s left"),
    ],
)
def test_time_left_is_finer_as_it_gets_shorter(left: timedelta, zh: str, en: str) -> None:
    with override("zh-hans"):
        assert svg.words_left(left) == zh
    with override("en"):
        assert svg.words_left(left) == en


@pytest.mark.parametrize(("left", "css"), [(4, "clock"), (2, "clock soon"), (-1, "clock past")])
def test_a_deadline_turns_amber_under_three_days_and_grey_when_past(left: int, css: str) -> None:
    assert str(svg.clock(NOW + timedelta(days=left), NOW)).startswith(f'<span class="{css}">')
