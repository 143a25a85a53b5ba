"""What a campaign offers: its terms and its use of funds, from the draft to the pledge that signs them."""

from typing import Any

import pytest
from django.db import IntegrityError, transaction

from ledger.app.models import Disclosure
from marketplace.common.errors import Invalid
from marketplace.common.ids import uuid7
from marketplace.funding import errors, terms
from marketplace.funding.models import Campaign, PlanLine, Pledge
from marketplace.funding.promises import PromisesReturn
from marketplace.funding.services import campaigning, pledging
from marketplace.workflow.performing import perform
from tests.factories import accounts, funding

pytestmark = pytest.mark.django_db

GRANT = {"instrument": "grant", "purpose_zh": "中试线验证", "reporting": "final", "report_days": 30}


def edited(campaign: Campaign, **fields: Any) -> Campaign:
    return campaigning.campaign_edit(campaign=campaign, actor=accounts.actor_for(campaign.organisation), fields=fields)


def submitted(campaign: Campaign) -> Campaign:
    return perform("submit", campaign, accounts.actor_for(campaign.organisation))


def line(fen: Any = 600_000, **changes: Any) -> dict[str, Any]:
    return {"category": "testing", "purpose_zh": "台架试验", "fen": fen, **changes}


def changed(rows: Any, **fields: Any) -> bool:
    """Whether the database takes these values."""
    try:
        with transaction.atomic():
            return bool(rows.update(**fields))
    except IntegrityError:
        return False


def test_a_draft_may_lack_its_offer_and_what_goes_to_review_may_not() -> None:
    campaign = funding.campaign(until="draft", terms=None, use_of_funds=[])
    assert (campaign.instrument, campaign.terms, campaign.terms_sha256) == ("", {}, "")
    with pytest.raises(errors.CampaignIncomplete) as refused:
        submitted(campaign)
    assert set(refused.value.fields) == {"terms", "use_of_funds"}
    campaign = edited(campaign, terms=GRANT, use_of_funds=[line()])
    assert submitted(campaign).state == "submitted"


def test_the_use_of_funds_sums_to_the_optimum_to_the_fen() -> None:
    campaign = funding.campaign(until="draft")
    row = Campaign.objects.filter(pk=campaign.pk)
    for fen in (599_999, 600_001):
        edited(campaign, use_of_funds=[line(fen - 1), line(1)])
        with pytest.raises(errors.CampaignIncomplete) as refused:
            submitted(campaign)
        assert list(refused.value.fields) == ["use_of_funds"]
        assert "6,000.00" in str(refused.value)
        with pytest.raises(IntegrityError, match=f"is {fen} fen in all, not its optimum of 600000"), transaction.atomic():
            row.update(state="submitted")


def test_the_database_lets_no_campaign_to_review_without_terms_of_its_instrument() -> None:
    campaign = funding.campaign(until="draft")
    row = Campaign.objects.filter(pk=campaign.pk)
    for wrong in ({"terms_sha256": ""}, {"terms_sha256": "x" * 64}, {"instrument": ""}, {"instrument": "grant"}, {"terms": {}}):
        assert not changed(row, state="submitted", **wrong), wrong
    assert changed(row, state="submitted")


def test_from_submission_on_the_offer_stands_whoever_writes() -> None:
    campaign = funding.campaign(until="submitted")
    row, lines = Campaign.objects.filter(pk=campaign.pk), PlanLine.objects.filter(campaign=campaign)
    for wrong in ({"terms": {}}, {"terms_sha256": "0" * 64}, {"instrument": "grant"}, {"optimum_fen": 700_000}):
        assert not changed(row, **wrong), wrong
    assert not changed(lines.filter(ordinal=1), fen=1)
    with pytest.raises(IntegrityError), transaction.atomic():
        lines.delete()
    with pytest.raises(IntegrityError), transaction.atomic():
        PlanLine.objects.create(campaign=campaign, ordinal=9, category="ip", purpose_zh="专利", fen=1)
    back = perform("request_changes", campaign, accounts.staff_actor("reviewer"), reason="请细化")
    assert edited(back, use_of_funds=[line()]).use_of_funds.count() == 1


def test_a_line_cannot_be_carried_to_another_draft() -> None:
    first, second = funding.campaign(until="draft"), funding.campaign(until="draft")
    assert not changed(first.use_of_funds.filter(ordinal=1), campaign=second, ordinal=9)


