"""Imports know what their mapping said and how often they have failed."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("treasury", "0014_two_officers_kept_by_the_database"),
    ]

    operations = [
        migrations.AddField(
            model_name="statementimport",
            name="mapping_sha256",
            field=models.CharField(blank=True, help_text="What the mapping said when the file was looked at.", max_length=64),
        ),
        migrations.AddField(
            model_name="statementimport",
            name="tries",
            field=models.PositiveSmallIntegerField(default=0, help_text="How often in a row its next step has failed."),
        ),
        migrations.AlterField(
            model_name="statementimport",
            name="phase",
            field=models.CharField(
                choices=[
                    ("previewed", "待确认"),
                    ("running", "导入中"),
                    ("done", "已完成"),
                    ("failed", "已停止"),
                    ("dropped", "已放弃"),
                ],
                default="previewed",
                max_length=9,
            ),
        ),
        migrations.AlterField(
            model_name="statementline",
            name="number",
            field=models.PositiveIntegerField(help_text="The line of the file, or the entry of an XML file, from 1."),
        ),
    ]
