"""What organisations say of matches: one word each, useful or with a reason why not."""

import django.db.models.deletion
from django.db import migrations, models

import marketplace.common.ids


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_guards"),
        ("catalogue", "0003_asking_price"),
        ("demands", "0003_protection_wanted"),
    ]

    operations = [
        migrations.CreateModel(
            name="MatchJudgement",
            fields=[
                ("id", models.UUIDField(default=marketplace.common.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("useful", models.BooleanField()),
                (
                    "reason",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("field", "领域不符"),
                            ("readiness", "成熟度不符"),
                            ("price", "价格不合适"),
                            ("region", "地区不合适"),
                            ("known", "已经了解"),
                            ("other", "其他"),
                        ],
                        max_length=12,
                    ),
                ),
                ("at", models.DateTimeField()),
                (
                    "achievement",
                    models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="catalogue.achievement"),
                ),
                ("demand", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="judgements", to="demands.demand")),
                (
                    "organisation",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to="accounts.organisation"),
                ),
                ("team", models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="catalogue.team")),
            ],
            options={
                "verbose_name": "匹配反馈",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("organisation", "demand", "achievement", "team"), name="judgement_once_a_match", nulls_distinct=False
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("achievement", None), ("team__isnull", False)),
                            models.Q(("achievement__isnull", False), ("team", None)),
                            _connector="OR",
                        ),
                        name="judgement_names_one_thing",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("reason", ""), ("useful", True)),
                            models.Q(("reason__in", ["field", "readiness", "price", "region", "known", "other"]), ("useful", False)),
                            _connector="OR",
                        ),
                        name="judgement_says_why_not",
                    ),
                ],
            },
        ),
    ]
