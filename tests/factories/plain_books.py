"""The books as a child would keep them: purses, and promises between them. What the real ones are held against."""

from collections import Counter
from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field

from marketplace.common.errors import DomainError
from marketplace.treasury import errors


def debt_of(name: str) -> str:
    """The purse that is below zero by what this one's owner owes."""
    return f"debt of {name}"


@dataclass
class PlainBooks:
    """Each step is done, or names the refusal that the real books owe; then nothing has changed."""

    purses: dict[str, int] = field(default_factory=dict)
    promises: dict[Hashable, tuple[str, str, int]] = field(default_factory=dict)
    bank: int = 0

    def open(self, names: Iterable[str]) -> None:
        """New and empty purses."""
        self.purses |= dict.fromkeys(names, 0)

    def promised(self, name: str) -> int:
        """What a purse has promised away and still holds."""
        return sum(fen for source, _, fen in self.promises.values() if source == name)

    def all_promised(self) -> tuple[Counter[str], Counter[str]]:
        """What each purse has promised away, and what is promised to it."""
        away, coming = Counter[str](), Counter[str]()
        for source, target, fen in self.promises.values():
            away[source] += fen
            coming[target] += fen
        return away, coming

    def available(self, name: str) -> int:
        return self.purses[name] - self.promised(name)

    def owes(self, name: str) -> int:
        """What the bank took back of a purse beyond what was in it: a purse of its own, below zero."""
        return -self.purses.get(debt_of(name), 0)

    def take_in(self, name: str, fen: int) -> None:
        """Money comes from the bank."""
        self.purses[name] += fen
        self.bank += fen

    def take_back(self, name: str, fen: int) -> None:
        """The bank takes money back: what the purse has free, and the rest is owed."""
        paid = min(fen, self.available(name))
        self.pay_out(name, paid)
        self.pay_out(debt_of(name), fen - paid)

    def repay(self, name: str) -> None:
        """What a purse has free goes to what it owes."""
        fen = min(self.owes(name), self.available(name))
        if fen:
            self.purses[name] -= fen
            self.purses[debt_of(name)] += fen

    def pay_out(self, name: str, fen: int) -> None:
        """Money goes to the bank."""
        self.purses[name] -= fen
        self.bank -= fen

    def move(self, source: str, target: str, fen: int) -> type[DomainError] | None:
        if fen <= 0:
            return errors.AmountRefused
        if self.owes(source):
            return errors.DebtFirst
        if self.available(source) < fen:
            return errors.InsufficientFunds
        self.purses[source] -= fen
        self.purses[target] += fen
        return None

    def promise(self, key: Hashable, source: str, target: str, fen: int) -> type[DomainError] | None:
        if fen <= 0:
            return errors.AmountRefused
        if self.owes(source):
            return errors.DebtFirst
        if self.available(source) < fen:
            return errors.InsufficientFunds
        self.promises[key] = (source, target, fen)
        return None

    def keep(self, key: Hashable, fen: int) -> type[DomainError] | None:
        """Pay so much of a promise and give back the rest; 0 gives back all. Who asks has been given the promise before."""
        if key not in self.promises:
            return errors.HoldResolved
        source, target, held = self.promises[key]
        if fen > held:
            return errors.HoldMismatch
        del self.promises[key]
        self.purses[source] -= fen
        self.purses[target] += fen
        return None
