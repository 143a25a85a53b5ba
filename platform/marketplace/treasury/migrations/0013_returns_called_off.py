"""Returns that two officers call off into a wallet."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_guards"),
        ("treasury", "0012_outgoing_lines_by_two"),
    ]

    operations = [
        migrations.AddField(
            model_name="linedecision",
            name="call_off_agreed_by",
            field=models.UUIDField(editable=False, help_text="Who agreed, by erasable reference.", null=True),
        ),
        migrations.AddField(
            model_name="linedecision",
            name="call_off_by",
            field=models.UUIDField(editable=False, help_text="Who asked to call a return off, by erasable reference.", null=True),
        ),
        migrations.AddField(
            model_name="linedecision",
            name="call_off_to",
            field=models.ForeignKey(
                editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.organisation"
            ),
        ),
        migrations.AddConstraint(
            model_name="linedecision",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("call_off_agreed_by", None),
                    models.Q(("call_off_by__isnull", False), models.Q(("call_off_agreed_by", models.F("call_off_by")), _negated=True)),
                    _connector="OR",
                ),
                name="line_decision_call_off_by_two",
            ),
        ),
    ]
