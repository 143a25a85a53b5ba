"""What witnesses said of the log's checkpoints: kept for ever, written by the sequencer alone."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

GUARDS = """
CREATE TRIGGER ledger_cosignature_stays BEFORE UPDATE OR DELETE ON ledger_cosignature FOR EACH ROW EXECUTE FUNCTION ledger_refuse();
CREATE TRIGGER ledger_cosignature_kept BEFORE TRUNCATE ON ledger_cosignature FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse();
ALTER TABLE ledger_cosignature ENABLE ALWAYS TRIGGER ledger_cosignature_stays;
ALTER TABLE ledger_cosignature ENABLE ALWAYS TRIGGER ledger_cosignature_kept;
"""
DROP_GUARDS = """
DROP TRIGGER ledger_cosignature_kept ON ledger_cosignature;
DROP TRIGGER ledger_cosignature_stays ON ledger_cosignature;
"""
# A role that does not exist (one role for all, as in a sandbox) is passed over.
GRANT = """
DO $$
BEGIN
    IF EXISTS (SELECT 1 FROM pg_roles WHERE rolname = '{role}') THEN
        REVOKE ALL ON ledger_cosignature FROM "{role}";
        GRANT {right} ON ledger_cosignature TO "{role}";
    END IF;
END $$
"""


def grant(apps, schema_editor):
    for role, right in ((settings.APP_ROLE, "SELECT"), (settings.SEQUENCER_ROLE, "SELECT, INSERT")):
        schema_editor.execute(GRANT.format(role=role, right=right), params=None)


class Migration(migrations.Migration):
    dependencies = [("ledger", "0003_keys_and_guards")]

    operations = [
        migrations.CreateModel(
            name="Cosignature",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("vkey", models.CharField(max_length=400)),
                ("line", models.TextField()),
                ("cosigned_at", models.DateTimeField()),
                ("received_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "checkpoint",
                    models.ForeignKey(
                        db_column="size",
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="cosignatures",
                        to="ledger.signedcheckpoint",
                    ),
                ),
            ],
            options={
                "db_table": "ledger_cosignature",
                "indexes": [models.Index(fields=["vkey", "-checkpoint"], name="ledger_cosignature_newest")],
                "constraints": [models.UniqueConstraint(fields=("checkpoint", "vkey"), name="ledger_cosignature_of_witness")],
            },
        ),
        migrations.RunSQL(GUARDS, DROP_GUARDS),
        migrations.RunPython(grant, migrations.RunPython.noop),
    ]
