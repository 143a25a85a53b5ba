from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("interests", "0003_digest_kind_is_known"),
    ]

    operations = [
        migrations.AddField(model_name="digest", name="letter_at", field=models.DateTimeField(null=True)),
    ]
