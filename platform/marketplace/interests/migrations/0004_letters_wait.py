from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("interests", "0003_digest_kind_is_known"),
    ]

    operations = [
        migrations.AddField(model_name="digest", name="letter_at", field=models.DateTimeField(null=True)),
        migrations.AddIndex(
            model_name="digest",
            index=models.Index(fields=["letter_at"], condition=models.Q(("letter_at__isnull", False)), name="digest_letter_waits"),
        ),
    ]
