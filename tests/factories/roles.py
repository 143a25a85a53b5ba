"""Statements as the database's roles send them, and what the database says of them."""

import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg2
import pytest
from django.db import DatabaseError, connections, transaction

from marketplace.config.devstack.postgres import SUPERUSER

# SQLSTATE: no such right; and the guards' own restrict_violation.
DENIED, ONLY_GROWS = "42501", "23001"


def attempt(alias: str, *statements: str) -> str | None:
    """Run statements in one transaction and return the SQLSTATE of the refusal, None when nothing was refused."""
    try:
        with transaction.atomic(using=alias), connections[alias].cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
            cursor.execute("SELECT 1")
            transaction.set_rollback(True, using=alias)
    except DatabaseError as refusal:
        code: str = getattr(refusal.__cause__, "pgcode", "")
        return code
    return None


def guards(prefix: str) -> list[tuple[str, str, int, str]]:
    """The triggers of all tables whose name begins so: table, name, pg_trigger.tgtype, and whether it is always awake (A)."""
    with connections["owner"].cursor() as cursor:
        cursor.execute(
            "SELECT tgrelid::regclass::text, tgname, tgtype, tgenabled FROM pg_trigger"
            " WHERE starts_with(tgrelid::regclass::text, %s) AND NOT tgisinternal",
            [prefix],
        )
        return list(cursor.fetchall())


def guarded(prefix: str) -> dict[str, set[int]]:
    """Of each table whose name begins so, what is judged before it is done (tgtype: 8 delete, 16 update, 32 truncate)."""
    with connections["owner"].cursor() as cursor:
        cursor.execute("SELECT relname FROM pg_class WHERE starts_with(relname, %s) AND relkind = 'r'", [prefix])
        tables = [name for (name,) in cursor.fetchall()]
    found = guards(prefix)
    return {
        table: {kind for name, _, kinds, _ in found if name == table and kinds & 2 for kind in (8, 16, 32) if kinds & kind}
        for table in tables
    }


@contextmanager
def lent(right: str, role: str) -> Iterator[None]:
    """Within, a role has a right to the database that it does not have in life."""
    with connections["owner"].cursor() as cursor:
        cursor.execute("SELECT current_database()")
        name = cursor.fetchone()[0]
        cursor.execute(f'GRANT {right} ON DATABASE "{name}" TO "{role}"')
        try:
            yield
        finally:
            cursor.execute(f'REVOKE {right} ON DATABASE "{name}" FROM "{role}"')


@contextmanager
def replica_mode() -> Iterator[Callable[..., str | None]]:
    """Run statements as a role in replica mode, into which only the superuser of the tests' own server can bring it."""
    secrets = Path(os.environ.get("JINQIAO_DATA_DIR", "")) / "postgres.secret.json"
    if not secrets.is_file():
        pytest.skip("the server is not the tests' own: its superuser is not ours")
    where = connections["owner"].settings_dict
    session = psycopg2.connect(
        host=where["HOST"], port=where["PORT"], dbname=where["NAME"], user=SUPERUSER, password=json.loads(secrets.read_text())["superuser"]
    )

    def run(role: str, *statements: str) -> str | None:
        try:
            with session, session.cursor() as cursor:
                cursor.execute(f'SET LOCAL session_replication_role = replica; SET LOCAL ROLE "{role}"')
                for statement in statements:
                    cursor.execute(statement)
                session.rollback()
        except psycopg2.Error as refusal:
            code: str | None = refusal.pgcode
            return code
        return None

    yield run
    session.close()
