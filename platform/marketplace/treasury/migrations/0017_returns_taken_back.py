"""A return may end because the bank took the money back itself."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_guards"),
        ("treasury", "0016_lines_in_one_form"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="linedecision",
            name="line_decision_state_is_known",
        ),
        migrations.AlterField(
            model_name="linedecision",
            name="state",
            field=models.CharField(
                choices=[
                    ("proposed", "待复核"),
                    ("booked", "已入账"),
                    ("refused", "未同意"),
                    ("scheduled", "待退回"),
                    ("processing", "退回中"),
                    ("bank_refused", "银行拒绝退回"),
                    ("returned", "已退回"),
                    ("taken_back", "银行已自行撤回"),
                ],
                editable=False,
                max_length=32,
            ),
        ),
        migrations.AddConstraint(
            model_name="linedecision",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("state__in", ["proposed", "booked", "refused", "scheduled", "processing", "bank_refused", "returned", "taken_back"])
                ),
                name="line_decision_state_is_known",
            ),
        ),
    ]
