"""Find the entries that speak of keys without reading the log, and guard the tables that had no guard of their own."""

from django.db import migrations, models

GUARDS = """
CREATE FUNCTION ledger_head_moves_on() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.id <> OLD.id OR NEW.origin <> OLD.origin OR NEW.height < OLD.height THEN
        RAISE EXCEPTION 'the head of % stands at %: it only moves on', OLD.origin, OLD.height USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER ledger_head_only_moves_on BEFORE UPDATE ON ledger_head FOR EACH ROW EXECUTE FUNCTION ledger_head_moves_on();
CREATE TRIGGER ledger_head_stays BEFORE DELETE ON ledger_head FOR EACH ROW EXECUTE FUNCTION ledger_refuse();
CREATE TRIGGER ledger_head_kept BEFORE TRUNCATE ON ledger_head FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse();
CREATE TRIGGER ledger_handle_stays BEFORE UPDATE OR DELETE ON ledger_handle FOR EACH ROW EXECUTE FUNCTION ledger_refuse();
CREATE TRIGGER ledger_handle_kept BEFORE TRUNCATE ON ledger_handle FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse();
-- What was disclosed may be erased, one by one, and never rewritten.
CREATE TRIGGER ledger_disclosure_stays BEFORE UPDATE ON ledger_disclosure FOR EACH ROW EXECUTE FUNCTION ledger_refuse();
CREATE TRIGGER ledger_disclosure_kept BEFORE TRUNCATE ON ledger_disclosure FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse();

ALTER TABLE ledger_head ENABLE ALWAYS TRIGGER ledger_head_only_moves_on;
ALTER TABLE ledger_head ENABLE ALWAYS TRIGGER ledger_head_stays;
ALTER TABLE ledger_head ENABLE ALWAYS TRIGGER ledger_head_kept;
ALTER TABLE ledger_handle ENABLE ALWAYS TRIGGER ledger_handle_stays;
ALTER TABLE ledger_handle ENABLE ALWAYS TRIGGER ledger_handle_kept;
ALTER TABLE ledger_disclosure ENABLE ALWAYS TRIGGER ledger_disclosure_stays;
ALTER TABLE ledger_disclosure ENABLE ALWAYS TRIGGER ledger_disclosure_kept;
"""

DROP_GUARDS = """
DROP TRIGGER ledger_disclosure_kept ON ledger_disclosure;
DROP TRIGGER ledger_disclosure_stays ON ledger_disclosure;
DROP TRIGGER ledger_handle_kept ON ledger_handle;
DROP TRIGGER ledger_handle_stays ON ledger_handle;
DROP TRIGGER ledger_head_kept ON ledger_head;
DROP TRIGGER ledger_head_stays ON ledger_head;
DROP FUNCTION ledger_head_moves_on() CASCADE;
"""


class Migration(migrations.Migration):
    dependencies = [("ledger", "0002_append_only")]

    operations = [
        migrations.AddIndex(
            model_name="entry",
            index=models.Index(fields=["seq"], condition=models.Q(type__in=["log.key_added", "log.key_retired"]), name="ledger_entry_keys"),
        ),
        migrations.RunSQL(GUARDS, DROP_GUARDS),
    ]
