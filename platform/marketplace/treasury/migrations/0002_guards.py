"""What the database itself keeps true of the books: totals, holds, immutability, and that no money moves without its proof."""

from django.conf import settings
from django.db import migrations

# AFTER INSERT, so that an insert that is skipped (ON CONFLICT DO NOTHING) moves nothing.
# FOR NO KEY UPDATE, because the foreign keys' own KEY SHARE would deadlock with FOR UPDATE; in id order, for every pair.
# SECURITY DEFINER, because the app role may not touch the totals itself.
TOTALS = """
CREATE FUNCTION treasury_lock(accounts uuid[]) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
    PERFORM 1 FROM treasury_account WHERE id = ANY (accounts) ORDER BY id FOR NO KEY UPDATE;
END $$;

CREATE FUNCTION treasury_apply_transfer() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
    payer record;
    hold treasury_transfer;
    moved bigint := 0;
    held bigint := 0;
BEGIN
    FOR payer IN
        SELECT id, kind, posted_in - posted_out - pending_out AS available FROM treasury_account
        WHERE id IN (NEW.source_id, NEW.target_id) ORDER BY id FOR NO KEY UPDATE
    LOOP
        IF payer.id = NEW.source_id AND NEW.pending_id IS NULL AND payer.kind <> 'custody' AND payer.available < NEW.fen THEN
            RAISE EXCEPTION 'account % cannot pay % fen', NEW.source_id, NEW.fen USING ERRCODE = 'JQ001';
        END IF;
    END LOOP;

    IF NEW.pending_id IS NOT NULL THEN
        SELECT * INTO hold FROM treasury_transfer WHERE id = NEW.pending_id AND kind = 'pending';
        IF NOT FOUND OR (hold.source_id, hold.target_id) IS DISTINCT FROM (NEW.source_id, NEW.target_id) THEN
            RAISE EXCEPTION 'transfer % is no hold between these accounts', NEW.pending_id USING ERRCODE = 'JQ002';
        END IF;
        IF NEW.fen > hold.fen OR (NEW.kind <> 'post' AND NEW.fen <> hold.fen) THEN
            RAISE EXCEPTION 'hold % is of % fen, not %', hold.id, hold.fen, NEW.fen USING ERRCODE = 'JQ003';
        END IF;
        held := -hold.fen;
    ELSIF NEW.kind = 'pending' THEN
        held := NEW.fen;
    END IF;
    IF NEW.kind IN ('posted', 'post') THEN
        moved := NEW.fen;
    END IF;

    UPDATE treasury_account AS a SET
        posted_out = a.posted_out + CASE a.id WHEN NEW.source_id THEN moved ELSE 0 END,
        posted_in = a.posted_in + CASE a.id WHEN NEW.target_id THEN moved ELSE 0 END,
        pending_out = a.pending_out + CASE a.id WHEN NEW.source_id THEN held ELSE 0 END,
        pending_in = a.pending_in + CASE a.id WHEN NEW.target_id THEN held ELSE 0 END
    WHERE a.id IN (NEW.source_id, NEW.target_id);
    RETURN NULL;
END $$;

CREATE TRIGGER treasury_transfer_applies AFTER INSERT ON treasury_transfer
    FOR EACH ROW EXECUTE FUNCTION treasury_apply_transfer();
ALTER TABLE treasury_transfer ENABLE ALWAYS TRIGGER treasury_transfer_applies;
"""

# At commit, in one statement: an intent that moves from inbox to entries meanwhile is in one of them.
PROOF = """
CREATE FUNCTION treasury_transfer_has_intent() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
    IF NOT EXISTS (
        SELECT 1 FROM ledger_inbox WHERE id = NEW.group_id UNION ALL SELECT 1 FROM ledger_entry WHERE id = NEW.group_id
    ) THEN
        RAISE EXCEPTION 'transfer group % has no ledger intent', NEW.group_id USING ERRCODE = 'JQ004';
    END IF;
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER treasury_transfer_is_proved AFTER INSERT ON treasury_transfer
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION treasury_transfer_has_intent();
ALTER TABLE treasury_transfer ENABLE ALWAYS TRIGGER treasury_transfer_is_proved;
"""

