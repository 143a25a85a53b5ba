"""A proof reads the rows that it needs and no others, also where it is to stand under a cosigned checkpoint."""

from importlib import import_module

from django.db import migrations

# Each tile is looked up by its place: joined, a table of some thousand tiles would be read whole. A log changes its key in one
# direction, so where the newest cosigned checkpoint is by a former key, none is by the present one.
PROOF = """
DROP FUNCTION ledger_proof(bigint, bigint);
CREATE FUNCTION ledger_proof(leaf bigint, tree bigint, cosigned boolean)
RETURNS TABLE (size bigint, note text, bytes bytea, level smallint, index bigint, hashes bytea) LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    WITH present AS MATERIALIZED (
        SELECT size, vkey FROM ledger_checkpoint ORDER BY size DESC LIMIT 1
    ), chosen AS MATERIALIZED (
        SELECT coalesce(tree, (
            SELECT one.size FROM ledger_checkpoint AS one
            WHERE cosigned AND one.size = (SELECT max(size) FROM ledger_cosignature) AND one.size > leaf AND one.vkey = present.vkey
        ), present.size) AS size FROM present
    ), signed AS MATERIALIZED (
        SELECT published.size, published.note, entry.bytes
        FROM ledger_published AS published, ledger_entry AS entry
        WHERE published.size = (SELECT size FROM chosen) AND entry.seq = leaf AND leaf < (SELECT size FROM chosen)
    ), rows AS (
        SELECT level::smallint, (size >> 8 * level) - 1 AS last FROM signed, generate_series(0, 7) AS level WHERE size >> 8 * level > 0
    ), places AS (
        SELECT level, least(leaf >> 8 * level, last) >> 8 AS index FROM rows UNION SELECT level, last >> 8 FROM rows
    )
    SELECT signed.size, signed.note, signed.bytes, places.level, places.index, tile.hashes
    FROM signed, places, LATERAL (
        SELECT hashes FROM ledger_tile WHERE level = places.level AND index = places.index OFFSET 0
    ) AS tile;
END $$;
DO $$
BEGIN
    EXECUTE format('ALTER FUNCTION ledger_proof(bigint, bigint, boolean) SET search_path = %I, pg_temp', current_schema());
END $$;
"""
BACK = f"DROP FUNCTION ledger_proof(bigint, bigint, boolean); {import_module('ledger.app.migrations.0007_published').PROOF}"


class Migration(migrations.Migration):
    dependencies = [("ledger", "0008_guards_look_here")]

    operations = [migrations.RunSQL(PROOF, BACK)]
