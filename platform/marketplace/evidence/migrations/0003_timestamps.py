from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("evidence", "0002_guards"),
    ]

    operations = [
        migrations.CreateModel(
            name="Timestamp",
            fields=[
                ("size", models.BigIntegerField(help_text="Entries under the stamped checkpoint.", primary_key=True, serialize=False)),
                ("note", models.TextField()),
                ("token", models.BinaryField()),
                ("authority", models.CharField(max_length=255)),
                ("stamped_at", models.DateTimeField(help_text="The authority's time.")),
                ("received_at", models.DateTimeField()),
            ],
            options={
                "verbose_name": "时间戳",
            },
        ),
        migrations.RunSQL(
            "CREATE TRIGGER evidence_timestamp_stays BEFORE UPDATE OR DELETE ON evidence_timestamp"
            " FOR EACH ROW EXECUTE FUNCTION evidence_stays();",
            "DROP TRIGGER evidence_timestamp_stays ON evidence_timestamp",
        ),
    ]
