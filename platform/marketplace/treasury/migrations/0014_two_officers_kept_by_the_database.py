"""What two officers decide about a return is kept by the database; first signatures from before there were two are void."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_guards"),
        ("treasury", "0013_returns_called_off"),
    ]

    operations = [
        # Until 0012 one officer alone booked a refusal: that name is nobody's first signature under a later one.
        migrations.RunSQL(
            """UPDATE treasury_linedecision SET refused_by = NULL
               WHERE refusal_agreed_by IS NULL AND state IN ('scheduled', 'processing', 'bank_refused')""",
            migrations.RunSQL.noop,
        ),
        migrations.AddConstraint(
            model_name="linedecision",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind", "return"), ("state", "booked"), _negated=True),
                    models.Q(("call_off_agreed_by__isnull", False), ("call_off_to__isnull", False)),
                    _connector="OR",
                ),
                name="line_decision_return_booked_is_called_off",
            ),
        ),
        migrations.AddConstraint(
            model_name="linedecision",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("call_off_by", None), ("call_off_to", None)),
                    models.Q(("call_off_by__isnull", False), ("call_off_to__isnull", False)),
                    _connector="OR",
                ),
                name="line_decision_call_off_asked_wholly",
            ),
        ),
        migrations.AddConstraint(
            model_name="linedecision",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "bank_refused"), _negated=True),
                    ("refused_by", None),
                    ("refusal_agreed_by__isnull", False),
                    _connector="OR",
                ),
                name="line_decision_refused_is_agreed",
            ),
        ),
    ]
