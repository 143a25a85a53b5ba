"""Awarded demands, campaigns and pledges for tests, made by the real moves."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.test import override_settings

from marketplace.accounts.models import Organisation
from marketplace.common import clock
from marketplace.common.actor import Actor
from marketplace.common.ids import uuid7
from marketplace.demands.models import Demand
from marketplace.demands.services import drafting
from marketplace.funding import suitability
from marketplace.funding.models import Campaign, Payout, Pledge, Suitability
from marketplace.funding.services import assessing, bank_accounts, campaigning, pledging
from marketplace.funding.services.paying_out import payout_request
from marketplace.treasury.models import OrderForm, PaymentOrder
from marketplace.treasury.services import accounts as books
from marketplace.treasury.services import payment_orders
from marketplace.workflow.performing import perform
from tests.factories import accounts, catalogue
from tests.factories.treasury import funded_wallet, pay

PRICE = 1_000_000
SYSTEM = Actor.system()


def awarded_demand(company: Organisation | None = None, university: Organisation | None = None, *, price: int = PRICE) -> Demand:
    """A fixed-price demand that a team has claimed."""
    owner = company or accounts.organisation("company")
    actor = accounts.actor_for(owner)
    fields = {
        "mode": "claim",
        "title_zh": "低温钠离子电池",
        "title_en": "Sodium-ion cells for the cold",
        "text_zh": "零下二十度的容量保持率。",
        "acceptance_zh": "第三方检测报告。",
        "industry_code": "38",
        "region_code": "110108",
        "readiness_wanted": 6,
        "budget_max_fen": price,
        "deadline": clock.now() + timedelta(days=30),
    }
    demand = drafting.demand_create(actor=actor, region_code="110108", fields=fields)
    demand = perform("submit", demand, actor)
    demand = perform("approve", demand, accounts.staff_actor("reviewer"))
    demand = perform("publish", demand, actor)
    team = catalogue.team(university)
    return perform("claim", demand, accounts.actor_for(team.organisation), team=team)


def funder(fen: int = 0) -> Organisation:
    """A verified financial institution with so many fen in its wallet."""
    made = accounts.organisation("funder")
    funded_wallet(fen, made.pk)
    assessed(made)
    return made


def assessed(who: Organisation, **answers: str) -> Suitability:
    """The institution's answers to the suitability questionnaire: the best of each question unless told otherwise."""
    questions = suitability.QUESTIONNAIRES[suitability.VERSION].questions
    best = {one.key: max(one.options, key=lambda option: option.points).key for one in questions}
    return assessing.suitability_answer(actor=accounts.actor_for(who), version=suitability.VERSION, answers={**best, **answers})


REVENUE_SHARE = {"instrument": "revenue_share", "base": "sales", "share_bp": 500, "cap_bp": 15_000, "years": 5}


