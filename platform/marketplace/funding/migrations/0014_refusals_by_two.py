"""Refusals of payouts that one officer tells and another books."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_guards"),
        ("funding", "0013_pools_leave_the_minimum_and_one_open_question"),
    ]

    operations = [
        migrations.AddField(
            model_name="payout",
            name="refusal_agreed_by",
            field=models.UUIDField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name="payout",
            name="refusal_told_by",
            field=models.UUIDField(editable=False, null=True),
        ),
        migrations.AddConstraint(
            model_name="payout",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("refusal_agreed_by", None),
                    models.Q(
                        ("refusal_told_by__isnull", False), models.Q(("refusal_agreed_by", models.F("refusal_told_by")), _negated=True)
                    ),
                    _connector="OR",
                ),
                name="payout_refusal_by_two",
            ),
        ),
    ]
