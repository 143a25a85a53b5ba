"""The tables of the treasury."""

from marketplace.treasury.models.bank import BankStatement, Direction, StatementLine, TopUpReference
from marketplace.treasury.models.books import MAX_FEN, Account, AccountKind, Transfer, TransferKind

__all__ = [
    "MAX_FEN",
    "Account",
    "AccountKind",
    "BankStatement",
    "Direction",
    "StatementLine",
    "TopUpReference",
    "Transfer",
    "TransferKind",
]