def use_of_funds(fen: int) -> list[dict[str, Any]]:
    """Lines that sum to so many fen."""
    first = {"category": "testing", "purpose_zh": "台架试验", "purpose_en": "Bench tests", "fen": fen - fen // 3}
    second = {"category": "staff", "purpose_zh": "人员", "purpose_en": "", "fen": fen // 3}
    return [line for line in (first, second) if line["fen"]]


def terms(**changes: Any) -> dict[str, Any]:
    """The fields of a campaign that may be submitted as it is."""
    fields = {
        "title_zh": "低温电池中试",
        "text_zh": "资金用于中试线，按里程碑支付。",
        "minimum_fen": 300_000,
        "optimum_fen": 600_000,
        "funder_min_fen": 10_000,
        "funder_max_fen": 600_000,
        "max_funders": 20,
        "deadline": clock.now() + timedelta(days=10),
        "terms": REVENUE_SHARE,
        **changes,
    }
    return {"use_of_funds": use_of_funds(fields["optimum_fen"]), **fields}


def campaign(invited: Sequence[Organisation] = (), *, demand: Demand | None = None, until: str = "open", **changes: Any) -> Campaign:
    """A campaign of a (new) awarded demand, brought up to draft, submitted, approved or open."""
    base = demand or awarded_demand()
    company = accounts.actor_for(base.organisation)
    made = campaigning.campaign_create(
        demand=base, actor=company, fields=terms(**changes), invited=[one.pk for one in invited or [accounts.organisation("funder")]]
    )
    steps = {"submitted": ("submit", company), "approved": ("approve", accounts.staff_actor("reviewer")), "open": ("open", company)}
    for state, (action, actor) in steps.items():
        if made.state == until:
            break
        made = perform(action, made, actor)
        assert made.state == state
    return made


def offered(target: Campaign) -> Campaign:
    """A draft with the terms and the use of funds that it lacks."""
    fields = {"terms": REVENUE_SHARE, "use_of_funds": use_of_funds(target.optimum_fen)}
    return campaigning.campaign_edit(campaign=target, actor=accounts.actor_for(target.organisation), fields=fields)


def pledge(target: Campaign, who: Organisation, fen: int) -> Pledge:
    """A confirmed pledge, cooling off."""
    return pledging.pledge_make(campaign=target, actor=accounts.actor_for(who), fen=fen, **accepted(target))


def accepted(target: Campaign) -> dict[str, Any]:
    """What a funder accepts of a campaign when it confirms."""
    return {"risk_version": target.risk_version, "terms_sha256": target.terms_sha256, "suitable": True}


def cooling(target: Campaign, who: Organisation, fen: int) -> Pledge:
    """A pledge whose cooling-off lasts longer than any test."""
    made = pledge(target, who, fen)
    Pledge.objects.filter(pk=made.pk).update(due_at=clock.now() + timedelta(days=1))
    made.refresh_from_db()
    return made


def firm(target: Campaign, who: Organisation, fen: int) -> Pledge:
    """A pledge whose cooling-off is over: its clock is turned forward."""
    return passed(pledge(target, who, fen), "cooling_passed")


def passed(obj: Any, action: str) -> Any:
    """The system's move after the object's time has run out: its due time is put into the past."""
    type(obj).objects.filter(pk=obj.pk).update(due_at=accounts.a_moment_ago())
    return perform(action, obj, SYSTEM)


def overdue(target: Campaign) -> Campaign:
    """A campaign whose deadline lies just behind: it is opened anew, since the database lets no open one's deadline go back."""
    moment, row = accounts.a_moment_ago(), Campaign.objects.filter(pk=target.pk)
    row.update(opened_at=None)
    row.update(deadline=moment, due_at=moment, opened_at=target.opened_at)
    target.refresh_from_db()
    return target


def bank_account(who: Organisation, *, number: str = "6222000012345678", frozen: bool = False, verified: bool = True) -> Any:
    """The organisation's account in its own name, verified and its freeze over unless told otherwise."""
    made = bank_accounts.bank_account_set(actor=accounts.actor_for(who), holder_name=who.name, number=number, bank_name="中国银行海淀支行")
    if verified:
        made = bank_accounts.bank_account_verify(actor=accounts.staff_actor("finance"), account_id=made.pk)
    if not frozen:
        type(made).objects.filter(pk=made.pk).update(frozen_until=accounts.a_moment_ago())
        made.refresh_from_db()
    return made


def approved_payout(payout: Payout) -> Payout:
    """Approved by two finance officers."""
    for action in ("approve_1", "approve_2"):
        payout = perform(action, payout, accounts.staff_actor("finance"))
    return payout


def payout_of(who: Organisation, fen: int, *, actor: Actor = SYSTEM) -> Payout:
    """A request to pay so much of what is payable to an organisation."""
    return payout_request(organisation_id=who.pk, fen=fen, purpose_kind="milestone", purpose_id=uuid7(), actor=actor)


def refused(payout: Payout, officer: Actor | None = None) -> Payout:
    """What one finance officer tells that the bank refused, and another (this one) books."""
    payout = perform("report_refusal", payout, accounts.staff_actor("finance"), reason="户名不符")
    return perform("bank_error", payout, officer or accounts.staff_actor("finance"))


def scheduled_payouts(*amounts: int) -> list[Payout]:
    """Payouts to one new university, approved twice and waiting to be sent."""
    university = accounts.organisation("university")
    pay(books.custody(), books.payable(university.pk), sum(amounts))
    bank_account(university)
    return [perform("schedule", approved_payout(payout_of(university, fen)), SYSTEM) for fen in amounts]


def payment_order(*amounts: int) -> PaymentOrder:
    """A file for a real bank, with payouts to one new university."""
    with override_settings(PAYMENT_GATEWAY="bank_transfer"):
        chosen = [payout.pk for payout in scheduled_payouts(*amounts or (12_000,))]
        return payment_orders.make_order(actor=accounts.staff_actor("finance"), form=OrderForm.PAIN001, payments=chosen)


def some_id() -> UUID:
    """An id that nothing has."""
    return UUID(int=0)
