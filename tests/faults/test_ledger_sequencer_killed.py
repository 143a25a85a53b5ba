"""A sequencer that is killed at any moment loses nothing and doubles nothing."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.db import connections
from django.db.models import QuerySet

from ledger import verify
from ledger.app import models, signing, storage
from ledger.app import services as ledger
from ledger.app.services import sequencing
from ledger.app.services.exporting import export
from tests.factories.recorded import record

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "sequencer", "owner"])
ROOT = Path(__file__).resolve().parents[2]
# The sequencer as it is in life, but in the database of the tests.
# One sequencer after another for each line that is read: starting Python and Django anew each time would take most of the proof.
NURSERY = """
import os, sys, django
from django.conf import settings
from django.core.management import call_command
django.setup()
for alias in settings.DATABASES:
    settings.DATABASES[alias]["NAME"] = os.environ["TEST_DATABASE"]
for _ in sys.stdin:
    child = os.fork()
    if child == 0:
        # By the child itself, in one write and before the sequencer says anything: two who speak at once would split each other's lines.
        os.write(1, b"pid %d\\n" % os.getpid())
        call_command("ledger_sequence", "--forever")
        os._exit(0)
    os.write(1, b"ended %d\\n" % os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


class Sequencers:
    """The processes of a nursery, one at a time."""

    def __init__(self, environment: dict[str, str]) -> None:
        command = [sys.executable, "-u", "-c", NURSERY]
        self.nursery = subprocess.Popen(
            command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, bufsize=1
        )
        self.pid = 0

    def start(self) -> None:
        """Return when a sequencer runs."""
        self.nursery.stdin.write("\n")
        word, number = self.nursery.stdout.readline().split()
        assert word == "pid"
        self.pid = int(number)
        assert "The sequencer runs" in self.nursery.stdout.readline()

    def end(self, number: int) -> int:
        """Send it a signal and return its exit code."""
        os.kill(self.pid, number)
        word, code = self.nursery.stdout.readline().split()
        assert word == "ended"
        self.pid = 0
        return int(code)

    def close(self) -> None:
        if self.pid:
            os.kill(self.pid, signal.SIGKILL)
        self.nursery.communicate(timeout=20)


@pytest.fixture
def key(settings, tmp_path):
    settings.LEDGER_KEY_FILE, settings.LEDGER_LAST_CHECKPOINT_FILE = str(tmp_path / "key"), ""
    return signing.make_key(tmp_path / "key", origin=settings.LEDGER_ORIGIN)


@pytest.fixture
def sequencer(settings, key):
    """Sequencers as processes of their own; whatever still runs is killed afterwards."""
    environment = {
        **os.environ,
        "PYTHONPATH": f"{ROOT}:{ROOT / 'platform'}",
        "TEST_DATABASE": connections["default"].settings_dict["NAME"],
        "LEDGER_KEY_FILE": settings.LEDGER_KEY_FILE,
        "LEDGER_ORIGIN": settings.LEDGER_ORIGIN,
    }
    nursery = Sequencers(environment)
    yield nursery
    nursery.close()


def wait_for(condition, seconds=30):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "this took too long"
        time.sleep(0.02)


@pytest.mark.prove
@pytest.mark.slow
def test_kill_minus_nine_of_a_sequencer_loses_and_doubles_nothing(sequencer, key, at_size, seed, tmp_path):
    chance = random.Random(seed)
    acknowledged = []
    for _ in range(at_size(3, 120)):
        sequencer.start()
        end = time.monotonic() + chance.uniform(0.02, 0.3)
        while time.monotonic() < end:
            acknowledged.append(record())
        assert sequencer.end(signal.SIGKILL) == -signal.SIGKILL
    sequencer.start()
    wait_for(lambda: ledger.height() == len(acknowledged))
    wait_for(lambda: ledger.latest_checkpoint().size == len(acknowledged))
    assert sequencer.end(signal.SIGTERM) == 0
    assert [row.id for row in models.Entry.objects.order_by("seq")] == acknowledged
    assert not models.Inbox.objects.exists()
    assert ledger.audit() == []
    export(tmp_path / "log")
    assert verify.main(["log", str(tmp_path / "log"), "--key", key.verifier.vkey]) == 0


class PowerCut(BaseException):
    pass


def cut(*_: object, **__: object) -> None:
    raise PowerCut


@pytest.mark.parametrize(
    ("owner", "name"),
    [(sequencing, "_insert"), (storage, "append"), (sequencing, "_empty"), (QuerySet, "update"), (sequencing, "_place")],
    ids=["before the entries", "before the tiles", "before the inbox is emptied", "before the head moves", "before anything"],
)
def test_a_batch_that_breaks_off_at_any_of_its_writes_leaves_nothing_of_itself(owner, name, monkeypatch):
    record()
    ledger.sequence_batch()
    ids = [record(), record()]
    with monkeypatch.context() as patch:
        patch.setattr(owner, name, cut)
        with pytest.raises(PowerCut):
            ledger.sequence_batch()
    assert ledger.height() == 1
    assert [row.id for row in models.Inbox.objects.order_by("position")] == ids
    assert ledger.audit() == []
    assert ledger.sequence_batch() == 2
    assert ledger.audit() == []


def test_a_process_killed_between_remembering_and_publishing_a_checkpoint_publishes_that_one(key, monkeypatch):
    record()
    ledger.sequence_batch()
    remember = signing.remember
    with monkeypatch.context() as patch:
        patch.setattr(signing, "remember", lambda note: cut(remember(note)))
        with pytest.raises(PowerCut):
            ledger.publish_checkpoint()
    assert ledger.latest_checkpoint() is None
    assert ledger.publish_checkpoint().note == signing.last_signed()
