"""The tables of the treasury."""

from marketplace.treasury.models.bank import BEIJING, CHARGE_BACK, BankStatement, Direction, StatementLine, TopUpReference
from marketplace.treasury.models.books import MAX_FEN, Account, AccountKind, Transfer, TransferKind
from marketplace.treasury.models.decisions import INCOMING, DecisionKind, LineDecision
from marketplace.treasury.models.imports import StatementImport, StatementPhase
from marketplace.treasury.models.mappings import DateFormat, Delimiter, Encoding, MappedField, StatementMapping
from marketplace.treasury.models.orders import OrderForm, PaymentInstruction, PaymentOrder

__all__ = [
    "BEIJING",
    "CHARGE_BACK",
    "INCOMING",
    "MAX_FEN",
    "Account",
    "AccountKind",
    "BankStatement",
    "DateFormat",
    "DecisionKind",
    "Delimiter",
    "Direction",
    "Encoding",
    "LineDecision",
    "MappedField",
    "OrderForm",
    "PaymentInstruction",
    "PaymentOrder",
    "StatementImport",
    "StatementLine",
    "StatementMapping",
    "StatementPhase",
    "TopUpReference",
    "Transfer",
    "TransferKind",
]
