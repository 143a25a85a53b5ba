"""What finance decides about a bank line that nobody recognised: whose it is, or that it goes back."""

import secrets
from typing import ClassVar

from django.db import models
from django.db.models import Q

from marketplace.accounts.models import Organisation
from marketplace.common.text import bi
from marketplace.treasury.models.bank import StatementLine
from marketplace.treasury.workflow import LINE_DECISION, LineDecisionState
from marketplace.workflow.models import Stateful

REFERENCE_PREFIX = "RET"
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def new_return_reference() -> str:
    """A new reference for a return's message: RET and ten characters of Crockford's base 32."""
    return REFERENCE_PREFIX + "".join(secrets.choice(_ALPHABET) for _ in range(10))


class DecisionKind(models.TextChoices):
    WALLET = "wallet", bi("记入单位钱包", "Book to a wallet")
    RETURN = "return", bi("退回付款方", "Return to the sender")
    CHARGE_BACK = "charge_back", bi("银行撤回的来款", "Top-up taken back by the bank")
    BANK_FEE = "bank_fee", bi("银行收费，由平台承担", "The bank's own charge, borne by the platform")


INCOMING = (DecisionKind.WALLET, DecisionKind.RETURN)


class LineDecision(Stateful):
    """One officer's proposal for a waiting line, and what a second officer made of it; one that stands per line.

    A line in is somebody's or goes back; a line out is the charge-back of a `top_up`, or a charge of the bank's.
    `reference` is what the bank's statement names a return by. The bank's refusal of a return is told by one officer and
    booked by another, and so is the calling off of one that has not gone out.
    """

    machine: ClassVar = LINE_DECISION

    state = models.CharField(max_length=32, choices=LineDecisionState, editable=False)
    line = models.ForeignKey(StatementLine, on_delete=models.PROTECT, related_name="decisions", editable=False)
    kind = models.CharField(max_length=12, choices=DecisionKind, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, null=True, related_name="+", editable=False)
    top_up = models.ForeignKey(StatementLine, on_delete=models.PROTECT, null=True, related_name="+", editable=False)
    reference = models.CharField(max_length=13, unique=True, default=new_return_reference, editable=False)
    proposed_by = models.UUIDField(editable=False, help_text="The finance officer, by erasable reference.")
    decided_by = models.UUIDField(null=True, editable=False, help_text="The second finance officer, by erasable reference.")
    refused_by = models.UUIDField(null=True, editable=False, help_text="Who told of the bank's refusal of a return, by erasable reference.")
    refusal_agreed_by = models.UUIDField(null=True, editable=False, help_text="Who booked it, by erasable reference.")
    call_off_to = models.ForeignKey(Organisation, on_delete=models.PROTECT, null=True, related_name="+", editable=False)
    call_off_by = models.UUIDField(null=True, editable=False, help_text="Who asked to call a return off, by erasable reference.")
    call_off_agreed_by = models.UUIDField(null=True, editable=False, help_text="Who agreed, by erasable reference.")
    note = models.TextField(blank=True, editable=False)

    class Meta:
        verbose_name = bi("明细处理", "decision about a line")
        constraints = (
            models.CheckConstraint(condition=Q(state__in=LineDecisionState.values), name="line_decision_state_is_known"),
            models.CheckConstraint(
                condition=Q(kind=DecisionKind.WALLET, organisation__isnull=False, top_up=None)
                | Q(kind=DecisionKind.CHARGE_BACK, organisation=None, top_up__isnull=False)
                | Q(kind__in=(DecisionKind.RETURN, DecisionKind.BANK_FEE), organisation=None, top_up=None),
                name="line_decision_names_whose",
            ),
            models.CheckConstraint(
                condition=Q(refusal_agreed_by=None) | Q(refused_by__isnull=False) & ~Q(refusal_agreed_by=models.F("refused_by")),
                name="line_decision_refusal_by_two",
            ),
            models.CheckConstraint(
                condition=Q(state__in=(LineDecisionState.PROPOSED, LineDecisionState.REFUSED))
                | (Q(decided_by__isnull=False) & ~Q(decided_by=models.F("proposed_by"))),
                name="line_decision_by_two",
            ),
            models.CheckConstraint(
                condition=Q(call_off_agreed_by=None) | Q(call_off_by__isnull=False) & ~Q(call_off_agreed_by=models.F("call_off_by")),
                name="line_decision_call_off_by_two",
            ),
            # A return is booked in no other way.
            models.CheckConstraint(
                condition=~Q(kind=DecisionKind.RETURN, state=LineDecisionState.BOOKED)
                | Q(call_off_to__isnull=False, call_off_agreed_by__isnull=False),
                name="line_decision_return_booked_is_called_off",
            ),
            models.CheckConstraint(
                condition=Q(call_off_to=None, call_off_by=None) | Q(call_off_to__isnull=False, call_off_by__isnull=False),
                name="line_decision_call_off_asked_wholly",
            ),
            # Nobody told where one officer alone had booked it, before two were asked.
            models.CheckConstraint(
                condition=~Q(state=LineDecisionState.BANK_REFUSED) | Q(refused_by=None) | Q(refusal_agreed_by__isnull=False),
                name="line_decision_refused_is_agreed",
            ),
            models.UniqueConstraint(fields=["line"], condition=~Q(state=LineDecisionState.REFUSED), name="line_decision_one_that_stands"),
        )

    def __str__(self) -> str:
        return f"{self.line} · {self.get_kind_display()}"
