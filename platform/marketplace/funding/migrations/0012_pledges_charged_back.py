"""Pledges whose money the bank took back before it was captured."""

from django.db import migrations, models

STATES = [
    ("intent", "待确认"),
    ("cooling_off", "冷静期"),
    ("firm", "已确认"),
    ("captured", "已划转"),
    ("partially_refunded", "部分退款"),
    ("settled", "已结清"),
    ("refunded", "已退款"),
    ("released", "已解冻"),
    ("cancelled", "已撤回"),
    ("expired", "逾期未确认"),
    ("charged_back", "来款被撤回"),
]
FINAL = "CREATE TRIGGER final_state BEFORE UPDATE OF state ON funding_pledge FOR EACH ROW EXECUTE FUNCTION workflow_final_state({});"
BEFORE = "'cancelled', 'expired', 'refunded', 'released', 'settled'"


class Migration(migrations.Migration):
    dependencies = [("funding", "0011_updates_and_questions")]
    operations = [
        migrations.RemoveConstraint(model_name="pledge", name="pledge_state_is_known"),
        migrations.AlterField(
            model_name="pledge",
            name="state",
            field=models.CharField(choices=STATES, editable=False, max_length=32, verbose_name="状态"),
        ),
        migrations.AddConstraint(
            model_name="pledge",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", [state for state, _ in STATES])), name="pledge_state_is_known"
            ),
        ),
        migrations.RunSQL(
            "DROP TRIGGER final_state ON funding_pledge;" + FINAL.format(BEFORE + ", 'charged_back'"),
            "DROP TRIGGER final_state ON funding_pledge;" + FINAL.format(BEFORE),
        ),
    ]
