"""Lines out that two officers explain, and refusals of returns that two officers book."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_guards"),
        ("treasury", "0011_guards_look_here"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="linedecision",
            name="line_decision_names_whose",
        ),
        migrations.AddField(
            model_name="linedecision",
            name="refusal_agreed_by",
            field=models.UUIDField(editable=False, help_text="Who booked it, by erasable reference.", null=True),
        ),
        migrations.AddField(
            model_name="linedecision",
            name="top_up",
            field=models.ForeignKey(
                editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="treasury.statementline"
            ),
        ),
        migrations.AlterField(
            model_name="linedecision",
            name="kind",
            field=models.CharField(
                choices=[
                    ("wallet", "记入单位钱包"),
                    ("return", "退回付款方"),
                    ("charge_back", "银行撤回的来款"),
                    ("bank_fee", "银行收费，由平台承担"),
                ],
                editable=False,
                max_length=12,
            ),
        ),
        migrations.AlterField(
            model_name="linedecision",
            name="refused_by",
            field=models.UUIDField(
                editable=False, help_text="Who told of the bank's refusal of a return, by erasable reference.", null=True
            ),
        ),
        migrations.AddConstraint(
            model_name="linedecision",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind", "wallet"), ("organisation__isnull", False), ("top_up", None)),
                    models.Q(("kind", "charge_back"), ("organisation", None), ("top_up__isnull", False)),
                    models.Q(("kind__in", ("return", "bank_fee")), ("organisation", None), ("top_up", None)),
                    _connector="OR",
                ),
                name="line_decision_names_whose",
            ),
        ),
        migrations.AddConstraint(
            model_name="linedecision",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("refusal_agreed_by", None),
                    models.Q(("refused_by__isnull", False), models.Q(("refusal_agreed_by", models.F("refused_by")), _negated=True)),
                    _connector="OR",
                ),
                name="line_decision_refusal_by_two",
            ),
        ),
    ]