def test_a_wrong_line_is_refused_at_its_place_and_the_present_ones_stay() -> None:
    campaign = funding.campaign(until="draft")
    for wrong, field in (
        ([line(0)], "use_of_funds.0.fen"),
        ([line(), line(None)], "use_of_funds.1.fen"),
        ([line(True)], "use_of_funds.0.fen"),
        ([line(category="travel")], "use_of_funds.0.category"),
        ([line(purpose_zh=" ")], "use_of_funds.0.purpose_zh"),
        ([line(purpose_zh="长" * 121)], "use_of_funds.0.purpose_zh"),
        ([line(1)] * 21, "use_of_funds"),
    ):
        with pytest.raises(Invalid) as refused:
            edited(campaign, use_of_funds=wrong)
        assert list(refused.value.fields) == [field]
    assert list(campaign.use_of_funds.order_by("ordinal").values_list("fen", flat=True)) == [400_000, 200_000]


def test_terms_and_use_of_funds_promise_nothing_either() -> None:
    campaign = funding.campaign(until="draft")
    for fields, named in (
        ({"terms": {**GRANT, "purpose_en": "A guaranteed return"}}, "terms.purpose_en"),
        ({"use_of_funds": [line(), line(purpose_zh="保本保息")]}, "use_of_funds.1.purpose_zh"),
    ):
        with pytest.raises(PromisesReturn) as refused:
            edited(campaign, **fields)
        assert list(refused.value.fields) == [named]
    assert edited(campaign, terms={**GRANT, "purpose_en": "No guaranteed return."}).instrument == "grant"


def test_other_terms_take_the_place_of_the_former_with_a_hash_of_their_own() -> None:
    campaign = funding.campaign(until="draft")
    first = campaign.terms_sha256
    campaign = edited(campaign, terms=GRANT)
    assert (campaign.instrument, campaign.terms["purpose_en"]) == ("grant", "")
    assert campaign.terms_sha256 == terms.hash_of(campaign.terms) != first


def test_a_pledge_signs_the_hash_of_the_terms_that_it_has_read() -> None:
    funder = funding.funder(100_000)
    campaign = funding.campaign([funder])
    actor, accepted = accounts.actor_for(funder), funding.accepted(campaign)
    for named in ("", "0" * 64):
        with pytest.raises(errors.TermsNotAccepted) as refused:
            pledging.pledge_make(campaign=campaign, actor=actor, fen=50_000, **{**accepted, "terms_sha256": named})
        assert refused.value.extra == {"terms_sha256": campaign.terms_sha256}
    assert Pledge.objects.count() == 0
    pledge = funding.pledge(campaign, funder, 50_000)
    assert pledge.terms_sha256 == terms.hash_of(campaign.terms)
    row = Pledge.objects.filter(pk=pledge.pk)
    assert not changed(row, terms_sha256="0" * 64)
    assert changed(row, terms_sha256=campaign.terms_sha256)


def test_the_database_takes_no_pledge_that_signs_other_terms() -> None:
    funder = funding.funder(100_000)
    campaign = funding.campaign([funder])
    made = funding.pledge(campaign, funder, 50_000)
    fields = {field.attname: getattr(made, field.attname) for field in Pledge._meta.concrete_fields}
    copy = {**fields, "id": funding.some_id(), "hold_id": None, "state": "intent", "terms_sha256": ""}
    intent = Pledge.objects.create(**copy)
    with pytest.raises(IntegrityError, match="terms"), transaction.atomic():
        Pledge.objects.filter(pk=intent.pk).update(state="released", hold_id=made.hold_id)
    with pytest.raises(IntegrityError, match="terms"), transaction.atomic():
        Pledge.objects.create(**{**fields, "id": uuid7(), "state": "released", "terms_sha256": "0" * 64})


def test_the_ledger_commits_to_instrument_terms_and_use_of_funds_and_names_nobody() -> None:
    funder = funding.funder(100_000)
    campaign = funding.campaign([funder])
    funding.pledge(campaign, funder, 50_000)
    told: dict[str, set[str]] = {}
    for row in Disclosure.objects.filter(label__in=("instrument", "terms_sha256", "use_of_funds_sha256")):
        told.setdefault(row.label, set()).add(bytes(row.value).decode().strip('"'))
    assert told["instrument"] == {"revenue_share"}
    assert told["terms_sha256"] == {campaign.terms_sha256}
    assert len(told["use_of_funds_sha256"]) == 1
