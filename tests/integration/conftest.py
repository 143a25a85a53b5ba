"""What tests of the services share: a signing key of the log, and where the signing process remembers what it signed."""

import pytest

from ledger.app import signing


@pytest.fixture
def memory(settings, tmp_path):
    settings.LEDGER_LAST_CHECKPOINT_FILE = str(tmp_path / "last-checkpoint")
    return tmp_path / "last-checkpoint"


@pytest.fixture
def key(settings, tmp_path):
    """Make a key of this log and let the signing process hold the first."""

    def make(name: str):
        return signing.make_key(tmp_path / name, origin=settings.LEDGER_ORIGIN)

    make.path = tmp_path
    settings.LEDGER_KEY_FILE = str(tmp_path / "old")
    make.old = make("old")
    return make
