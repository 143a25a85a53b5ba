"""What comes next for a pledge, by its own state and its campaign's."""

from datetime import UTC, datetime

import pytest
from django.utils.translation import override

from marketplace.funding import progress
from marketplace.funding.models import Campaign, Pledge
from marketplace.funding.portfolio import RevenueShare
from marketplace.funding.progress import Standing, Step, StepKind, Work

COOLS, CLOSES, CLEARS, LAPSES, DELIVERS = (datetime(2026, 11, day, tzinfo=UTC) for day in (24, 25, 26, 27, 28))
ROOM = {"minimum_fen": 1, "optimum_fen": 1_000, "held_fen": 400}
DELIVERY = Step(StepKind.DELIVERY, DELIVERS, 2)
WORK = Work((40, 60), released=1, next=DELIVERY)
MORE, ALL = RevenueShare(received_fen=1, cap_fen=3), RevenueShare(received_fen=3, cap_fen=3)


def standing(
    monkeypatch: pytest.MonkeyPatch,
    pledge_state: str,
    campaign_state: str,
    work: Work | None = None,
    share: RevenueShare | None = None,
    **given: object,
) -> Standing:
    campaign = Campaign(state=campaign_state, deadline=CLOSES, clears_at=CLEARS, due_at=LAPSES, **{**ROOM, **given})
    campaign.milestones = [{"share_bp": 4_000}, {"share_bp": 6_000}]
    pledge = Pledge(state=pledge_state, due_at=COOLS, campaign=campaign)
    monkeypatch.setattr(progress, "_work", [lambda asked: dict.fromkeys(asked, work)] if work else [])
    return progress.standings([pledge], {pledge.pk: share} if share else {})[pledge.pk]


@pytest.mark.parametrize(
    ("pledge", "campaign", "step"),
    [
        ("cooling_off", "open", Step(StepKind.COOLING_OFF, COOLS)),
        ("cooling_off", "clearing", Step(StepKind.COOLING_OFF, COOLS)),
        ("cooling_off", "cancelling", Step(StepKind.RELEASE)),
        ("firm", "open", Step(StepKind.DEADLINE, CLOSES)),
        ("firm", "clearing", Step(StepKind.OUTCOME, CLEARS)),
        ("firm", "successful", Step(StepKind.CAPTURE)),
        ("firm", "releasing", Step(StepKind.RELEASE)),
        ("captured", "successful", Step(StepKind.DRAWING)),
        ("captured", "funded", Step(StepKind.DRAWING, LAPSES)),
        ("captured", "refunding", Step(StepKind.REFUND)),
        ("settled", "closed", None),
        *((over, "open", None) for over in ("cancelled", "released", "charged_back", "refunded")),
    ],
)
def test_before_an_agreement_the_pledge_and_its_campaign_say_what_comes_next(
    monkeypatch: pytest.MonkeyPatch, pledge: str, campaign: str, step: Step | None
) -> None:
    assert standing(monkeypatch, pledge, campaign).next == step


def test_asked_for_an_early_close_a_funder_answers_next_until_it_has_agreed_or_the_campaign_is_full(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked = {"close_asked_at": COOLS}
    assert standing(monkeypatch, "firm", "open", **asked).next == Step(StepKind.EARLY_CLOSE, CLOSES)
    assert standing(monkeypatch, "firm", "open", **asked, held_fen=1_000).next == Step(StepKind.DEADLINE, CLOSES)


def test_once_there_is_an_agreement_it_says_how_far_the_work_is_and_what_comes_next(monkeypatch: pytest.MonkeyPatch) -> None:
    assert standing(monkeypatch, "firm", "open").work == Work((4_000, 6_000))
    assert standing(monkeypatch, "captured", "disbursing", WORK) == Standing(WORK, DELIVERY)
    assert WORK.done == [1, 0]
    assert standing(monkeypatch, "captured", "refunding", WORK) == Standing(WORK, Step(StepKind.REFUND))


def test_whose_money_never_went_in_has_no_part_in_the_work(monkeypatch: pytest.MonkeyPatch) -> None:
    for state in ("intent", "expired", "cancelled", "released", "charged_back"):
        assert standing(monkeypatch, state, "disbursing", WORK) == Standing(None, None)


def test_revenue_is_a_next_step_only_for_whoever_may_still_receive_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    done = Work((40, 60), released=2, next=Step(StepKind.REPORT))
    shares = {MORE: Step(StepKind.REPORT), ALL: None, None: None}
    assert {share: standing(monkeypatch, "settled", "closed", done, share).next for share in shares} == shares


def test_a_milestones_step_is_named_with_its_number_in_the_readers_language() -> None:
    assert DELIVERY.label == "M2 交付"
    with override("en"):
        assert (DELIVERY.label, Step(StepKind.DEADLINE).label) == ("M2 delivery", "Campaign closes")
