"""What the database refuses (triggers, checks) and what each role may do (grants)."""

from django.conf import settings
from django.db import migrations

# ENABLE ALWAYS: session_replication_role = replica does not skip these.
GUARDS = """
CREATE FUNCTION ledger_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% on % is refused: the ledger only grows', TG_OP, TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;

CREATE FUNCTION ledger_inbox_leaves_for_the_log() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM ledger_entry WHERE id = OLD.id) THEN
        RAISE EXCEPTION 'intent % has no entry yet: it cannot leave the inbox', OLD.id USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN OLD;
END $$;

CREATE FUNCTION ledger_tile_grows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.level <> OLD.level OR NEW.index <> OLD.index
       OR substring(NEW.hashes FROM 1 FOR octet_length(OLD.hashes)) <> OLD.hashes THEN
        RAISE EXCEPTION 'tile %/% may only grow', OLD.level, OLD.index USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER ledger_entry_stays BEFORE UPDATE OR DELETE ON ledger_entry FOR EACH ROW EXECUTE FUNCTION ledger_refuse();
CREATE TRIGGER ledger_entry_kept BEFORE TRUNCATE ON ledger_entry FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse();
CREATE TRIGGER ledger_subject_stays BEFORE UPDATE OR DELETE ON ledger_subject FOR EACH ROW EXECUTE FUNCTION ledger_refuse();
CREATE TRIGGER ledger_subject_kept BEFORE TRUNCATE ON ledger_subject FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse();
CREATE TRIGGER ledger_checkpoint_stays BEFORE UPDATE OR DELETE ON ledger_checkpoint FOR EACH ROW EXECUTE FUNCTION ledger_refuse();
CREATE TRIGGER ledger_checkpoint_kept BEFORE TRUNCATE ON ledger_checkpoint FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse();
CREATE TRIGGER ledger_inbox_stays BEFORE UPDATE ON ledger_inbox FOR EACH ROW EXECUTE FUNCTION ledger_refuse();
CREATE TRIGGER ledger_inbox_kept BEFORE TRUNCATE ON ledger_inbox FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse();
CREATE TRIGGER ledger_inbox_leaves BEFORE DELETE ON ledger_inbox FOR EACH ROW EXECUTE FUNCTION ledger_inbox_leaves_for_the_log();
CREATE TRIGGER ledger_tile_only_grows BEFORE UPDATE ON ledger_tile FOR EACH ROW EXECUTE FUNCTION ledger_tile_grows();
CREATE TRIGGER ledger_tile_stays BEFORE DELETE ON ledger_tile FOR EACH ROW EXECUTE FUNCTION ledger_refuse();
CREATE TRIGGER ledger_tile_kept BEFORE TRUNCATE ON ledger_tile FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse();

ALTER TABLE ledger_entry ENABLE ALWAYS TRIGGER ledger_entry_stays;
ALTER TABLE ledger_entry ENABLE ALWAYS TRIGGER ledger_entry_kept;
ALTER TABLE ledger_subject ENABLE ALWAYS TRIGGER ledger_subject_stays;
ALTER TABLE ledger_subject ENABLE ALWAYS TRIGGER ledger_subject_kept;
ALTER TABLE ledger_checkpoint ENABLE ALWAYS TRIGGER ledger_checkpoint_stays;
ALTER TABLE ledger_checkpoint ENABLE ALWAYS TRIGGER ledger_checkpoint_kept;
ALTER TABLE ledger_inbox ENABLE ALWAYS TRIGGER ledger_inbox_stays;
ALTER TABLE ledger_inbox ENABLE ALWAYS TRIGGER ledger_inbox_kept;
ALTER TABLE ledger_inbox ENABLE ALWAYS TRIGGER ledger_inbox_leaves;
ALTER TABLE ledger_tile ENABLE ALWAYS TRIGGER ledger_tile_only_grows;
ALTER TABLE ledger_tile ENABLE ALWAYS TRIGGER ledger_tile_stays;
ALTER TABLE ledger_tile ENABLE ALWAYS TRIGGER ledger_tile_kept;

ALTER TABLE ledger_entry
    ADD CONSTRAINT ledger_entry_seq CHECK (seq >= 0),
    ADD CONSTRAINT ledger_entry_leaf CHECK (leaf_hash = sha256('\\x00'::bytea || bytes));
ALTER TABLE ledger_handle ADD CONSTRAINT ledger_handle_secret CHECK (octet_length(secret) = 32);
ALTER TABLE ledger_disclosure ADD CONSTRAINT ledger_disclosure_salt CHECK (octet_length(salt) = 32);
ALTER TABLE ledger_tile ADD CONSTRAINT ledger_tile_width
    CHECK (octet_length(hashes) BETWEEN 32 AND 8192 AND octet_length(hashes) % 32 = 0);
-- No intent without its permanent id: an id that was sequenced cannot be recorded again.
ALTER TABLE ledger_inbox ADD CONSTRAINT ledger_inbox_recorded FOREIGN KEY (id) REFERENCES ledger_subject (id);
"""

DROP_GUARDS = """
ALTER TABLE ledger_inbox DROP CONSTRAINT ledger_inbox_recorded;
ALTER TABLE ledger_tile DROP CONSTRAINT ledger_tile_width;
ALTER TABLE ledger_disclosure DROP CONSTRAINT ledger_disclosure_salt;
ALTER TABLE ledger_handle DROP CONSTRAINT ledger_handle_secret;
ALTER TABLE ledger_entry DROP CONSTRAINT ledger_entry_leaf, DROP CONSTRAINT ledger_entry_seq;
DROP FUNCTION ledger_tile_grows() CASCADE;
DROP FUNCTION ledger_inbox_leaves_for_the_log() CASCADE;
DROP FUNCTION ledger_refuse() CASCADE;
"""

TABLES = ("subject", "handle", "disclosure", "inbox", "entry", "head", "tile", "checkpoint")
APP = {
    "subject": "SELECT, INSERT",
    "handle": "SELECT, INSERT",
    "disclosure": "SELECT, INSERT, DELETE",
    "inbox": "SELECT, INSERT",
    "entry": "SELECT",
    "head": "SELECT",
    "tile": "SELECT",
    "checkpoint": "SELECT",
}
SEQUENCER = {
    "inbox": "SELECT, DELETE",
    "entry": "SELECT, INSERT",
    "head": "SELECT, INSERT, UPDATE",
    "tile": "SELECT, INSERT, UPDATE",
    "checkpoint": "SELECT, INSERT",
}
# What each role may do, and nothing else. A role that does not exist (one role for all, as in a sandbox) is passed over.
GRANT = """
DO $$
BEGIN
    IF EXISTS (SELECT 1 FROM pg_roles WHERE rolname = '{role}') THEN
        {grants}
    END IF;
END $$
"""


def grant(apps, schema_editor):
    for role, rights in ((settings.APP_ROLE, APP), (settings.SEQUENCER_ROLE, SEQUENCER)):
        grants = [f'REVOKE ALL ON ledger_{table} FROM "{role}";' for table in TABLES]
        grants += [f'GRANT {right} ON ledger_{table} TO "{role}";' for table, right in rights.items()]
        schema_editor.execute(GRANT.format(role=role, grants="\n        ".join(grants)), params=None)


class Migration(migrations.Migration):
    dependencies = [("ledger", "0001_tables")]

    operations = [
        migrations.RunSQL(GUARDS, DROP_GUARDS),
        migrations.RunPython(grant, migrations.RunPython.noop),
    ]
