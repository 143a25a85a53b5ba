"""Which lines of the bank's statements name a payout, under the reference that it has now or one that it had before."""

import re
from collections.abc import Iterable, Sequence

from django.db.models import Q, QuerySet

from marketplace.funding import errors
from marketplace.funding.models import REFERENCE_PREFIX, Payout
from marketplace.treasury.models import Direction, PaymentInstruction, StatementLine

KIND = "payout"
_REFERENCE = re.compile(rf"(?<![0-9A-Z]){REFERENCE_PREFIX}[0-9A-Z]{{10}}(?![0-9A-Z])")


def references_in(text: str) -> set[str]:
    """Every payout's reference in a line's message, whatever its case."""
    return set(_REFERENCE.findall(text.upper()))


def debits_naming(payout: Payout) -> Sequence[StatementLine]:
    """Outgoing lines that wait, name the payout and agree with it to the fen."""
    return _exact(_waiting(Direction.OUT, [payout.reference]), payout)


def first_debit_naming(payout: Payout) -> Sequence[StatementLine]:
    """The oldest of them: the one line that is locked before the payout, so that two lines of one payout never wait for each other."""
    return debits_naming(payout)[:1]


def credits_naming(payout: Payout) -> Sequence[StatementLine]:
    """Incoming lines that wait, name the payout and agree with it to the fen."""
    return _exact(_waiting(Direction.IN, [payout.reference]), payout)


def requests_for_the_purpose_of(payout: Payout) -> QuerySet[Payout]:
    """This payout and all others that were ever asked for to the same organisation for the same purpose."""
    return Payout.objects.filter(purpose_kind=payout.purpose_kind, purpose_id=payout.purpose_id, organisation_id=payout.organisation_id)


def debits_of_any_try(payout: Payout) -> Sequence[StatementLine]:
    """Outgoing lines that wait and name any reference under which a file ever told the bank to pay for this purpose.

    A payout that was rejected may have gone out all the same, whoever has asked anew since.
    """
    instructions = PaymentInstruction.objects.filter(kind=KIND, object_id__in=requests_for_the_purpose_of(payout).values("pk"))
    told = set(instructions.values_list("end_to_end_id", flat=True))
    return [line for line in _waiting(Direction.OUT, told) if references_in(line.reference) & told] if told else []


def not_paid_before(payout: Payout) -> None:
    """Nothing is paid again while a statement shows that an earlier try went out. Raises BankHasPaidBefore."""
    if debits_of_any_try(payout):
        raise errors.BankHasPaidBefore


def _waiting(direction: Direction, references: Iterable[str]) -> QuerySet[StatementLine]:
    named = Q()
    for reference in references:
        named |= Q(reference__icontains=reference)
    return StatementLine.objects.filter(named, direction=direction, matched_at=None).order_by("id")


def _exact(lines: QuerySet[StatementLine], payout: Payout) -> Sequence[StatementLine]:
    return [line for line in lines.filter(fen=payout.fen) if references_in(line.reference) == {payout.reference}]
