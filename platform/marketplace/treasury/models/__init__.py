"""The tables of the treasury."""

from marketplace.treasury.models.bank import BEIJING, BankStatement, Direction, StatementLine, TopUpReference
from marketplace.treasury.models.books import MAX_FEN, Account, AccountKind, Transfer, TransferKind
from marketplace.treasury.models.decisions import DecisionKind, LineDecision
from marketplace.treasury.models.orders import OrderForm, PaymentInstruction, PaymentOrder

__all__ = [
    "BEIJING",
    "MAX_FEN",
    "Account",
    "AccountKind",
    "BankStatement",
    "DecisionKind",
    "Direction",
    "LineDecision",
    "OrderForm",
    "PaymentInstruction",
    "PaymentOrder",
    "StatementLine",
    "TopUpReference",
    "Transfer",
    "TransferKind",
]
