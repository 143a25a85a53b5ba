from django.db import migrations, models

# Until now every file was called clean, and nobody had looked at any.
NOBODY_LOOKED = "UPDATE common_storedfile SET scan_state = 'unchecked'"
# And none was kept for a time.
KEPT_FROM_NOW_ON = """
    UPDATE common_storedfile SET retain_until = created_at + interval '90 days' WHERE purpose = 'import';
    UPDATE common_storedfile SET retain_until = created_at + interval '3653 days' WHERE purpose = 'deliverable';
"""


class Migration(migrations.Migration):
    dependencies = [
        ("common", "0001_initial"),
    ]

    operations = [
        migrations.AlterField(
            model_name="storedfile",
            name="retain_until",
            field=models.DateTimeField(help_text="Nobody erases it before; empty where nothing has to be kept.", null=True),
        ),
        migrations.AlterField(
            model_name="storedfile",
            name="scan_state",
            field=models.CharField(choices=[("unchecked", "未查毒"), ("clean", "已查毒")], default="unchecked", max_length=12),
        ),
        migrations.RunSQL(NOBODY_LOOKED, migrations.RunSQL.noop),
        migrations.RunSQL(KEPT_FROM_NOW_ON, migrations.RunSQL.noop),
        migrations.AddConstraint(
            model_name="storedfile",
            constraint=models.CheckConstraint(
                condition=models.Q(("scan_state__in", ["unchecked", "clean"])), name="file_scan_state_is_known"
            ),
        ),
    ]
