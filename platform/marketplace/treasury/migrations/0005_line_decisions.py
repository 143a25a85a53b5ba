"""Decisions about lines that nobody recognised, by two officers."""

import django.db.models.deletion
from django.db import migrations, models

import marketplace.common.ids
import marketplace.common.policy
import marketplace.treasury.models.decisions
from marketplace.treasury.workflow import LINE_DECISION
from marketplace.workflow.guards import final_states_stay


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_guards"),
        ("treasury", "0004_payment_orders"),
    ]

    operations = [
        migrations.CreateModel(
            name="LineDecision",
            fields=[
                ("id", models.UUIDField(default=marketplace.common.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("due_at", models.DateTimeField(editable=False, null=True)),
                ("escalations", models.PositiveSmallIntegerField(default=0, editable=False)),
                ("policy", models.JSONField(default=marketplace.common.policy.stamp, editable=False)),
                ("created_at", models.DateTimeField(editable=False)),
                ("updated_at", models.DateTimeField(editable=False)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("proposed", "待复核"),
                            ("booked", "已入账"),
                            ("refused", "未同意"),
                            ("scheduled", "待退回"),
                            ("processing", "退回中"),
                            ("returned", "已退回"),
                        ],
                        editable=False,
                        max_length=32,
                    ),
                ),
                ("kind", models.CharField(choices=[("wallet", "记入单位钱包"), ("return", "退回付款方")], editable=False, max_length=8)),
                (
                    "reference",
                    models.CharField(
                        default=marketplace.treasury.models.decisions.new_return_reference, editable=False, max_length=13, unique=True
                    ),
                ),
                ("proposed_by", models.UUIDField(editable=False, help_text="The finance officer, by erasable reference.")),
                ("decided_by", models.UUIDField(editable=False, help_text="The second finance officer, by erasable reference.", null=True)),
                ("note", models.TextField(blank=True, editable=False)),
                (
                    "line",
                    models.ForeignKey(
                        editable=False, on_delete=django.db.models.deletion.PROTECT, related_name="decisions", to="treasury.statementline"
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.organisation"
                    ),
                ),
            ],
            options={
                "verbose_name": "明细处理",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["proposed", "booked", "refused", "scheduled", "processing", "returned"])),
                        name="line_decision_state_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("kind", "wallet"), ("organisation__isnull", False)),
                            models.Q(("kind", "return"), ("organisation", None)),
                            _connector="OR",
                        ),
                        name="line_decision_names_whose",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state__in", ("proposed", "refused")),
                            models.Q(("decided_by__isnull", False), models.Q(("decided_by", models.F("proposed_by")), _negated=True)),
                            _connector="OR",
                        ),
                        name="line_decision_by_two",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("state", "refused"), _negated=True), fields=("line",), name="line_decision_one_that_stands"
                    ),
                ],
            },
        ),
        final_states_stay("treasury_linedecision", [name for name, state in LINE_DECISION.states.items() if state.final]),
    ]
