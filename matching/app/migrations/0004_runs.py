"""Runs of all demands against all supply, cut into pieces, and the places they give."""

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("matching", "0003_rows_come_with_their_version"),
    ]

    operations = [
        migrations.CreateModel(
            name="Run",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("corpus", models.CharField(max_length=32)),
                ("started_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ("finished_at", models.DateTimeField(null=True)),
                ("serving", models.BooleanField(default=False)),
                ("demands", models.PositiveIntegerField(default=0)),
                ("answered", models.PositiveIntegerField(default=0)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("finished_at", None)), fields=("corpus",), name="matching_run_one_under_way"
                    ),
                    models.UniqueConstraint(condition=models.Q(("serving", True)), fields=("corpus",), name="matching_run_one_serves"),
                    models.CheckConstraint(
                        condition=models.Q(("serving", False), ("finished_at__isnull", False), _connector="OR"),
                        name="matching_run_serves_once_finished",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Place",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("demand_id", models.UUIDField()),
                ("object_id", models.UUIDField()),
                ("score", models.FloatField()),
                ("rank", models.PositiveSmallIntegerField()),
                ("lifted", models.BooleanField(default=False)),
                (
                    "run",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="places", to="matching.run"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("run", "demand_id", "rank"), name="matching_place_once"),
                    models.UniqueConstraint(fields=("run", "object_id", "demand_id"), name="matching_place_one_a_document"),
                    models.CheckConstraint(condition=models.Q(("rank__gte", 1), ("rank__lte", 10)), name="matching_place_among_ten"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Piece",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("block", models.PositiveIntegerField()),
                ("shard", models.PositiveIntegerField()),
                ("demands_from", models.UUIDField(null=True)),
                ("demands_until", models.UUIDField(null=True)),
                ("supply_from", models.UUIDField(null=True)),
                ("supply_until", models.UUIDField(null=True)),
                ("done_at", models.DateTimeField(null=True)),
                ("merged_at", models.DateTimeField(null=True)),
                ("standing", models.CharField(blank=True, max_length=200)),
                ("demands", django.contrib.postgres.fields.ArrayField(base_field=models.UUIDField(), default=list, size=None)),
                (
                    "counts",
                    django.contrib.postgres.fields.ArrayField(base_field=models.PositiveSmallIntegerField(), default=list, size=None),
                ),
                ("found", django.contrib.postgres.fields.ArrayField(base_field=models.UUIDField(), default=list, size=None)),
                ("scores", django.contrib.postgres.fields.ArrayField(base_field=models.FloatField(), default=list, size=None)),
                (
                    "run",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="pieces", to="matching.run"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("run", "block", "shard"), name="matching_piece_once"),
                    models.CheckConstraint(
                        condition=models.Q(("merged_at", None), models.Q(("done_at__isnull", False), ("found", [])), _connector="OR"),
                        name="matching_piece_emptied_if_merged",
                    ),
                ],
            },
        ),
    ]
