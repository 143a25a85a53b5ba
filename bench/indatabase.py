"""Changes a second inside PostgreSQL, by its own pgbench: no Python between the client and the server."""

import os
import re
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from marketplace.config.devstack.binaries import postgres_bin

MANY = 4
ACCOUNTS = 1_000
# As many rows for pgbench's own measurement as 10 branches have, so that its clients do not meet on one row.
SCALE = 10

# What `record` and `transfer` send for one change, each its own statement: the intent and its link, then the transfer.
TRANSFER = r"""
\set one random(1, 9223372036854775807)
\set two random(1, 9223372036854775807)
\set payer random(1, :accounts)
\set step random(1, :accounts - 1)
\set payee 1 + (:payer + :step - 1) % :accounts
BEGIN;
WITH change AS (SELECT (lpad(to_hex(:one::bigint), 16, '0') || lpad(to_hex(:two::bigint), 16, '0'))::uuid AS id), link AS (
    INSERT INTO ledger_subject (id, kind, object_id, type, public, money) SELECT id, 'bench', id, 'bench.paid', false, true FROM change
) INSERT INTO ledger_inbox (id, fields) SELECT id, convert_to(repeat('x', 400), 'UTF8') FROM change;
INSERT INTO treasury_transfer (id, group_id, kind, source_id, target_id, fen, currency, code, created_at)
SELECT gen_random_uuid(), (lpad(to_hex(:one::bigint), 16, '0') || lpad(to_hex(:two::bigint), 16, '0'))::uuid,
    'posted', payer.id, payee.id, 1, 'CNY', 'bench', now()
FROM bench_account AS payer, bench_account AS payee WHERE payer.number = :payer AND payee.number = :payee;
COMMIT;
"""
# The same without intent, totals, guards and constraints: what any pair of postings costs.
POSTINGS = r"""
\set payer random(1, :accounts)
\set step random(1, :accounts - 1)
\set payee 1 + (:payer + :step - 1) % :accounts
BEGIN;
INSERT INTO bench_posting (id, account, fen, created_at) SELECT gen_random_uuid(), id, -1, now() FROM bench_account WHERE number = :payer;
INSERT INTO bench_posting (id, account, fen, created_at) SELECT gen_random_uuid(), id, 1, now() FROM bench_account WHERE number = :payee;
COMMIT;
"""
TABLES = """
CREATE TABLE bench_account (number integer PRIMARY KEY, id uuid NOT NULL);
CREATE TABLE bench_posting (id uuid PRIMARY KEY, account uuid NOT NULL, fen bigint NOT NULL, created_at timestamptz NOT NULL);
CREATE INDEX ON bench_posting (account, id);
INSERT INTO bench_account SELECT row_number() OVER (), id FROM unnest(%s::uuid[]) AS id;
GRANT SELECT ON bench_account TO PUBLIC;
GRANT SELECT, INSERT ON bench_posting TO PUBLIC;
"""


@contextmanager
def tables(accounts: list[str]) -> Iterator[None]:
    """Within, pgbench's own tables are there, and those in which accounts have numbers."""
    from django.db import connections  # noqa: PLC0415 - after set_up()

    _pgbench("owner", "--initialize", "--quiet", "--scale", str(SCALE))
    with connections["owner"].cursor() as cursor:
        cursor.execute(TABLES, [accounts])
        try:
            yield
        finally:
            cursor.execute("DROP TABLE bench_account, bench_posting, pgbench_accounts, pgbench_branches, pgbench_history, pgbench_tellers")


def simple_update(seconds: int, *, clients: int = MANY) -> float:
    """Transactions a second of pgbench's simple-update."""
    return _rate(_pgbench("owner", "--builtin", "simple-update", *_for(seconds, clients)))


def rate(script: str, seconds: int, *, accounts: int, clients: int = MANY) -> float:
    """Transactions a second of one's own script, by the app role."""
    with tempfile.NamedTemporaryFile("w", suffix=".sql", encoding="utf-8") as file:
        file.write(script)
        file.flush()
        return _rate(_pgbench("default", "--file", file.name, "--define", f"accounts={accounts}", *_for(seconds, clients)))


def _for(seconds: int, clients: int) -> tuple[str, ...]:
    at_once = ("--client", str(clients), "--jobs", str(min(clients, 2)))
    return ("--no-vacuum", "--protocol", "prepared", *at_once, "--time", str(seconds))


def _rate(said: str) -> float:
    found = re.search(r"^tps = ([0-9.]+)", said, re.MULTILINE)
    failed = re.search(r"^number of failed transactions: ([0-9]+)", said, re.MULTILINE)
    if found is None or failed is None or int(failed[1]):
        raise RuntimeError(f"pgbench said:\n{said}")
    return float(found[1])


def _pgbench(alias: str, *words: str) -> str:
    from django.db import connections  # noqa: PLC0415 - after set_up()

    login = connections[alias].settings_dict
    names = {"PGHOST": "HOST", "PGPORT": "PORT", "PGUSER": "USER", "PGPASSWORD": "PASSWORD", "PGDATABASE": "NAME"}
    program = Path(postgres_bin()) / "pgbench"
    environment = {**os.environ, **{name: str(login[key]) for name, key in names.items() if login[key]}}
    done = subprocess.run([program, *words], env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"pgbench ended with {done.returncode}:\n{done.stderr[-2000:]}")
    return done.stdout
