"""The signed log as the world sees it, and the proof of one entry by one statement whose plan the server keeps."""

from django.conf import settings
from django.db import migrations

# A checkpoint is published with the newest line of every witness that cosigned it.
VIEW = """
CREATE VIEW ledger_published AS
SELECT size, root, vkey, signed_at, note || coalesce((
    SELECT string_agg(newest.line, '' ORDER BY newest.id) FROM (
        SELECT DISTINCT ON (one.vkey) one.id, one.line FROM ledger_cosignature AS one WHERE one.size = ledger_checkpoint.size
        ORDER BY one.vkey, one.cosigned_at DESC
    ) AS newest
), '') AS note
FROM ledger_checkpoint;
"""
# Planning this takes longer than running it, and each statement of its own a way to the server and back. The tiles are those
# above the leaf and those at the right edge of the tree (C2SP tlog-tiles, "Merkle Tree").
PROOF = """
CREATE FUNCTION ledger_proof(leaf bigint, tree bigint)
RETURNS TABLE (size bigint, note text, bytes bytea, level smallint, index bigint, hashes bytea) LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    WITH signed AS MATERIALIZED (
        SELECT size, note FROM ledger_published WHERE tree IS NULL OR size = tree ORDER BY size DESC LIMIT 1
    ), rows AS (
        SELECT level::smallint, (size >> 8 * level) - 1 AS last FROM signed, generate_series(0, 7) AS level WHERE size >> 8 * level > 0
    ), places AS (
        SELECT level, least(leaf >> 8 * level, last) >> 8 AS index FROM rows UNION SELECT level, last >> 8 FROM rows
    )
    SELECT signed.size, signed.note, entry.bytes, tile.level, tile.index, tile.hashes
    FROM signed JOIN ledger_entry AS entry ON entry.seq = leaf AND entry.seq < signed.size, places JOIN ledger_tile AS tile USING (level, index);
END $$;
"""
DROP = """
DROP FUNCTION ledger_proof(bigint, bigint);
DROP VIEW ledger_published;
"""
# A role that does not exist (one role for all, as in a sandbox) is passed over.
GRANT = """
DO $$
BEGIN
    IF EXISTS (SELECT 1 FROM pg_roles WHERE rolname = '{role}') THEN
        REVOKE ALL ON ledger_published FROM "{role}";
        GRANT SELECT ON ledger_published TO "{role}";
    END IF;
END $$
"""


def grant(apps, schema_editor):
    for role in (settings.APP_ROLE, settings.SEQUENCER_ROLE):
        schema_editor.execute(GRANT.format(role=role), params=None)


class Migration(migrations.Migration):
    dependencies = [("ledger", "0006_cosigned_again")]

    operations = [migrations.RunSQL(VIEW + PROOF, DROP), migrations.RunPython(grant, migrations.RunPython.noop)]
