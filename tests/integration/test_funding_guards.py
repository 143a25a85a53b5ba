"""What the database itself refuses of campaigns and pledges, whoever asks."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from marketplace.common import clock
from marketplace.funding import risk
from marketplace.funding.models import Campaign, Pledge
from tests.factories import funding, roles

pytestmark = pytest.mark.django_db


def changed(campaign: Campaign, **fields: Any) -> bool:
    """Whether the database takes these values for the campaign."""
    try:
        with transaction.atomic():
            return bool(Campaign.objects.filter(pk=campaign.pk).update(**fields))
    except IntegrityError:
        return False


def test_an_open_campaigns_deadline_moves_once_later_and_with_the_first_beside_it() -> None:
    campaign = funding.campaign()
    first, later, earlier = campaign.deadline, campaign.deadline + timedelta(days=9), campaign.deadline - timedelta(days=1)
    assert not changed(campaign, deadline=later)
    assert not changed(campaign, extended_from=first)
    assert not changed(campaign, deadline=earlier, extended_from=first)
    assert not changed(campaign, deadline=later, extended_from=earlier)
    assert changed(campaign, deadline=later, extended_from=first)
    assert not changed(campaign, deadline=later + timedelta(days=1))
    assert not changed(campaign, deadline=later + timedelta(days=1), extended_from=later)


def test_before_its_opening_a_campaigns_deadline_is_the_companys_to_change() -> None:
    campaign = funding.campaign(until="submitted")
    assert changed(campaign, deadline=campaign.deadline - timedelta(days=1))


@pytest.mark.parametrize("state", ["cooling_off", "firm", "captured", "released"])
def test_a_pledge_written_in_any_later_state_rests_on_a_valid_assessment(state: str) -> None:
    funder = funding.funder()
    campaign = funding.campaign([funder])
    now = clock.now()
    fields: dict[str, Any] = {"campaign": campaign, "organisation": funder, "fen": 50_000, "risk_version": risk.VERSION}
    fields |= {"state": state, "accepted_at": now, "created_at": now, "updated_at": now}
    with pytest.raises(IntegrityError, match="suitability"), transaction.atomic():
        Pledge.objects.create(**fields)
    begun = Pledge.objects.create(**{**fields, "state": "intent"})
    with pytest.raises(IntegrityError, match="suitability"), transaction.atomic():
        Pledge.objects.filter(pk=begun.pk).update(state=state)
    assert Pledge.objects.create(**{**fields, "state": "expired"}).state == "expired"


@pytest.mark.django_db(databases=["default", "owner"])
def test_assessments_are_neither_changed_nor_emptied_and_every_guard_is_always_awake() -> None:
    assert roles.guarded("funding_suitability") == {"funding_suitability": {8, 16, 32}}
    ours = [(name, awake) for table, name, _, awake in roles.guards("funding_") if name != "final_state"]
    assert len(ours) == 17
    assert {awake for _, awake in ours} == {"A"}
