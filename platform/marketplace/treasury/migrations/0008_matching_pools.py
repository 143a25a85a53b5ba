"""One more kind of account: a matching pool's money."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("treasury", "0007_returns_that_the_bank_refuses"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="account",
            name="account_kind_is_known",
        ),
        migrations.AlterField(
            model_name="account",
            name="kind",
            field=models.CharField(
                choices=[
                    ("custody", "银行存管"),
                    ("wallet", "单位钱包"),
                    ("matching_pool", "引导基金"),
                    ("campaign_escrow", "募资监管"),
                    ("agreement_escrow", "协议托管"),
                    ("deposit", "诚意金"),
                    ("disputed", "争议冻结"),
                    ("payable", "应付未划"),
                    ("revenue", "收入分成"),
                    ("in_transit", "划付在途"),
                    ("fee", "平台费"),
                ],
                editable=False,
                max_length=16,
            ),
        ),
        migrations.AddConstraint(
            model_name="account",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "kind__in",
                        [
                            "custody",
                            "wallet",
                            "matching_pool",
                            "campaign_escrow",
                            "agreement_escrow",
                            "deposit",
                            "disputed",
                            "payable",
                            "revenue",
                            "in_transit",
                            "fee",
                        ],
                    )
                ),
                name="account_kind_is_known",
            ),
        ),
    ]
