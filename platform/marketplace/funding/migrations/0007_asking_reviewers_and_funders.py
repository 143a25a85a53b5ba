"""What a company asks of others: more time, with its reason, and consent to an early close."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("funding", "0006_paid_late")]
    operations = [
        migrations.AddField(
            model_name="campaign",
            name="extension_reason",
            field=models.TextField(blank=True, default="", editable=False, verbose_name="延期理由"),
        ),
        migrations.AddField(
            model_name="campaign",
            name="close_asked_at",
            field=models.DateTimeField(editable=False, null=True, verbose_name="征询提前截止"),
        ),
    ]
