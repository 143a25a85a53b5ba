"""Payouts that the bank paid after they had been booked as refused."""

from django.db import migrations, models

APPROVED_TWICE = models.Q(("bank_account__isnull", False), ("first_approver__isnull", False), ("second_approver__isnull", False))
NOT_YET = models.Q(("state__in", ("requested", "failed", "rejected", "first_approved")))
PAID_LATE = models.Q(("paid_late", True), ("state__in", ("paid", "settled", "reversed")))


class Migration(migrations.Migration):
    dependencies = [("funding", "0005_extension_and_consent")]
    operations = [
        migrations.AddField(model_name="payout", name="paid_late", field=models.BooleanField(default=False, editable=False)),
        migrations.RemoveConstraint(model_name="payout", name="payout_sent_is_approved_twice"),
        migrations.AddConstraint(
            model_name="payout",
            constraint=models.CheckConstraint(condition=NOT_YET | APPROVED_TWICE | PAID_LATE, name="payout_sent_is_approved_twice"),
        ),
    ]