# pg_trigger_depth() is 0 for a statement that a client sends and above it inside the transfers' trigger.
HISTORY = """
CREATE FUNCTION treasury_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% on % is refused: a correction is a new transfer', TG_OP, TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;

CREATE FUNCTION treasury_account_opens_empty() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.posted_in, NEW.posted_out, NEW.pending_in, NEW.pending_out) <> (0, 0, 0, 0) THEN
        RAISE EXCEPTION 'an account opens empty: money comes by transfer' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION treasury_line_keeps_what_the_bank_said() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.matched_at IS NOT NULL OR (to_jsonb(NEW) - ARRAY['matched_kind', 'matched_id', 'matched_at', 'matched_by'])
       <> (to_jsonb(OLD) - ARRAY['matched_kind', 'matched_id', 'matched_at', 'matched_by']) THEN
        RAISE EXCEPTION 'line % may only be matched, once', OLD.bank_line_id USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER treasury_transfer_stays BEFORE UPDATE OR DELETE ON treasury_transfer FOR EACH ROW EXECUTE FUNCTION treasury_refuse();
CREATE TRIGGER treasury_transfer_kept BEFORE TRUNCATE ON treasury_transfer FOR EACH STATEMENT EXECUTE FUNCTION treasury_refuse();
CREATE TRIGGER treasury_account_opens BEFORE INSERT ON treasury_account FOR EACH ROW EXECUTE FUNCTION treasury_account_opens_empty();
CREATE TRIGGER treasury_account_totals_stay BEFORE UPDATE ON treasury_account FOR EACH ROW
    WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION treasury_refuse();
CREATE TRIGGER treasury_account_stays BEFORE DELETE ON treasury_account FOR EACH ROW EXECUTE FUNCTION treasury_refuse();
CREATE TRIGGER treasury_account_kept BEFORE TRUNCATE ON treasury_account FOR EACH STATEMENT EXECUTE FUNCTION treasury_refuse();
CREATE TRIGGER treasury_line_matches_once BEFORE UPDATE ON treasury_statementline FOR EACH ROW
    EXECUTE FUNCTION treasury_line_keeps_what_the_bank_said();
CREATE TRIGGER treasury_line_stays BEFORE DELETE ON treasury_statementline FOR EACH ROW EXECUTE FUNCTION treasury_refuse();
CREATE TRIGGER treasury_line_kept BEFORE TRUNCATE ON treasury_statementline FOR EACH STATEMENT EXECUTE FUNCTION treasury_refuse();

ALTER TABLE treasury_transfer ENABLE ALWAYS TRIGGER treasury_transfer_stays;
ALTER TABLE treasury_transfer ENABLE ALWAYS TRIGGER treasury_transfer_kept;
ALTER TABLE treasury_account ENABLE ALWAYS TRIGGER treasury_account_opens;
ALTER TABLE treasury_account ENABLE ALWAYS TRIGGER treasury_account_totals_stay;
ALTER TABLE treasury_account ENABLE ALWAYS TRIGGER treasury_account_stays;
ALTER TABLE treasury_account ENABLE ALWAYS TRIGGER treasury_account_kept;
ALTER TABLE treasury_statementline ENABLE ALWAYS TRIGGER treasury_line_matches_once;
ALTER TABLE treasury_statementline ENABLE ALWAYS TRIGGER treasury_line_stays;
ALTER TABLE treasury_statementline ENABLE ALWAYS TRIGGER treasury_line_kept;
"""

CURRENCY = """
ALTER TABLE treasury_account ADD CONSTRAINT account_id_with_currency UNIQUE (id, currency);
ALTER TABLE treasury_transfer
    ADD CONSTRAINT transfer_source_in_its_currency FOREIGN KEY (source_id, currency) REFERENCES treasury_account (id, currency),
    ADD CONSTRAINT transfer_target_in_its_currency FOREIGN KEY (target_id, currency) REFERENCES treasury_account (id, currency);
"""

BACK = """
ALTER TABLE treasury_transfer DROP CONSTRAINT transfer_target_in_its_currency, DROP CONSTRAINT transfer_source_in_its_currency;
ALTER TABLE treasury_account DROP CONSTRAINT account_id_with_currency;
DROP FUNCTION treasury_line_keeps_what_the_bank_said() CASCADE;
DROP FUNCTION treasury_account_opens_empty() CASCADE;
DROP FUNCTION treasury_refuse() CASCADE;
DROP FUNCTION treasury_transfer_has_intent() CASCADE;
DROP FUNCTION treasury_apply_transfer() CASCADE;
DROP FUNCTION treasury_lock(uuid[]);
"""

RIGHTS = """
DO $$
BEGIN
    IF EXISTS (SELECT 1 FROM pg_roles WHERE rolname = '{role}') THEN
        REVOKE ALL ON treasury_account, treasury_transfer, treasury_statementline, treasury_bankstatement FROM "{role}";
        GRANT SELECT, INSERT ON treasury_account, treasury_transfer, treasury_statementline, treasury_bankstatement TO "{role}";
        GRANT UPDATE (matched_kind, matched_id, matched_at, matched_by) ON treasury_statementline TO "{role}";
    END IF;
END $$
"""


def grant(apps, schema_editor):
    schema_editor.execute(RIGHTS.format(role=settings.APP_ROLE), params=None)


class Migration(migrations.Migration):
    dependencies = [("treasury", "0001_initial"), ("ledger", "0001_tables")]

    operations = [
        migrations.RunSQL(CURRENCY + TOTALS + PROOF + HISTORY, BACK),
        migrations.RunPython(grant, migrations.RunPython.noop),
    ]
