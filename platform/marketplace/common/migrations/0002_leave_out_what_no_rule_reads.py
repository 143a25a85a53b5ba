from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("common", "0001_initial")]

    operations = [
        migrations.RemoveField(model_name="storedfile", name="scan_state"),
        migrations.RemoveField(model_name="storedfile", name="retain_until"),
    ]
