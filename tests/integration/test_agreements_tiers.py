"""The terms of later revenue: tiers that fit together, signed as they are and standing from then on, and what the law says of them."""

import json
from contextlib import nullcontext

import pytest
from django.db import IntegrityError, transaction

from marketplace.agreements import errors
from marketplace.agreements.models import Agreement
from marketplace.agreements.services import drawing
from marketplace.agreements.services.rewards import reward_hint
from marketplace.funding.models import Campaign
from marketplace.workflow.performing import perform
from tests.factories import accounts, agreements, funding

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("opener")]


@pytest.mark.parametrize(
    ("terms", "field"),
    [
        ({"funders_cap_bp": 10_000}, "funders_cap_bp"),  # there is no campaign
        ({"unit_share_ppm": 300_000, "region_share_ppm": 100_000}, "region_body"),
        ({"costs_cap_fen": -1}, "costs_cap_fen"),
    ],
)
def test_tiers_that_do_not_fit_together_are_refused_at_their_field(terms: dict[str, int], field: str) -> None:
    with pytest.raises(errors.TiersNotFitting) as refused:
        agreements.drawn(funding.awarded_demand(), **terms)
    assert list(refused.value.fields) == [field]


def test_what_funders_accepted_with_their_pledges_binds_the_agreement_and_everybody_signs_its_hash() -> None:
    demand = agreements.challenge_awarded()
    campaign = agreements.captured(demand, 100_000)
    for cap in (0, 14_999, 15_001):
        with pytest.raises(errors.TiersNotFitting) as refused:
            agreements.drawn(demand, campaign, funders_cap_bp=cap)
        assert list(refused.value.fields) == ["funders_cap_bp"]
    made = agreements.drawn(demand, campaign)
    assert made.funders_cap_bp == 15_000
    with pytest.raises(errors.TiersNotFitting):
        perform("revise", made, accounts.actor_for(made.company), terms={"funders_cap_bp": 12_000})
    assert made.document.count(campaign.terms_sha256) == 2
    # Drawn up before this was so, it is not frozen either.
    Agreement.objects.filter(pk=made.pk).update(funders_cap_bp=12_000)
    with pytest.raises(errors.TiersNotFitting):
        perform("freeze_text", made, accounts.actor_for(made.company))
    Agreement.objects.filter(pk=made.pk).update(funders_cap_bp=15_000)
    made = perform("freeze_text", made, accounts.actor_for(made.company))
    statement = json.loads(bytes(made.statement))
    assert (statement["campaign"], statement["campaign_terms_sha256"]) == (str(campaign.pk), campaign.terms_sha256)


def test_an_instrument_without_a_share_in_revenue_has_no_cap_on_it() -> None:
    loan = Campaign(terms={"instrument": "loan_intent", "version": "2026-1"})
    for cap, fits in ((0, True), (12_000, False)):
        terms = agreements.terms(funders_cap_bp=cap)
        with nullcontext() if fits else pytest.raises(errors.TiersNotFitting):
            drawing.write_terms(Agreement(campaign=loan), terms)
    drawing.write_terms(Agreement(campaign=Campaign()), agreements.terms(funders_cap_bp=12_000))  # from before there were terms


def test_a_region_s_share_goes_to_a_verified_service_provider_and_what_was_frozen_stands() -> None:
    shares = {"inventor_share_ppm": 500_000, "unit_share_ppm": 400_000, "region_share_ppm": 100_000}
    demand = funding.awarded_demand()
    with pytest.raises(errors.TiersNotFitting):
        agreements.drawn(demand, **shares, region_body=accounts.organisation("company"))
    body = accounts.organisation("service")
    made = agreements.drawn(demand, **shares, region_body=body, costs_cap_fen=123_456)
    for said in (body.uscc, "1,234.56", "10.0000%", "不参与", "funders take no part"):
        assert said in made.document
    made = perform("freeze_text", made, accounts.actor_for(made.company))
    assert json.loads(bytes(made.statement))["revenue"] == {
        "costs_cap_fen": 123_456, "funders_cap_bp": 0, "region_body": str(body.pk), "reward_agreed": False, **shares,
    }  # fmt: skip
    with pytest.raises(IntegrityError, match="stand once its text is frozen"), transaction.atomic():
        Agreement.objects.filter(pk=made.pk).update(inventor_share_ppm=400_000, unit_share_ppm=500_000)


def test_the_law_is_told_where_inventors_have_less_than_half_of_what_they_share_with_their_institution() -> None:
    def hint(inventors: int, unit: int, *, agreed: bool = False) -> str:
        return str(reward_hint(Agreement(inventor_share_ppm=inventors, unit_share_ppm=unit, reward_agreed=agreed)) or "")

    assert hint(450_000, 450_000) == hint(0, 0) == ""
    assert "49.9999%" in hint(499_999, 500_001)
    assert "单位未规定、也未与科技人员约定" in hint(400_000, 500_000)
    assert "国家设立的高校院所" in hint(400_000, 500_000, agreed=True)
