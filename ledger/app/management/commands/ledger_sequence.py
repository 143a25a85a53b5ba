"""The sequencer: intents get their place, the log its signature."""

import signal
import threading
import time
from argparse import ArgumentParser
from contextlib import suppress
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError, connections

from ledger.app import signing
from ledger.app.services.cosigning import Cosigning, ask_all
from ledger.app.services.publishing import outgrown, publish_checkpoint
from ledger.app.services.sequencing import BATCH, SEQUENCER, sequence_batch
from ledger.engine.errors import LedgerFault

POLL_SECONDS = 0.1
RETRY_SECONDS = 1.0
# Under load the log is signed this often at most: intents must not wait for signatures over those before them.
SIGN_SECONDS = 1.0


class Command(BaseCommand):
    """Sequences what waits and signs; with --forever until it is told to stop (SIGTERM or SIGINT, after the batch)."""

    help = "为待入账意向排序并签署检查点 · Give waiting intents their place in the log and sign checkpoints."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--forever", action="store_true", help="go on, looking every 100 ms")

    def handle(self, *args: Any, forever: bool, **options: Any) -> None:
        try:
            vkey = signing.load_key().verifier.vkey
            # First of all: a log that contradicts its last signature must not grow either.
            publish_checkpoint()
            if forever:
                self.stdout.write(f"排序进程已启动 · The sequencer runs. {vkey}")
                asking = Cosigning().start()
                self._go_on(_stop_on_signal(), asking)
                asking.stop()
            else:
                self.stdout.write(str(self._drain()))
        except LedgerFault as fault:
            raise CommandError(str(fault)) from fault

    def _go_on(self, stop: threading.Event, asking: Cosigning) -> None:
        broken, due = False, time.monotonic()
        while not stop.is_set():
            try:
                moved = sequence_batch()
                # Asked of the database: a rival may have placed entries and died before it signed them.
                if time.monotonic() >= due and (broken or outgrown()):
                    publish_checkpoint()
                    asking.wake()
                    broken, due = False, time.monotonic() + SIGN_SECONDS
                pause = 0 if moved == BATCH else POLL_SECONDS
            except OperationalError as error:
                # The server restarts, or a rival holds the head row for long: the inbox keeps what waits.
                self.stderr.write(str(error).strip())
                connections[SEQUENCER].close()
                # The server that comes back may be another: its log is held against the last signature even if nothing came.
                broken, pause = True, RETRY_SECONDS
            stop.wait(pause)
        # What is not signed now will be at the next start.
        with suppress(OperationalError):
            publish_checkpoint()

    def _drain(self) -> int:
        total = 0
        while moved := sequence_batch():
            total += moved
        publish_checkpoint()
        for trouble in ask_all():
            self.stderr.write(trouble)
        return total


def _stop_on_signal() -> threading.Event:
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    return stop
