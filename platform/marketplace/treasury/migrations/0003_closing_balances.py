# The balance a statement closes with.

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("treasury", "0002_guards"),
    ]

    operations = [
        migrations.AddField(
            model_name="bankstatement",
            name="closing_fen",
            field=models.BigIntegerField(help_text="The balance that the bank says the account closed with, where it says one.", null=True),
        ),
        migrations.AddField(
            model_name="bankstatement",
            name="closing_on",
            field=models.DateField(null=True),
        ),
    ]
