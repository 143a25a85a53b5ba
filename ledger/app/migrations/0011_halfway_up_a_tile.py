"""The row of nodes halfway up a tile is kept beside its hashes, so that a proof is sent the sixteenths that it needs and not whole tiles."""

from importlib import import_module

from django.db import migrations, models

# The parents of a tile's hashes, four times over (RFC 6962 section 2.1); of a tile that is not full, those whose pairs are whole.
HALFWAY = """
CREATE FUNCTION ledger_tile_halfway(hashes bytea) RETURNS bytea LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE parents bytea;
BEGIN
    FOR height IN 1..4 LOOP
        parents := '';
        FOR pair IN 0..octet_length(hashes) / 64 - 1 LOOP
            parents := parents || sha256('\\x01'::bytea || substring(hashes FROM 64 * pair + 1 FOR 64));
        END LOOP;
        hashes := parents;
    END LOOP;
    RETURN hashes;
END $$;
"""
# As before, but of each tile only the sixteen hashes around the path, or at the tree's edge, with their place counted in sixteens, and
# the row halfway up. The column itself is made by the database: nobody can write it.
PROOF = """
DROP FUNCTION ledger_proof(bigint, bigint, boolean);
CREATE FUNCTION ledger_proof(leaf bigint, tree bigint, cosigned boolean)
RETURNS TABLE (size bigint, note text, bytes bytea, level smallint, sixteenth bigint, hashes bytea, halfway bytea) LANGUAGE plpgsql STABLE AS $$
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
        place := least(leaf >> 8 * height, last) >> 4;
        LOOP
            SELECT one.level, place, substring(one.hashes FROM (place % 16)::integer * 512 + 1 FOR 512), one.halfway
            INTO ledger_proof.level, ledger_proof.sixteenth, ledger_proof.hashes, ledger_proof.halfway
            FROM ledger_tile AS one WHERE one.level = height AND one.index = place >> 4;
            IF FOUND THEN
                RETURN NEXT;
                ledger_proof.note := NULL;
                ledger_proof.bytes := NULL;
            END IF;
            EXIT WHEN place = last >> 4;
            place := last >> 4;
        END LOOP;
    END LOOP;
END $$;
-- A plan that was made while a table was short, and is kept, would go on reading it whole.
ALTER FUNCTION ledger_proof(bigint, bigint, boolean) SET enable_seqscan = off;
"""
# Each function looks for tables in one place first.
PATH = """
DO $$
BEGIN
    EXECUTE format('ALTER FUNCTION {function} SET search_path = %I, pg_temp', current_schema());
END $$;
"""
BEFORE = import_module("ledger.app.migrations.0010_proof_in_steps").PROOF


class Migration(migrations.Migration):
    dependencies = [("ledger", "0010_proof_in_steps")]

    operations = [
        migrations.RunSQL(HALFWAY + PATH.format(function="ledger_tile_halfway(bytea)"), "DROP FUNCTION ledger_tile_halfway(bytea)"),
        migrations.AddField(
            "treetile",
            "halfway",
            models.GeneratedField(
                expression=models.Func("hashes", function="ledger_tile_halfway"), output_field=models.BinaryField(), db_persist=True
            ),
        ),
        migrations.RunSQL(
            PROOF + PATH.format(function="ledger_proof(bigint, bigint, boolean)"),
            f"DROP FUNCTION ledger_proof(bigint, bigint, boolean);{BEFORE}",
        ),
    ]
