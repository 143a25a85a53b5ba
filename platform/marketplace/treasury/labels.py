"""What a transfer was for, in words: rooms above name the codes that they use."""

from typing import TYPE_CHECKING

from marketplace.common.text import bi

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

_labels: "dict[str, StrPromise]" = {
    "treasury.topup": bi("银行转入", "Bank transfer in"),
    "treasury.charge_back": bi("银行撤回来款", "Taken back by the bank"),
    "treasury.debt_repaid": bi("偿还欠款", "Debt repaid"),
    "bank.charge": bi("银行收费", "The bank's charge"),
    "line.give_back": bi("来款待退回", "Payment in, to be returned"),
    "line.called_off": bi("退回取消，记入钱包", "Return called off, booked to the wallet"),
    "line.given_back": bi("来款已退回", "Payment in, returned"),
    "line.taken_back": bi("来款被银行撤回", "Payment in, taken back by the bank"),
}


def name_codes(labels: "dict[str, StrPromise]") -> None:
    """Give transfer codes their words, once, when the room opens."""
    _labels.update(labels)


def label_of(code: str) -> "StrPromise | str":
    """The words of a code, or the code itself where nobody has named it."""
    return _labels.get(code, code)
