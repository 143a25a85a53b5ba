"""What was issued, deposited or stamped can be emptied by nobody, in replica mode neither; the app role may only add."""

from django.conf import settings
from django.db import migrations

TABLES = ("certificate", "deposit", "timestamp")
ROW_GUARDS = {
    "certificate": ("evidence_certificate_stays",),
    "deposit": ("evidence_deposit_kept", "evidence_deposit_unchanged"),
    "timestamp": ("evidence_timestamp_stays",),
}
# A role that does not exist (one role for all, as in a sandbox) is passed over.
GRANT = """
DO $$
BEGIN
    IF EXISTS (SELECT 1 FROM pg_roles WHERE rolname = '{role}') THEN
        REVOKE ALL ON evidence_{table} FROM "{role}";
        GRANT {rights} ON evidence_{table} TO "{role}";
    END IF;
END $$
"""


def raise_guards(apps, schema_editor):
    for table in TABLES:
        emptied = f"evidence_{table}_not_emptied"
        schema_editor.execute(
            f"CREATE TRIGGER {emptied} BEFORE TRUNCATE ON evidence_{table} FOR EACH STATEMENT EXECUTE FUNCTION evidence_stays()"
        )
        # session_replication_role = replica does not skip these.
        for guard in (*ROW_GUARDS[table], emptied):
            schema_editor.execute(f"ALTER TABLE evidence_{table} ENABLE ALWAYS TRIGGER {guard}")
        schema_editor.execute(GRANT.format(role=settings.APP_ROLE, table=table, rights="SELECT, INSERT"), params=None)


def lower_guards(apps, schema_editor):
    for table in TABLES:
        schema_editor.execute(f"DROP TRIGGER evidence_{table}_not_emptied ON evidence_{table}")
        for guard in ROW_GUARDS[table]:
            schema_editor.execute(f"ALTER TABLE evidence_{table} ENABLE TRIGGER {guard}")
        schema_editor.execute(GRANT.format(role=settings.APP_ROLE, table=table, rights="SELECT, INSERT, UPDATE, DELETE"), params=None)


class Migration(migrations.Migration):
    dependencies = [("evidence", "0003_timestamps")]

    operations = [migrations.RunPython(raise_guards, lower_guards)]
