"""What was read of a demand, kept beside it."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("matching", "0005_learned_mixes"),
    ]

    operations = [
        migrations.CreateModel(
            name="Reading",
            fields=[
                (
                    "document",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="reading",
                        serialize=False,
                        to="matching.document",
                    ),
                ),
                ("version", models.PositiveBigIntegerField()),
                ("reader", models.CharField(max_length=64)),
                ("terms", models.BinaryField()),
            ],
        ),
    ]
