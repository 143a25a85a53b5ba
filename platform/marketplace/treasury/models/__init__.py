"""The tables of the treasury."""

from marketplace.treasury.models.bank import BEIJING, BankStatement, Direction, StatementLine, TopUpReference
from marketplace.treasury.models.books import MAX_FEN, Account, AccountKind, Transfer, TransferKind

__all__ = [
    "BEIJING",
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
