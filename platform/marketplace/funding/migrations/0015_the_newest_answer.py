"""The newest answer of an institution, by when it was given, from an index."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("funding", "0014_refusals_by_two")]

    operations = [
        migrations.RemoveIndex(model_name="suitability", name="suitability_newest"),
        migrations.AddIndex(
            model_name="suitability",
            index=models.Index(fields=["organisation", "-answered_at", "-id"], name="suitability_newest"),
        ),
    ]
