"""What the database itself refuses, whoever asks."""

import pytest
from django.conf import settings
from django.db import connections

from ledger.app import services as ledger
from tests.factories.recorded import record
from tests.factories.roles import DENIED, ONLY_GROWS, attempt, guarded, guards, lent, replica_mode

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "sequencer", "owner"])
TABLES = ["ledger_entry", "ledger_inbox", "ledger_subject", "ledger_checkpoint", "ledger_cosignature", "ledger_tile"]


@pytest.fixture
def log():
    record()
    ledger.sequence_batch()
    record()
    with connections["owner"].cursor() as cursor:
        cursor.execute("INSERT INTO ledger_checkpoint (size, root, note, vkey) VALUES (1, 'r', 'n', 'k')")
        cursor.execute("INSERT INTO ledger_cosignature (size, vkey, line, cosigned_at) VALUES (1, 'k', 'l', now())")


def column(table):
    return {"ledger_tile": "level", "ledger_checkpoint": "size", "ledger_cosignature": "size", "ledger_entry": "seq"}.get(table, "id")


@pytest.mark.parametrize("table", TABLES)
def test_the_app_role_cannot_change_what_was_recorded(log, table):
    name = column(table)
    for statement in (f"UPDATE {table} SET {name} = {name}", f"DELETE FROM {table}", f"TRUNCATE {table} CASCADE"):
        assert attempt("default", statement) == DENIED, statement


def test_the_app_role_cannot_write_the_log_move_the_head_or_lower_the_guards(log):
    for statement in (
        "INSERT INTO ledger_entry SELECT 9, gen_random_uuid(), 'a', now(), leaf_hash, bytes, now() FROM ledger_entry",
        "UPDATE ledger_head SET height = 0",
        "INSERT INTO ledger_tile (level, index, hashes) VALUES (0, 9, decode(repeat('00', 32), 'hex'))",
        "ALTER TABLE ledger_entry DISABLE TRIGGER ALL",
        "DROP TRIGGER ledger_entry_stays ON ledger_entry",
        "DROP TABLE ledger_entry",
        f'SET ROLE "{settings.OWNER_ROLE}"',
        f'SET ROLE "{settings.SEQUENCER_ROLE}"',
    ):
        assert attempt("default", statement) == DENIED, statement


def test_no_role_may_enter_replica_mode(log):
    assert attempt("default", "SET session_replication_role = replica") == DENIED
    assert attempt("sequencer", "SET session_replication_role = replica") == DENIED


def test_no_table_of_the_ledger_lacks_a_guard_and_each_is_awake_in_replica_mode_too():
    """Read from the database: a table that is added later is asked as well."""
    found = guarded("ledger_")
    assert {awake for *_, awake in guards("ledger_")} == {"A"}
    erasable = {"ledger_disclosure": {16, 32}}
    assert found == {table: erasable.get(table, {8, 16, 32}) for table in found}
    assert len(found) >= 8


@pytest.fixture
def in_replica_mode():
    with replica_mode() as run:
        yield run


@pytest.mark.parametrize("role", [settings.APP_ROLE, settings.SEQUENCER_ROLE, settings.OWNER_ROLE])
def test_in_replica_mode_too_nobody_changes_what_was_recorded(log, in_replica_mode, role):
    assert in_replica_mode(role, "SELECT * FROM ledger_entry") is None
    for table in [*TABLES, "ledger_head", "ledger_handle"]:
        statements = [f"DELETE FROM {table}", f"TRUNCATE {table} CASCADE"]
        # Growing is allowed to a tile and to the head: anything else is not.
        backwards = {"ledger_tile": "hashes = hashes || hashes, level = 9", "ledger_head": "height = height - 1"}
        statements.append(f"UPDATE {table} SET " + backwards.get(table, f"{column(table)} = {column(table)}"))
        for statement in statements:
            allowed = {ONLY_GROWS} if role == settings.OWNER_ROLE else {ONLY_GROWS, DENIED}
            assert in_replica_mode(role, statement) in allowed, statement


def test_with_guards_that_are_not_always_awake_the_owner_could_delete_in_replica_mode(log, in_replica_mode):
    """The twin: an ordinary trigger sleeps in replica mode."""
    sleeping = [f"ALTER TABLE ledger_entry ENABLE TRIGGER {name}" for name in ("ledger_entry_stays", "ledger_entry_kept")]
    assert in_replica_mode(settings.OWNER_ROLE, *sleeping, "DELETE FROM ledger_entry") is None
    assert attempt("owner", *sleeping, "DELETE FROM ledger_entry") == ONLY_GROWS


