"""What docs/operations.md says of backups: a dump comes back with its guards, and one that forgot what was signed is refused."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg2
import pytest

from marketplace.config.devstack import binaries
from marketplace.config.devstack.postgres import DATABASE, SUPERUSER, Postgres
from marketplace.config.devstack.servers import temporary_folder
from tests.factories import migrated

ROOT = Path(__file__).resolve().parents[2]
ORIGIN = "backup.example/ledger"
PRELUDE = """
import django
django.setup()
from django.core.management import call_command as call
from tests.factories.recorded import record
"""
RECORD_AND_SIGN = ("record()", "call('ledger_sequence')")


@dataclass
class House:
    """One database server with the process environment that reaches it by every role."""

    server: Postgres
    key: Path

    def run(self, *lines: str) -> subprocess.CompletedProcess[str]:
        """Run a few lines in a process of its own that knows this server and the key: starting Django once is what costs."""
        env = {
            **os.environ,
            "PYTHONPATH": os.pathsep.join((str(ROOT), str(ROOT / "platform"))),
            "DJANGO_SETTINGS_MODULE": "marketplace.config.settings.test",
            "DATABASE_URL": self.server.url("app"),
            "MIGRATE_DATABASE_URL": self.server.url("owner"),
            "SEQUENCER_DATABASE_URL": self.server.url("sequencer"),
            "LEDGER_ORIGIN": ORIGIN,
            "LEDGER_KEY_FILE": str(self.key),
        }
        command = [sys.executable, "-c", "\n".join((PRELUDE, *lines))]
        return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)

    def must(self, *lines: str) -> str:
        done = self.run(*lines)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def postgres(self, tool: str, *words: str) -> None:
        """Run one of PostgreSQL's own tools as the superuser."""
        superuser = json.loads(self.server.secrets_file.read_text(encoding="utf-8"))["superuser"]
        reach = ("-h", "127.0.0.1", "-p", str(self.server.port), "-U", SUPERUSER, "-d", DATABASE)
        command = [str(binaries.postgres_bin() / tool), *reach, *words]
        subprocess.run(command, env={"PGPASSWORD": superuser}, check=True, capture_output=True)


@pytest.fixture(scope="module")
def open_house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[], House]]:
    """Open empty servers that share one ledger key, and stop them all at the end."""
    key = tmp_path_factory.mktemp("keys") / "ledger.key"
    running: list[Postgres] = []
    with temporary_folder("backup") as folder:

        def start() -> House:
            own = folder / str(len(running))
            own.mkdir(mode=0o711)
            server = Postgres(own, durable=False)
            running.append(server)
            server.start()
            return House(server, key)

        yield start
        for server in running:
            server.stop()


@pytest.fixture(scope="module")
def dumps(open_house: Callable[[], House], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Two dumps of one log: an older one, and one taken after the last checkpoint."""
    folder, house = tmp_path_factory.mktemp("dumps"), open_house()
    migrated.fill(house.server)
    house.must(
        "call('migrate', database='owner', verbosity=0)", f"call('ledger_keygen', {str(house.key)!r}, origin={ORIGIN!r})", *RECORD_AND_SIGN
    )
    house.postgres("pg_dump", "-Fc", "-f", str(folder / "older"))
    house.must(*RECORD_AND_SIGN)
    house.postgres("pg_dump", "-Fc", "-f", str(folder / "newest"))
    return {name: folder / name for name in ("older", "newest")}


def restored(house: House, dump: Path) -> House:
    house.postgres("pg_restore", "--exit-on-error", str(dump))
    return house


def rewriting(url: str) -> str:
    """What the database says to somebody who rewrites the ledger."""
    connection = psycopg2.connect(url)
    try:
        with connection.cursor() as cursor:
            cursor.execute("UPDATE ledger_entry SET type = 'x'")
    except psycopg2.Error as refusal:
        return str(refusal)
    finally:
        connection.close()
    return "done"


@pytest.mark.slow
def test_a_dump_that_is_restored_is_sound_keeps_its_guards_and_goes_on(open_house: Callable[[], House], dumps: dict[str, Path]) -> None:
    house = restored(open_house(), dumps["newest"])
    assert "permission denied" in rewriting(house.server.url("app"))
    assert "the ledger only grows" in rewriting(house.server.url("owner"))
    said = house.must("call('migrate', check_unapplied=True)", "call('ledger_verify')", *RECORD_AND_SIGN, "call('ledger_verify')")
    assert ("2 entries" in said, "3 entries" in said) == (True, True)


@pytest.mark.slow
def test_a_dump_from_before_the_last_signed_checkpoint_is_refused_and_signs_nothing(
    open_house: Callable[[], House], dumps: dict[str, Path]
) -> None:
    house = restored(open_house(), dumps["older"])
    refused = house.run("call('ledger_sequence')")
    assert refused.returncode == 1
    assert "it was restored to before that checkpoint" in " ".join(refused.stderr.split())
