import django.db.models.deletion
from django.db import migrations, models

import marketplace.common.ids


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "0002_guards"),
        ("common", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Certificate",
            fields=[
                ("id", models.UUIDField(default=marketplace.common.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("number", models.CharField(max_length=24, unique=True, verbose_name="存证编号")),
                ("kind", models.CharField(max_length=40)),
                ("object_id", models.UUIDField()),
                ("asked_by", models.UUIDField(help_text="The person, by erasable reference.")),
                ("asked_as", models.CharField(help_text="The acting role, by value.", max_length=24)),
                ("issued_at", models.DateTimeField()),
                ("log_size", models.BigIntegerField(help_text="Entries under the checkpoint at issue.")),
                ("shown", models.JSONField()),
                ("withheld", models.PositiveIntegerField(help_text="How many values the asker chose not to disclose.")),
                ("particulars", models.BooleanField()),
                ("documents", models.BooleanField()),
                (
                    "organisation",
                    models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.organisation"),
                ),
            ],
            options={
                "verbose_name": "存证证书",
                "indexes": [models.Index(fields=["kind", "object_id", "-id"], name="certificate_of_object")],
            },
        ),
        migrations.CreateModel(
            name="Deposit",
            fields=[
                ("id", models.UUIDField(default=marketplace.common.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("person_id", models.UUIDField(help_text="Who deposited, by erasable reference.")),
                ("title", models.CharField(max_length=200, verbose_name="名称")),
                ("sha256", models.CharField(max_length=64)),
                ("size", models.BigIntegerField(help_text="Bytes, where known.", null=True)),
                ("made_at", models.DateTimeField()),
                (
                    "file",
                    models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="common.storedfile"),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="evidence_deposits", to="accounts.organisation"
                    ),
                ),
            ],
            options={
                "verbose_name": "存证",
                "indexes": [
                    models.Index(fields=["organisation", "-id"], name="deposit_newest"),
                    models.Index(fields=["organisation", "sha256"], name="deposit_by_hash"),
                ],
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("sha256__regex", "^[0-9a-f]{64}$")), name="deposit_hash_is_sha256"),
                    models.CheckConstraint(
                        condition=models.Q(("size__isnull", True), ("size__gte", 0), _connector="OR"), name="deposit_size_not_negative"
                    ),
                ],
            },
        ),
    ]
