"""The soak: one step after the other, each judged at once, the whole from time to time, until the first fault or the end."""

import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from django.conf import settings
from django.test.utils import override_settings

from ledger.app import services as ledger
from ledger.app import signing
from tests.factories import books
from tests.soak import on_agreements, on_books, on_campaigns, on_charge_backs, on_payouts, on_pledges, on_pools, on_revenue, on_signatures
from tests.soak.exchange import Disagreement, Exchange
from tests.soak.people import Scale
from tests.soak.steps import Step

ROOMS = (on_books, on_charge_backs, on_pools, on_pledges, on_campaigns, on_agreements, on_signatures, on_revenue, on_payouts)
STEPS = [thing for room in ROOMS for thing in vars(room).values() if isinstance(thing, Step)]
SEALED_EVERY = 500
AUDITED_AGAIN = 10  # times as much
TOLD_EVERY = 2.0  # seconds


class Fault(Exception):
    """The first thing that was wrong, and after which operation it was seen."""

    def __init__(self, soak: "Soak", words: str) -> None:
        self.number, self.words = soak.number, words
        self.journal = list(soak.exchange.journal)
        super().__init__(f"operation {soak.number} ({soak.step}): {words}")


class Soak:
    """So many operations on the exchange, drawn from the seed alone.

    After each the purses are compared with the model; after every `every`th, and at the end, also all states, and `check_books`
    (B1 to B5, B7 to B10) looks at everything. The log is sealed all along; its audit (B6), which reads all of it, comes with the first
    check, whenever ten times as much has been done as at the one before, and at the end.
    """

    def __init__(
        self, *, seed: int, operations: int, scale: Scale | None = None, every: int = 0, tell: Callable[[str], None] = print
    ) -> None:
        self.chance, self.scale, self.tell = random.Random(seed), scale or Scale(), tell
        self.operations, self.every = operations, every or max(250, operations // 20)
        self.number = self.audited = self.checked = 0
        self.step = "setting up"
        self.weights = [step.weight for step in STEPS]

    def run(self) -> None:
        """Go to the end, or raise Fault."""
        with _as_in_production():
            self.exchange = Exchange(self.chance, self.scale)
            self.began = self.told = time.monotonic()
            try:
                while self.number < self.operations:
                    self._operate()
            except Disagreement as found:
                raise Fault(self, str(found)) from found
            except Exception as found:  # Whatever else breaks is told with its operation, its journal and its seed too.
                raise Fault(self, f"{type(found).__name__}: {found}") from found
            finally:
                self.exchange.close()

    @property
    def pace(self) -> float:
        """Operations per second, the checks included."""
        return self.number / max(0.001, time.monotonic() - self.began)

    def progress(self) -> str:
        """Where the soak is, in one line."""
        counted, days = self.exchange.counted, self.exchange.now // 4
        return (
            f"{self.number:>9,} of {self.operations:,} operations, {self.pace:.0f} a second: {counted['done']:,} done, "
            f"{counted['refused']:,} refused as foretold, {counted['at once']:,} asked by three at once; day {days:,}, "
            f"all sound at {self.checked:,}"
        )

    def _operate(self) -> None:
        self.number += 1
        step = self._drawn()
        self.exchange.compare()
        self.exchange.forget_what_is_over()
        self.exchange.counted[step.words] += 1
        if self.number % SEALED_EVERY == 0:
            _seal()
        if self.number % self.every == 0 or self.number == self.operations:
            self._check()
        if time.monotonic() - self.told > TOLD_EVERY:
            self.told = time.monotonic()
            self.tell(self.progress())

    def _drawn(self) -> Step:
        """The first of the drawn steps that finds something to do."""
        while True:
            (step,) = self.chance.choices(STEPS, self.weights)
            self.step = step.words
            if step.do(self.exchange) is not False:
                return step

    def _check(self) -> None:
        self.exchange.compare_states()
        _seal()
        if self.number == self.operations:
            found = books.judge.findings()
        elif self.number >= AUDITED_AGAIN * self.audited:
            found = books.everything_wrong()
            self.audited = self.number
        else:
            found = books.of_the_books()
        if found:
            raise Disagreement(f"{len(found)} findings, all later than operation {self.checked}; the first: {found[0]}")
        self.checked = self.number


def _seal() -> None:
    """Give every waiting intent its place in the log, and sign what has grown."""
    while ledger.sequence_batch():
        pass
    ledger.publish_checkpoint()


@contextmanager
def _as_in_production() -> Iterator[None]:
    """The contract's own durations, and a key for the log, thrown away afterwards."""
    with TemporaryDirectory(prefix="jinqiao-soak-") as folder:
        key, memory = Path(folder, "key"), Path(folder, "last-checkpoint")
        signing.make_key(key, origin=settings.LEDGER_ORIGIN)
        with override_settings(POLICY={}, LEDGER_KEY_FILE=str(key), LEDGER_LAST_CHECKPOINT_FILE=str(memory)):
            yield
