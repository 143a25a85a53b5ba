"""Money under an agreement: in once, out by acceptance, back to its sources to the fen."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import override_settings

from marketplace.agreements import errors
from marketplace.agreements.models import Agreement, Milestone
from marketplace.common.errors import Forbidden, Invalid, MissingScope, WrongState
from marketplace.funding.models import Payout, Pledge
from marketplace.treasury.models import Transfer
from marketplace.treasury.selectors import balance
from marketplace.treasury.services import accounts as books
from marketplace.workflow import sweeping
from marketplace.workflow.performing import perform
from tests.factories import accounts, agreements, demands, funding, treasury

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("opener")]


@pytest.fixture(autouse=True)
def _files_of_their_own(tmp_path: Any) -> Iterator[None]:
    with override_settings(MEDIA_ROOT=tmp_path / "files"):
        yield


def held(account: Any) -> int:
    return balance(account).posted_fen


def escrow(agreement: Agreement) -> int:
    return held(books.agreement_escrow(agreement.pk))


def with_campaign(*amounts: int) -> tuple[Agreement, list[Pledge]]:
    """An agreement in force over 800,001 fen, of which funders paid in these amounts."""
    demand = agreements.challenge_awarded()
    campaign = agreements.captured(demand, *amounts)
    made = agreements.active(demand, campaign)
    return made, list(campaign.pledges.order_by("pk"))


def test_it_is_funded_only_when_the_company_s_whole_share_is_there() -> None:
    made = agreements.signed()
    company = accounts.actor_for(made.company)
    treasury.funded_wallet(800_000, made.company_id)
    with pytest.raises(errors.NotFunded) as refused:
        perform("conditions_met", made, company)
    assert refused.value.extra == {"missing_fen": 1}
    treasury.funded_wallet(1, made.company_id)
    made = perform("conditions_met", made, company)
    assert (made.state, escrow(made), held(books.wallet(made.company_id))) == ("active", 800_001, 0)
    made.demand.refresh_from_db()
    assert made.demand.state == "in_progress"
    assert list(made.milestones.values_list("state", flat=True)) == ["in_progress", "planned"]
    with pytest.raises(WrongState):
        perform("conditions_met", made, company)
    assert Transfer.objects.filter(code="agreement.company_share").count() == 1


def test_only_the_company_with_a_key_for_money_funds_it() -> None:
    made = agreements.signed(funding.awarded_demand())
    with pytest.raises(Forbidden):
        perform("conditions_met", made, accounts.actor_for(made.university))
    with pytest.raises(MissingScope):
        perform("conditions_met", made, replace(accounts.actor_for(made.company), scopes=frozenset({"read", "write", "sign"})))


def test_the_campaign_s_money_enters_the_escrow_in_the_same_change() -> None:
    made, pledges = with_campaign(100_000, 33_333)
    transfers = Transfer.objects.filter(code__startswith="agreement.").values_list("code", "fen", "group_id")
    assert {(code, fen) for code, fen, _ in transfers} == {("agreement.company_share", 666_668), ("agreement.campaign_share", 133_333)}
    assert len({group for _, _, group in transfers}) == 1
    assert (escrow(made), held(books.campaign_escrow(made.campaign_id))) == (800_001, 0)
    made.campaign.refresh_from_db()
    assert made.campaign.state == "disbursing"
    assert {pledge.captured_fen for pledge in pledges} == {100_000, 33_333}


def test_at_the_end_of_its_time_it_is_funded_by_the_clock_if_the_money_is_there_and_void_if_not() -> None:
    rich, poor = agreements.signed(), agreements.signed()
    treasury.funded_wallet(rich.company_fen, rich.company_id)
    for made in (rich, poor):
        demands.overdue(made, fund_by=True)
    sweeping.sweep()
    for made in (rich, poor):
        made.refresh_from_db()
        made.demand.refresh_from_db()
    assert (rich.state, rich.demand.state) == ("active", "in_progress")
    assert (poor.state, poor.demand.state) == ("void", "terminated")


def test_when_it_is_void_the_funders_have_every_fen_back() -> None:
    demand = agreements.challenge_awarded()
    campaign = agreements.captured(demand, 100_000, 33_333)
    made = agreements.signed(demand, campaign)
    with pytest.raises(errors.NotFunded):
        perform("condition_failed", made, agreements.SYSTEM)
    perform("condition_failed", demands.overdue(made, fund_by=True), agreements.SYSTEM)
    sweeping.sweep()
    campaign.refresh_from_db()
    assert campaign.state == "closed"
    assert {held(books.wallet(one.organisation_id)) for one in campaign.pledges.all()} == {100_000, 33_333}
    assert set(campaign.pledges.values_list("state", flat=True)) == {"refunded"}


def test_milestones_are_delivered_in_their_order() -> None:
    made = agreements.active()
    second = made.milestones.get(ordinal=2)
    team = accounts.actor_for(made.university)
    with pytest.raises(WrongState):
        perform("submit", second, team, file=agreements.deliverable(made.university))
    with pytest.raises(Forbidden):
        perform("submit", made.milestones.get(ordinal=1), accounts.actor_for(made.company), file=agreements.deliverable(made.company))


def test_acceptance_releases_the_milestone_less_the_fee_and_asks_for_the_payout() -> None:
    made = agreements.active()
    first = agreements.released(made, 1)
    assert first.state == "released"
    # 320,000 fen at 200 basis points; the second is 480,001 fen, whose fee of 9,600.02 is floored.
    assert (held(books.payable(made.university_id)), held(books.fee()), escrow(made)) == (313_600, 6_400, 480_001)
    payout = Payout.objects.get()
    assert (payout.state, payout.fen, payout.purpose_kind, payout.purpose_id) == ("requested", 313_600, "milestone", first.pk)
    assert (payout.organisation_id, payout.requested_by) == (made.university_id, None)
    assert list(made.milestones.values_list("state", flat=True)) == ["released", "in_progress"]
    agreements.released(made, 2)
    assert (held(books.payable(made.university_id)), held(books.fee()), escrow(made)) == (784_001, 16_000, 0)
    made.refresh_from_db()
    made.demand.refresh_from_db()
    assert (made.state, made.demand.state) == ("completed", "completed")


def test_a_fee_of_less_than_a_fen_is_none() -> None:
    made = agreements.active(agreements.challenge_awarded(price_fen=100))
    assert list(made.milestones.values_list("fen", "fee_fen")) == [(40, 0), (60, 1)]
    agreements.released(made, 1)
    assert (held(books.payable(made.university_id)), held(books.fee())) == (40, 0)


def test_what_is_not_reviewed_in_time_is_accepted_by_the_clock_and_paid() -> None:
    made = agreements.active()
    milestone = demands.overdue(agreements.delivered(made, 1))
    sweeping.sweep()
    milestone.refresh_from_db()
    assert (milestone.state, held(books.payable(made.university_id))) == ("released", 313_600)


def test_a_revision_is_asked_for_with_a_reason_and_twice_at_most() -> None:
    made = agreements.active()
    company, team = accounts.actor_for(made.company), accounts.actor_for(made.university)
    milestone = agreements.delivered(made, 1)
    with pytest.raises(Invalid):
        perform("request_revision", milestone, company, reason="")
    for round_ in (1, 2):
        milestone = perform("request_revision", milestone, company, reason="数据不全")
        assert (milestone.state, milestone.revisions) == ("revision_requested", round_)
        perform("resume", milestone, team)
        milestone = agreements.delivered(made, 1)
    with pytest.raises(errors.RevisionsUsedUp):
        perform("request_revision", milestone, company, reason="仍不全")
    with pytest.raises(IntegrityError, match="milestone_revisions_are_bounded"), transaction.atomic():
        Milestone.objects.filter(pk=milestone.pk).update(revisions=3)
    assert held(books.payable(made.university_id)) == 0


def test_a_campaign_closes_with_the_agreement_and_its_pledges_are_settled() -> None:
    made, pledges = with_campaign(100_000, 33_333)
    for ordinal in (1, 2):
        agreements.released(made, ordinal)
    made.campaign.refresh_from_db()
    assert made.campaign.state == "closed"
    assert set(Pledge.objects.filter(pk__in=[one.pk for one in pledges]).values_list("state", flat=True)) == {"settled"}


def ended(made: Agreement, **data: Any) -> Agreement:
    return perform("terminate", made, accounts.staff_actor("reviewer"), **{"reason": "mutual", "text": "双方同意终止", **data})


def test_termination_before_any_release_returns_everything_to_its_source() -> None:
    made, pledges = with_campaign(100_000, 33_333)
    done = ended(made)
    assert (done.state, escrow(done), held(books.fee()), held(books.payable(done.university_id))) == ("terminated", 0, 0, 0)
    assert held(books.wallet(done.company_id)) == 666_668
    assert [held(books.wallet(one.organisation_id)) for one in pledges] == [one.captured_fen for one in pledges]
    assert set(done.milestones.values_list("state", flat=True)) == {"cancelled"}
    done.demand.refresh_from_db()
    done.campaign.refresh_from_db()
    assert (done.demand.state, done.campaign.state) == ("terminated", "closed")


def test_termination_midway_returns_each_source_s_unreleased_part_to_the_fen() -> None:
    made, pledges = with_campaign(100_000, 33_333)
    agreements.released(made, 1)
    agreements.delivered(made, 2)  # under review is not accepted
    done = ended(made, reason="tech_failure")
    # Unreleased: 480,001 fen, of which 400,001 from the company and 80,000 from the campaign.
    assert held(books.wallet(done.company_id)) == 400_001
    back = {one.captured_fen: held(books.wallet(one.organisation_id)) for one in pledges}
    # 80,000 by 100,000 : 33,333 is 60,000.15 and 19,999.85: the odd fen goes to the larger remainder.
    assert back == {100_000: 60_000, 33_333: 20_000}
    assert (escrow(done), held(books.campaign_escrow(done.campaign_id))) == (0, 0)
    assert (held(books.payable(done.university_id)), held(books.fee())) == (313_600, 6_400)
    assert list(done.milestones.values_list("state", flat=True)) == ["released", "cancelled"]
    assert done.termination_reason == "tech_failure"


def test_termination_is_the_reviewer_s_on_a_ground_of_the_code_and_with_words() -> None:
    made = agreements.active(funding.awarded_demand())
    with pytest.raises(Forbidden):
        perform("terminate", made, accounts.actor_for(made.company), reason="mutual", text="终止")
    for data in ({"reason": "boredom"}, {"text": "  "}):
        with pytest.raises(Invalid):
            ended(made, **data)
    assert escrow(made) == made.price_fen
    ended(made)
    with pytest.raises(WrongState):
        ended(made)


@pytest.mark.parametrize("change", [{"company_fen": 1}, {"fee_fen": 999_999_999}, {"campaign_fen": -1}])
def test_the_database_keeps_a_milestone_s_sources_equal_to_its_amount(change: dict[str, int]) -> None:
    made = agreements.drawn()
    with pytest.raises(IntegrityError, match="milestone_sources_make_the_amount"), transaction.atomic():
        Milestone.objects.filter(agreement=made, ordinal=1).update(**change)
