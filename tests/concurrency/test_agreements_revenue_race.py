"""Two reports of one agreement divided at the same moment: its row lock lets the second count what the first has paid."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db.models import Sum
from django.test import override_settings

from marketplace.agreements.models import Distribution, RevenueReport
from marketplace.treasury.services.checking import check
from marketplace.workflow import registry
from marketplace.workflow.performing import perform
from tests.factories import accounts
from tests.factories.agreements import approved, reported, tiered
from tests.factories.racing import outcomes, race

pytestmark = [pytest.mark.django_db(transaction=True, databases=["default", "owner"]), pytest.mark.usefixtures("opener")]
CAPS = 120 + 39


@pytest.fixture(autouse=True)
def _files_of_their_own(tmp_path: Any) -> Iterator[None]:
    with override_settings(MEDIA_ROOT=tmp_path / "files"):
        yield


def divided_at_once() -> int:
    """Each of two years would fill both caps by itself; returns what the funders were given."""
    active = tiered(costs_cap_fen=0)
    officer = accounts.staff_actor("finance")
    waiting = [approved(reported(active, year=year, shared=500)).pk for year in (2026, 2027)]
    jobs = [lambda pk=pk: perform("distribute", RevenueReport.objects.get(pk=pk), officer) for pk in waiting]
    assert outcomes(race(*jobs, after="marketplace.agreements.services.standing.before")) == ["done", "done"]
    return Distribution.objects.filter(tier=2).aggregate(fen=Sum("fen"))["fen"]


def test_two_years_divided_at_once_keep_to_the_caps_together() -> None:
    assert divided_at_once() == CAPS


@pytest.mark.breaks_books("both years filled the same caps")
def test_without_the_agreement_s_lock_both_years_fill_the_same_caps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(registry.named("revenue").locks, "distribute")
    assert divided_at_once() == 2 * CAPS
    assert {found.rule.code for found in check()} == {"B10b"}
