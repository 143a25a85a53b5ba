from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("interests", "0002_teams_and_experts"),
    ]

    operations = [
        migrations.AddConstraint(
            model_name="digest",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["demand", "achievement", "team", "expert"])), name="digest_kind_is_known"
            ),
        ),
    ]