@pytest.mark.parametrize("alias", ["default", "sequencer"])
def test_no_role_that_works_may_lower_a_guard_of_any_table(alias):
    for table, name, _, _ in guards("ledger_"):
        for statement in (
            f'ALTER TABLE {table} DISABLE TRIGGER "{name}"',
            f"ALTER TABLE {table} DISABLE TRIGGER ALL",
            f'DROP TRIGGER "{name}" ON {table}',
            f"DROP TABLE {table} CASCADE",
            f"ALTER TABLE {table} RENAME TO gone",
        ):
            assert attempt(alias, statement) == DENIED, statement
    assert (
        attempt(alias, "CREATE OR REPLACE FUNCTION ledger_refuse() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN OLD; END'") == DENIED
    )


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("alias", ["owner", "sequencer"])
def test_not_even_the_owner_or_the_sequencer_changes_what_was_recorded(log, table, alias):
    name = column(table)
    value = f"{name} + 1" if name != "id" else "gen_random_uuid()"
    for statement in (f"UPDATE {table} SET {name} = {value}", f"DELETE FROM {table}", f"TRUNCATE {table} CASCADE"):
        assert attempt(alias, statement) in ({ONLY_GROWS} if alias == "owner" else {ONLY_GROWS, DENIED}), statement


def test_an_intent_leaves_the_inbox_only_for_the_log(log):
    assert attempt("sequencer", "DELETE FROM ledger_inbox") == ONLY_GROWS
    assert ledger.sequence_batch() == 1
    assert attempt("sequencer", "DELETE FROM ledger_inbox") is None


@pytest.mark.parametrize("alias", ["default", "sequencer"])
def test_no_role_that_works_makes_a_table_of_its_own(alias):
    assert attempt(alias, "CREATE TEMPORARY TABLE ledger_entry (id uuid)") == DENIED
    assert attempt(alias, "CREATE TABLE ledger_entries (id uuid)") == DENIED


def test_a_table_of_the_sessions_own_deceives_no_guard(log):
    """Such a table would stand before the log's own; who may make one (as before it was refused) gains nothing by it."""
    with lent("TEMPORARY", settings.SEQUENCER_ROLE):
        assert attempt("sequencer", "CREATE TEMPORARY TABLE ledger_entry AS SELECT id FROM ledger_inbox") is None
        assert attempt(
            "sequencer", "CREATE TEMPORARY TABLE ledger_entry AS SELECT id FROM ledger_inbox", "DELETE FROM ledger_inbox"
        ) == ONLY_GROWS  # fmt: skip


def test_every_function_of_the_ledger_looks_for_tables_in_one_place_first():
    with connections["owner"].cursor() as cursor:
        cursor.execute("SELECT proname, proconfig FROM pg_proc WHERE starts_with(proname, 'ledger_')")
        found = dict(cursor.fetchall())
    assert set(found) >= {"ledger_refuse", "ledger_inbox_leaves_for_the_log", "ledger_tile_grows", "ledger_tile_halfway", "ledger_proof"}
    paths = {name: [one for one in settings or () if one.startswith("search_path=")] for name, settings in found.items()}
    assert paths == {name: ["search_path=public, pg_temp"] for name in found}


@pytest.mark.parametrize("alias", ["default", "sequencer"])
def test_what_is_published_is_read_and_never_written_through(log, alias):
    assert attempt(alias, "SELECT * FROM ledger_published") is None
    for statement in (
        "INSERT INTO ledger_published (size, root, vkey, signed_at) VALUES (9, 'r', 'k', now())",
        "UPDATE ledger_published SET vkey = 'other'",
        "DELETE FROM ledger_published",
    ):
        assert attempt(alias, statement) == DENIED, statement


def test_a_tile_may_grow_and_nothing_else(log):
    longer = "UPDATE ledger_tile SET hashes = hashes || decode(repeat('00', 32), 'hex')"
    other = "UPDATE ledger_tile SET hashes = decode(repeat('00', 64), 'hex')"
    assert attempt("sequencer", longer) is None
    assert attempt("sequencer", other) == ONLY_GROWS


@pytest.mark.parametrize("alias", ["sequencer", "owner"])
def test_the_row_halfway_up_a_tile_is_made_by_the_database_and_written_by_nobody(log, alias):
    made_by_database = "428C9"
    assert attempt(alias, "UPDATE ledger_tile SET halfway = decode(repeat('00', 32), 'hex')") == made_by_database
    assert attempt(alias, "INSERT INTO ledger_tile (level, index, hashes, halfway) VALUES (0, 9, decode(repeat('00', 32), 'hex'), '')") == (
        made_by_database
    )


def test_an_entry_whose_leaf_hash_is_not_that_of_its_bytes_cannot_be_stored():
    statement = "INSERT INTO ledger_entry VALUES (7, gen_random_uuid(), 'a', now(), decode(repeat('00', 32), 'hex'), 'x', now())"
    assert attempt("sequencer", statement) == "23514"


def test_an_intent_without_its_permanent_id_cannot_be_slipped_into_the_inbox():
    assert attempt("default", "INSERT INTO ledger_inbox (id, fields) VALUES (gen_random_uuid(), 'x')") == "23503"


def test_the_sequencer_reads_no_private_value():
    for table in ("ledger_disclosure", "ledger_handle", "ledger_subject"):
        assert attempt("sequencer", f"SELECT * FROM {table}") == DENIED
