"""Let readers find entries by type, by leaf hash and by day without reading the whole log."""

from django.contrib.postgres.indexes import BrinIndex, HashIndex
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("ledger", "0004_cosignatures")]

    operations = [
        migrations.AddIndex(model_name="entry", index=models.Index(fields=["type", "-seq"], name="ledger_entry_type")),
        migrations.AddIndex(model_name="entry", index=HashIndex(fields=["leaf_hash"], name="ledger_entry_leaf")),
        migrations.AddIndex(model_name="entry", index=BrinIndex(fields=["at"], name="ledger_entry_at")),
    ]
