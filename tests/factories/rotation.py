"""A log whose signing key changes: which key the signing process holds, and entries for it to sign."""

from pathlib import Path

from ledger.app import services as ledger
from tests.factories.recorded import record


def hold(settings, name):
    """Let the signing process hold the key of this name from now on."""
    settings.LEDGER_KEY_FILE = str(Path(settings.LEDGER_KEY_FILE).with_name(name))


def add(count=1):
    """Record so many entries and give them their places in the log."""
    for _ in range(count):
        record()
    ledger.sequence_batch()
