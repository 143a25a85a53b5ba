from django.db import migrations, models


class Migration(migrations.Migration):
    """Apart from the column, which holds readers: these are not held while all digests are read for the index."""

    dependencies = [
        ("interests", "0004_letters_wait"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="digest",
            index=models.Index(fields=["letter_at"], condition=models.Q(("letter_at__isnull", False)), name="digest_letter_waits"),
        ),
    ]
