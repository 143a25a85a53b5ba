"""A proof is looked up step by step, each by its key: one large statement took longer to begin than all of its rows to read."""

from importlib import import_module

from django.db import migrations

# What stands in every row of the answer is said once, in the first. As before: each tile is looked up by its place, and where the
# newest cosigned checkpoint is by a former key, none is by the present one.
PROOF = """
CREATE OR REPLACE FUNCTION ledger_proof(leaf bigint, tree bigint, cosigned boolean)
RETURNS TABLE (size bigint, note text, bytes bytea, level smallint, index bigint, hashes bytea) LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
DECLARE newest bigint; present text; last bigint; place bigint;
BEGIN
    SELECT one.size, one.vkey INTO newest, present FROM ledger_checkpoint AS one ORDER BY one.size DESC LIMIT 1;
    ledger_proof.size := tree;
    IF tree IS NULL AND cosigned THEN
        SELECT one.size INTO ledger_proof.size FROM ledger_checkpoint AS one
        WHERE one.size = (SELECT max(size) FROM ledger_cosignature) AND one.size > leaf AND one.vkey = present;
    END IF;
    ledger_proof.size := coalesce(ledger_proof.size, newest);
    IF leaf < ledger_proof.size THEN
        SELECT one.note INTO ledger_proof.note FROM ledger_published AS one WHERE one.size = ledger_proof.size;
        SELECT one.bytes INTO ledger_proof.bytes FROM ledger_entry AS one WHERE one.seq = leaf AND ledger_proof.note IS NOT NULL;
    END IF;
    FOR height IN 0..7 LOOP
        last := (ledger_proof.size >> 8 * height) - 1;
        EXIT WHEN ledger_proof.bytes IS NULL AND height = 0 OR last < 0;
        place := least(leaf >> 8 * height, last) >> 8;
        LOOP
            SELECT one.level, one.index, one.hashes INTO ledger_proof.level, ledger_proof.index, ledger_proof.hashes
            FROM ledger_tile AS one WHERE one.level = height AND one.index = place;
            IF FOUND THEN
                RETURN NEXT;
                ledger_proof.note := NULL;
                ledger_proof.bytes := NULL;
            END IF;
            EXIT WHEN place = last >> 8;
            place := last >> 8;
        END LOOP;
    END LOOP;
END $$;
-- A plan that was made while a table was short, and is kept, would go on reading it whole.
ALTER FUNCTION ledger_proof(bigint, bigint, boolean) SET enable_seqscan = off;
DO $$
BEGIN
    EXECUTE format('ALTER FUNCTION ledger_proof(bigint, bigint, boolean) SET search_path = %I, pg_temp', current_schema());
END $$;
"""
BEFORE = import_module("ledger.app.migrations.0009_proof_of_few_rows").PROOF
BACK = f"DROP FUNCTION ledger_proof(bigint, bigint, boolean);{BEFORE.partition(';')[2]}"


class Migration(migrations.Migration):
    dependencies = [("ledger", "0009_proof_of_few_rows")]

    operations = [migrations.RunSQL(PROOF, BACK)]
