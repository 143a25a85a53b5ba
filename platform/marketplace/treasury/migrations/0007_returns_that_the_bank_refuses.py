"""Returns that the bank refuses, which another officer has sent again."""

from django.db import migrations, models

STATES = [
    ("proposed", "待复核"),
    ("booked", "已入账"),
    ("refused", "未同意"),
    ("scheduled", "待退回"),
    ("processing", "退回中"),
    ("bank_refused", "银行拒绝退回"),
    ("returned", "已退回"),
]


class Migration(migrations.Migration):
    dependencies = [("treasury", "0006_nothing_joins_a_made_order")]
    operations = [
        migrations.AddField(
            model_name="linedecision",
            name="refused_by",
            field=models.UUIDField(
                editable=False, help_text="Who booked the bank's refusal of a return, by erasable reference.", null=True
            ),
        ),
        migrations.AlterField(
            model_name="linedecision", name="state", field=models.CharField(choices=STATES, editable=False, max_length=32)
        ),
        migrations.RemoveConstraint(model_name="linedecision", name="line_decision_state_is_known"),
        migrations.AddConstraint(
            model_name="linedecision",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", [state for state, _ in STATES])), name="line_decision_state_is_known"
            ),
        ),
    ]
