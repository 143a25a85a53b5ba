"""Payouts that the bank does not answer or returns; bank accounts that a finance officer verifies."""

from django.db import migrations, models

from marketplace.funding.workflow import PAYOUT
from marketplace.workflow.guards import final_states_stay


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_guards"),
        ("funding", "0002_guards"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="payout",
            name="payout_state_is_known",
        ),
        migrations.RemoveConstraint(
            model_name="payout",
            name="payout_once_per_purpose",
        ),
        migrations.AddField(
            model_name="bankaccount",
            name="verified_at",
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name="bankaccount",
            name="verified_by",
            field=models.UUIDField(editable=False, help_text="The finance officer, by erasable reference.", null=True),
        ),
        migrations.AlterField(
            model_name="payout",
            name="state",
            field=models.CharField(
                choices=[
                    ("requested", "待初审"),
                    ("first_approved", "待复核"),
                    ("second_approved", "已复核"),
                    ("scheduled", "待划付"),
                    ("processing", "划付中"),
                    ("unknown", "银行未答复"),
                    ("paid", "已到账"),
                    ("settled", "已结清"),
                    ("failed", "划付失败"),
                    ("reversed", "已被退回"),
                    ("rejected", "已驳回"),
                ],
                editable=False,
                max_length=32,
                verbose_name="状态",
            ),
        ),
        migrations.AddConstraint(
            model_name="bankaccount",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("verified_at", None), ("verified_by", None)),
                    models.Q(
                        ("verified_at__isnull", False),
                        ("verified_by__isnull", False),
                        models.Q(("verified_by", models.F("created_by")), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="bank_account_verified_by_another",
            ),
        ),
        migrations.AddConstraint(
            model_name="payout",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "state__in",
                        [
                            "requested",
                            "first_approved",
                            "second_approved",
                            "scheduled",
                            "processing",
                            "unknown",
                            "paid",
                            "settled",
                            "failed",
                            "reversed",
                            "rejected",
                        ],
                    )
                ),
                name="payout_state_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="payout",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state__in", ("rejected", "reversed")), _negated=True),
                fields=("purpose_kind", "purpose_id", "organisation"),
                name="payout_once_per_purpose",
            ),
        ),
        # The guard of final states names them one by one: it is made anew for those that there are now.
        migrations.RunSQL("DROP TRIGGER final_state ON funding_payout", migrations.RunSQL.noop),
        final_states_stay("funding_payout", [name for name, state in PAYOUT.states.items() if state.final]),
    ]
