"""Eight writers, three rival sequencers and the database server, killed again and again: nothing is lost, doubled or signed too early."""

import os
import random
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import psycopg2
import pytest

from ledger import verify
from ledger.engine.checkpoint import parse_text
from marketplace.config.devstack.postgres import Postgres
from marketplace.config.devstack.servers import temporary_folder

ROOT = Path(__file__).resolve().parents[2]
ORIGIN = "fire.example/ledger"
SECONDS = 600

pytestmark = [pytest.mark.prove, pytest.mark.slow]


@dataclass
class House:
    """A durable server of its own, and the processes that use it."""

    server: Postgres
    folder: Path

    @property
    def environment(self):
        return {
            **os.environ,
            "PYTHONPATH": os.pathsep.join((str(ROOT), str(ROOT / "platform"))),
            "DJANGO_SETTINGS_MODULE": "marketplace.config.settings.test",
            "DATABASE_URL": self.server.url("app"),
            "MIGRATE_DATABASE_URL": self.server.url("owner"),
            "SEQUENCER_DATABASE_URL": self.server.url("sequencer"),
            "LEDGER_ORIGIN": ORIGIN,
            "LEDGER_KEY_FILE": str(self.folder / "key"),
            "LEDGER_LAST_CHECKPOINT_FILE": str(self.folder / "last"),
        }

    def manage(self, *words):
        command = [sys.executable, str(ROOT / "manage.py"), *words]
        done = subprocess.run(command, env=self.environment, cwd=ROOT, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def start(self, *words):
        command = [sys.executable, str(ROOT / "tests" / "factories" / "ledger_under_fire.py"), *map(str, words)]
        with (self.folder / "said").open("ab") as said:
            return subprocess.Popen(command, env=self.environment, cwd=ROOT, stdout=said, stderr=said)

    def read(self, query):
        with psycopg2.connect(self.server.url("owner")) as session, session.cursor() as cursor:
            cursor.execute(query)
            return cursor.fetchall()

    def kill_the_server(self):
        """An immediate stop: no process of the server says goodbye, what was not synced to disk is lost."""
        port = self.server.port
        self.server.child.process.send_signal(signal.SIGQUIT)
        self.server.child.process.wait(30)
        self.server.launch(port=port)

    def signed(self):
        """How many entries the last checkpoint states that was signed; 0 before the first."""
        file = self.folder / "last"
        return parse_text(file.read_text().partition("\n\n")[0] + "\n").size if file.is_file() else 0


@pytest.fixture
def house(tmp_path):
    with temporary_folder("fire") as folder:
        server = Postgres(folder, durable=True)
        server.start()
        own = House(server, tmp_path)
        own.manage("migrate", "ledger", "--database", "owner", "--verbosity", "0", "--skip-checks")
        own.vkey = own.manage("ledger_keygen", str(tmp_path / "key"), "--origin", ORIGIN).strip()
        yield own
        server.stop()


def wait_for(condition, seconds=SECONDS):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "this took too long"
        time.sleep(0.05)


def test_every_acknowledged_intent_is_in_the_log_once_however_often_sequencers_and_server_are_killed(house, at_size, seed):
    kills, server_kills, chance = at_size(6, 200), at_size(1, 20), random.Random(seed)
    written, killed = house.folder / "written", house.folder / "killed"
    writers, sequencers = house.start("writers", written), house.start("sequencers", killed, seed)
    try:
        wait_for(lambda: written.is_file() and house.signed())
        for number in range(1, server_kills + 1):
            wait_for(lambda number=number: killed.is_file() and int(killed.read_text() or 0) >= number * kills // (server_kills + 1))
            time.sleep(chance.uniform(0, 0.5))
            before = house.signed()
            house.kill_the_server()
            ((entries, last),) = house.read("SELECT count(*), max(seq) FROM ledger_entry")
            # What the server holds after its recovery is what is durable: no gap, and nothing signed beyond it.
            assert entries == last + 1
            assert before <= entries
            height = len(written.read_text().split())
            wait_for(lambda height=height: len(written.read_text().split()) > height, 60)
        wait_for(lambda: int(killed.read_text() or 0) >= kills)
    finally:
        for process in (writers, sequencers):
            process.terminate()
            process.wait(60)
    house.manage("ledger_sequence")
    acknowledged = written.read_text().split()
    in_the_log = [str(one) for (one,) in house.read("SELECT id FROM ledger_entry ORDER BY seq")]
    assert len(set(in_the_log)) == len(in_the_log)
    assert set(acknowledged) <= set(in_the_log)
    # Writers were cut off in the middle of a commit: such an intent may have been recorded, but at most one for each cut.
    assert len(in_the_log) - len(acknowledged) <= 8 * server_kills
    assert house.read("SELECT count(*) FROM ledger_inbox") == [(0,)]
    assert house.read("SELECT count(*) FROM ledger_entry") == house.read("SELECT max(size) FROM ledger_checkpoint") == [(house.signed(),)]
    house.manage("ledger_verify")
    house.manage("ledger_export", str(house.folder / "log"))
    assert verify.main(["log", str(house.folder / "log"), "--key", house.vkey]) == 0
