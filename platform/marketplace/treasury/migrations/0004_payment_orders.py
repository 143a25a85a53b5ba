"""Payment orders, and what the database itself keeps true of them: nothing in them changes once they are made."""

import django.db.models.deletion
from django.db import migrations, models

import marketplace.common.ids
import marketplace.common.policy
import marketplace.treasury.models.orders

# The order's own row is written twice in one transaction: when it is begun, and when it is made.
STAYS = """
CREATE TRIGGER treasury_order_stays BEFORE UPDATE ON treasury_paymentorder FOR EACH ROW
    WHEN (OLD.state = 'made') EXECUTE FUNCTION treasury_refuse();
CREATE TRIGGER treasury_order_kept BEFORE DELETE ON treasury_paymentorder FOR EACH ROW EXECUTE FUNCTION treasury_refuse();
CREATE TRIGGER treasury_order_whole BEFORE TRUNCATE ON treasury_paymentorder FOR EACH STATEMENT EXECUTE FUNCTION treasury_refuse();
CREATE TRIGGER treasury_instruction_stays BEFORE UPDATE OR DELETE ON treasury_paymentinstruction FOR EACH ROW
    EXECUTE FUNCTION treasury_refuse();
CREATE TRIGGER treasury_instruction_kept BEFORE TRUNCATE ON treasury_paymentinstruction FOR EACH STATEMENT
    EXECUTE FUNCTION treasury_refuse();
ALTER TABLE treasury_paymentorder ENABLE ALWAYS TRIGGER treasury_order_stays;
ALTER TABLE treasury_paymentorder ENABLE ALWAYS TRIGGER treasury_order_kept;
ALTER TABLE treasury_paymentorder ENABLE ALWAYS TRIGGER treasury_order_whole;
ALTER TABLE treasury_paymentinstruction ENABLE ALWAYS TRIGGER treasury_instruction_stays;
ALTER TABLE treasury_paymentinstruction ENABLE ALWAYS TRIGGER treasury_instruction_kept;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("treasury", "0003_closing_balances"),
    ]

    operations = [
        migrations.CreateModel(
            name="PaymentOrder",
            fields=[
                ("id", models.UUIDField(default=marketplace.common.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("due_at", models.DateTimeField(editable=False, null=True)),
                ("escalations", models.PositiveSmallIntegerField(default=0, editable=False)),
                ("policy", models.JSONField(default=marketplace.common.policy.stamp, editable=False)),
                ("created_at", models.DateTimeField(editable=False)),
                ("updated_at", models.DateTimeField(editable=False)),
                ("state", models.CharField(choices=[("draft", "起草"), ("made", "已生成")], editable=False, max_length=32)),
                (
                    "number",
                    models.CharField(default=marketplace.treasury.models.orders.new_number, editable=False, max_length=35, unique=True),
                ),
                (
                    "form",
                    models.CharField(choices=[("pain001", "ISO 20022 pain.001（XML）"), ("csv", "CSV 表格")], editable=False, max_length=8),
                ),
                ("made_by", models.UUIDField(editable=False, help_text="The finance officer, by erasable reference.")),
                ("payments", models.PositiveIntegerField(default=0, editable=False)),
                ("fen", models.BigIntegerField(default=0, editable=False)),
                ("content", models.BinaryField(default=b"")),
                ("sha256", models.CharField(blank=True, editable=False, max_length=64)),
            ],
            options={
                "verbose_name": "付款文件",
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("state__in", ["draft", "made"])), name="payment_order_state_is_known"),
                    models.CheckConstraint(condition=models.Q(("form__in", ["pain001", "csv"])), name="payment_order_form_is_known"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state", "draft"),
                            models.Q(("fen__gte", 1), ("payments__gte", 1), ("sha256__regex", "^[0-9a-f]{64}$")),
                            _connector="OR",
                        ),
                        name="payment_order_pays_something",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PaymentInstruction",
            fields=[
                ("id", models.UUIDField(default=marketplace.common.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("place", models.PositiveIntegerField(editable=False)),
                ("end_to_end_id", models.CharField(editable=False, max_length=35, unique=True)),
                ("kind", models.CharField(editable=False, max_length=40)),
                ("object_id", models.UUIDField(editable=False)),
                ("name", models.CharField(editable=False, max_length=160)),
                ("account", models.CharField(editable=False, max_length=64)),
                ("bank", models.CharField(blank=True, editable=False, max_length=120)),
                ("fen", models.BigIntegerField(editable=False)),
                (
                    "order",
                    models.ForeignKey(
                        editable=False, on_delete=django.db.models.deletion.PROTECT, related_name="instructions", to="treasury.paymentorder"
                    ),
                ),
            ],
            options={
                "verbose_name": "付款指令",
                "indexes": [models.Index(fields=["kind", "object_id"], name="payment_instruction_of")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("fen__gte", 1), ("fen__lte", 9007199254740991)), name="payment_instruction_pays_something"
                    ),
                    models.UniqueConstraint(fields=("order", "place"), name="payment_instruction_one_at_a_place"),
                ],
            },
        ),
        migrations.RunSQL(STAYS, migrations.RunSQL.noop),
    ]
