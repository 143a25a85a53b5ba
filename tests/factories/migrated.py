"""The tables as the migrations make them, made once in a run: a worker's database and a stack's own begin as copies of these.

Where there are no workers, or the server is not the tests' own, nothing is prepared and everybody migrates.
"""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

from marketplace.config.devstack import binaries, ports
from marketplace.config.devstack.postgres import DATABASE, SUPERUSER, Postgres
from marketplace.config.devstack.servers import Servers

ROOT = Path(__file__).resolve().parents[2]
WORD = "TESTS_MIGRATED"
PROGRAM = f"""
import gc, os, pathlib, django
gc.disable()  # a quarter of the time would be spent on looking for garbage among the states of the models
said = "failed"
try:
    django.setup()
    from django.core.management import call_command
    call_command("migrate", database="owner", interactive=False, verbosity=0, skip_checks=True)
    from django.db import connections
    connections.close_all()  # a database that somebody is connected to cannot be copied, and to end takes a busy machine seconds
    said = "done"
finally:
    pathlib.Path(os.environ[{WORD!r}]).write_text(said)
"""
SECONDS = 180


def begin(servers: Servers) -> subprocess.Popen[bytes]:
    """Migrate the server's first database beside what else is to be done before a test can begin."""
    os.environ[WORD] = str(servers.folder / "migrated")
    reach = {"PYTHONPATH": os.pathsep.join((str(ROOT), str(ROOT / "platform"))), **servers.environment("owner", "sequencer")}
    return subprocess.Popen([sys.executable, "-c", PROGRAM], env={**os.environ, **reach}, cwd=ROOT)


def template() -> str | None:
    """The database to copy, once it is ready; None where there is none, or where its migrations failed, as the copier's own will."""
    return DATABASE if _said() == "done" else None


# A copy has everything of its original but the rights to the database itself (ledger 0008).
RIGHTS = "DO $$ BEGIN EXECUTE format('REVOKE TEMPORARY ON DATABASE %I FROM PUBLIC', current_database()); END $$"


def fill(server: Postgres) -> None:
    """Bring the tables into an empty cluster, so that its own migrations find nothing to do."""
    if template() is None:
        return
    ours = Path(os.environ[WORD]).parent / "postgres.secret.json"
    first = os.environ["MIGRATE_DATABASE_URL"].rpartition(":")[2].partition("/")[0]
    tables = _tool(ours, int(first), "pg_dump", "--format=custom").stdout
    _tool(server.secrets_file, server.port, "pg_restore", "--exit-on-error", sent=tables)
    _tool(server.secrets_file, server.port, "psql", "--no-psqlrc", "--quiet", "--command", RIGHTS)


def _said() -> str | None:
    name = os.environ.get(WORD)
    deadline = time.monotonic() + SECONDS
    while name and time.monotonic() < deadline:
        if Path(name).exists() and (said := Path(name).read_text(encoding="ascii")):
            return said
        time.sleep(0.05)
    return None


def _tool(secrets: Path, port: int, tool: str, *words: str, sent: bytes | None = None) -> subprocess.CompletedProcess[bytes]:
    superuser = json.loads(secrets.read_text(encoding="utf-8"))["superuser"]
    command = [str(binaries.postgres_bin() / tool), "-h", ports.LOOPBACK, "-p", str(port), "-U", SUPERUSER, "-d", DATABASE, *words]
    return subprocess.run(command, env={"PGPASSWORD": superuser}, input=sent, check=True, capture_output=True)
