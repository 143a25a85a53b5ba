"""Which rule stands behind which move of a campaign, a pledge and a payout."""

from marketplace.common.text import bi
from marketplace.demands.models import Demand
from marketplace.demands.workflow import DemandState
from marketplace.funding import permissions
from marketplace.funding.models import Campaign, MatchingPool, Payout, Pledge
from marketplace.funding.pool_workflow import POOL
from marketplace.funding.services import (
    balancing,
    bank_lines,
    campaigning,
    charging_back,
    clearing,
    extending,
    matching,
    paying_out,
    payout_answers,
    payout_orders,
    pledging,
    pools,
    settling,
)
from marketplace.funding.workflow import CAMPAIGN, PAYOUT, PLEDGE, PayoutState
from marketplace.treasury.labels import name_codes
from marketplace.treasury.services import checking, payment_orders, statements
from marketplace.treasury.services.charging_back import before_a_debt
from marketplace.web.ledger_rows import name_events
from marketplace.workflow import registry


def register() -> None:
    """Called once, when the apps are ready."""
    _campaigns()
    _pledges()
    _payouts()
    _pools()
    for state in (DemandState.EVALUATING, DemandState.OPEN):
        registry.on_entering("demand", state, campaigning.demand_lost)
    statements.on_outgoing(payout_answers.recognise)
    before_a_debt(charging_back.free_pledges)
    statements.on_incoming(payout_answers.recognise_return)
    payment_orders.pay_out_from(bank_lines.KIND, payout_orders.SOURCE)
    for rule in balancing.RULES:
        checking.add_rule(rule)
    name_events(
        {
            "campaign.updated": bi("发布项目动态", "Campaign update posted"),
            "campaign.answered": bi("答复提问", "Question answered"),
        }
    )
    name_codes(
        {
            "pledge.hold": bi("认筹", "Pledge"),
            "pledge.refund": bi("认筹退款", "Pledge refunded"),
            "pool.funded": bi("注入引导基金", "Paid into a matching pool"),
            "pool.top_up": bi("引导基金配套", "Matching pool's top-up"),
            "pool.returned": bi("引导基金退回", "Returned by a matching pool"),
            "pool.refund": bi("配套资金退款", "Top-up refunded"),
            "payout.sent": bi("划付发出", "Payout sent"),
            "payout.paid": bi("划付到账", "Payout paid"),
            "payout.paid_late": bi("拒付后实付", "Payout paid after all"),
            "payout.failed": bi("银行拒付", "Payout refused"),
            "payout.returned": bi("划付退回", "Payout returned"),
        }
    )


def _campaigns() -> None:
    registry.register(
        CAMPAIGN,
        model=Campaign,
        roles_of=permissions.campaign_roles,
        visible=permissions.campaign_visible,
        public=lambda campaign: False,
        guards={
            "submit": campaigning.must_be_complete,
            "approve": campaigning.must_be_complete,
            "open": campaigning.may_still_open,
            "ask_extension": extending.may_be_extended,
            "extend_once": extending.extension_is_asked,
            "ask_early_close": clearing.consent_may_be_asked,
            "close_early": clearing.early_close_is_agreed,
            "deadline": clearing.deadline_passed,
            "succeed": clearing.minimum_reached,
            "fail": clearing.minimum_missed,
            "capture": settling.nothing_left_to_capture,
            "release_all": settling.nothing_left_to_release,
        },
        effects={
            "submit": campaigning.submit,
            "request_changes": campaigning.review,
            "reject": campaigning.review,
            "approve": campaigning.approve,
            "open": campaigning.open_campaign,
            "withdraw": campaigning.call_off,
            "cancel": campaigning.call_off,
            "ask_extension": extending.ask_extension,
            "extend_once": extending.extend_once,
            "ask_early_close": clearing.ask_consent,
            "close_early": clearing.start_clearing,
            "deadline": clearing.start_clearing,
            "succeed": clearing.succeed,
            "fail": clearing.fail,
            "capture_next": settling.capture_next,
            "capture": settling.capture,
            "release_next": settling.release_next,
            "refund_done": settling.refund_done,
            "complete": settling.complete,
        },
        # The demand's row decides between a campaign's opening and the lapse of the award.
        locks={action: lambda campaign: [Demand(pk=campaign.demand_id)] for action in ("submit", "approve", "open")},
    )


def _pledges() -> None:
    registry.register(
        PLEDGE,
        model=Pledge,
        roles_of=permissions.pledge_roles,
        visible=permissions.pledge_visible,
        public=lambda pledge: False,
        guards={
            "confirm": pledging.can_confirm,
            "cancel": pledging.still_cooling_off,
            "cooling_passed": pledging.cooling_off_over,
            "agree_early_close": clearing.may_agree_to_close,
            "release": settling.may_be_released,
            "charge_back": charging_back.not_being_captured,
        },
        effects={
            "confirm": pledging.confirm,
            "cancel": settling.release_pledge,
            "cooling_passed": matching.become_firm,
            "agree_early_close": clearing.agree_to_close,
            "capture": settling.capture_pledge,
            "release": settling.release_pledge,
            "charge_back": settling.release_pledge,
            "refund_part": settling.refund_pledge,
            "refund_all": settling.refund_pledge,
        },
        bulk={
            "cooling_passed": matching.become_firm_together,
            "capture": settling.capture_pledges,
            "release": settling.release_pledges,
        },
        # The campaign's row decides between a pledge and the campaign's closing, and keeps its totals.
        locks={action: lambda pledge: [Campaign(pk=pledge.campaign_id)] for action in PLEDGE.by_action},
    )


def _pools() -> None:
    registry.register(
        POOL,
        model=MatchingPool,
        roles_of=permissions.pool_roles,
        visible=permissions.pool_visible,
        public=lambda pool: False,
        guards={"lapse": pools.period_is_over},
        effects={"open": pools.open_with, "add_money": pools.add_money, "close": pools.end, "lapse": pools.end},
    )


def _payouts() -> None:
    registry.register(
        PAYOUT,
        model=Payout,
        roles_of=permissions.payout_roles,
        visible=permissions.payout_visible,
        public=lambda payout: False,
        guards={
            "approve_1": paying_out.first_is_another,
            "approve_2": paying_out.second_is_another,
            "schedule": paying_out.account_has_stood,
            "send": paying_out.account_has_stood,
            "report_refusal": payout_answers.bank_has_not_paid,
            "bank_error": payout_answers.another_agrees_to_refusal,
            "retry": paying_out.asked_again_or_refused,
            "reject": paying_out.asked_again_or_refused,
            "settle": paying_out.return_window_over,
        },
        effects={
            "approve_1": paying_out.approve_1,
            "approve_2": paying_out.approve_2,
            "reject": paying_out.reject,
            "account_changed": paying_out.start_again,
            "send": paying_out.send,
            "confirm": payout_answers.confirm,
            "report_refusal": payout_answers.report_refusal,
            "bank_error": payout_answers.bank_error,
            "bank_return": payout_answers.bank_return,
            "paid_late": paying_out.paid_late,
            "retry": paying_out.retry,
        },
        # A line of a statement is locked before the payout that it names, as where the line is the one that asks.
        locks=dict.fromkeys(("confirm", "report_refusal", "bank_error"), bank_lines.first_debit_naming),
    )
    registry.on_entering("payout", PayoutState.PAID, payout_answers.offer_returns)
    registry.on_entering("payout", PayoutState.FAILED, payout_answers.offer_earlier_tries)
    registry.on_entering("payout", PayoutState.REVERSED, payout_answers.ask_again)
