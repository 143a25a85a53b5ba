"""Which rule stands behind which move of the treasury's own objects."""

from marketplace.treasury import permissions
from marketplace.treasury.models import LineDecision, PaymentOrder
from marketplace.treasury.services import calling_off, charging_back, decisions, payment_orders, returning, statements
from marketplace.treasury.workflow import LINE_DECISION, PAYMENT_ORDER
from marketplace.workflow import registry


def register() -> None:
    """Called once, when the apps are ready."""
    registry.register(
        PAYMENT_ORDER,
        model=PaymentOrder,
        roles_of=lambda actor, order: frozenset(),
        visible=permissions.bank_side_visible,
        public=lambda order: False,
        effects={"make": payment_orders.make},
    )
    registry.register(
        LINE_DECISION,
        model=LineDecision,
        roles_of=lambda actor, decision: frozenset(),
        visible=permissions.bank_side_visible,
        public=lambda decision: False,
        guards={
            "book": decisions.may_be_booked,
            "give_back": decisions.may_be_returned,
            "send": returning.not_taken_back,
            "ask_call_off": returning.not_shown,
            "call_off": calling_off.another_agrees,
            "report_refusal": returning.not_shown,
            "bank_error": returning.another_agrees_to_refusal,
            "send_again": returning.another_sends_again,
        },
        effects={
            "book": decisions.book,
            "give_back": decisions.give_back,
            "refuse": decisions.refuse,
            "ask_call_off": calling_off.ask_call_off,
            "call_off": calling_off.call_off,
            "report_refusal": returning.report_refusal,
            "bank_error": returning.bank_error,
            "send": returning.go_out,
            "send_again": returning.send_again,
            "confirm": returning.confirm,
            "take_back": returning.take_back,
        },
        # The line is locked first, as where a line of a statement is the one that asks.
        locks={
            **{action: lambda decision: [decision.line] for action in ("book", "give_back", "refuse", "call_off")},
            **dict.fromkeys(("confirm", "report_refusal", "bank_error"), returning.first_debit_naming),
        },
    )
    payment_orders.pay_out_from(decisions.RETURN, returning.SOURCE)
    statements.on_outgoing(returning.recognise)
    statements.on_outgoing(charging_back.recognise)
