"""A checkpoint on which a log rests is cosigned again by the same witness, at another time."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("ledger", "0005_finding_entries")]

    operations = [
        migrations.RemoveConstraint(model_name="cosignature", name="ledger_cosignature_of_witness"),
        migrations.AddConstraint(
            model_name="cosignature",
            constraint=models.UniqueConstraint(fields=["checkpoint", "vkey", "cosigned_at"], name="ledger_cosignature_once"),
        ),
    ]
