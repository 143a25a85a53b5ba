"""Matching pools: their terms, which stand, what they have added where, and a campaign's cap with it."""

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.expressions
from django.db import migrations, models

import marketplace.common.ids
import marketplace.common.policy
from marketplace.workflow.guards import final_states_stay

TERMS = (
    "organisation_id",
    "name_zh",
    "name_en",
    "ratio_bp",
    "pledge_cap_fen",
    "campaign_cap_fen",
    "funder_cap_fen",
    "regions",
    "industries",
    "until",
)
TERMS_STAND = """
CREATE FUNCTION funding_pool_terms_stand() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the terms of pool % stand: open another one', NEW.id USING ERRCODE = 'check_violation';
END $$;
CREATE TRIGGER funding_pool_terms_stand BEFORE UPDATE ON funding_matchingpool FOR EACH ROW
    WHEN (({old}) IS DISTINCT FROM ({new})) EXECUTE FUNCTION funding_pool_terms_stand();
ALTER TABLE funding_matchingpool ENABLE ALWAYS TRIGGER funding_pool_terms_stand;
""".format(old=", ".join(f"OLD.{name}" for name in TERMS), new=", ".join(f"NEW.{name}" for name in TERMS))


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_guards"),
        ("demands", "0002_guards"),
        ("funding", "0008_what_stands"),
        ("treasury", "0008_matching_pools"),
    ]

    operations = [
        migrations.CreateModel(
            name="MatchingPool",
            fields=[
                ("id", models.UUIDField(default=marketplace.common.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("due_at", models.DateTimeField(editable=False, null=True)),
                ("escalations", models.PositiveSmallIntegerField(default=0, editable=False)),
                ("policy", models.JSONField(default=marketplace.common.policy.stamp, editable=False)),
                ("created_at", models.DateTimeField(editable=False)),
                ("updated_at", models.DateTimeField(editable=False)),
                (
                    "state",
                    models.CharField(
                        choices=[("draft", "起草"), ("open", "配套中"), ("closed", "已结束")],
                        editable=False,
                        max_length=32,
                        verbose_name="状态",
                    ),
                ),
                ("name_zh", models.CharField(blank=True, max_length=80, verbose_name="名称（中文）")),
                ("name_en", models.CharField(blank=True, max_length=120, verbose_name="名称（英文）")),
                ("ratio_bp", models.PositiveIntegerField(verbose_name="配套比例（基点）")),
                ("pledge_cap_fen", models.BigIntegerField(verbose_name="单笔上限（分）")),
                ("campaign_cap_fen", models.BigIntegerField(verbose_name="单个项目上限（分）")),
                ("funder_cap_fen", models.BigIntegerField(verbose_name="单家机构上限（分）")),
                (
                    "regions",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=6), blank=True, default=list, size=None
                    ),
                ),
                (
                    "industries",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=2), blank=True, default=list, size=None
                    ),
                ),
                ("until", models.DateTimeField(verbose_name="截止时间")),
            ],
            options={
                "verbose_name": "引导基金",
            },
        ),
        migrations.CreateModel(
            name="PoolUse",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("scope", models.CharField(choices=[("campaign", "项目"), ("funder", "机构")], editable=False, max_length=8)),
                ("subject_id", models.UUIDField(editable=False, help_text="The campaign or the funder.")),
                ("fen", models.BigIntegerField(default=0, editable=False)),
                ("cap_fen", models.BigIntegerField(editable=False)),
            ],
            options={
                "verbose_name": "引导基金用量",
            },
        ),
        migrations.CreateModel(
            name="TopUp",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("fen", models.BigIntegerField(editable=False)),
                ("captured_fen", models.BigIntegerField(default=0, editable=False)),
                ("refunded_fen", models.BigIntegerField(default=0, editable=False)),
                ("created_at", models.DateTimeField(editable=False)),
            ],
            options={
                "verbose_name": "配套资金",
            },
        ),
        migrations.RemoveConstraint(
            model_name="campaign",
            name="campaign_never_over_its_cap",
        ),
        migrations.AddField(
            model_name="campaign",
            name="matched_fen",
            field=models.BigIntegerField(default=0, editable=False),
        ),
        migrations.AddConstraint(
            model_name="campaign",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("captured_fen__gte", 0),
                    ("held_fen__gte", 0),
                    (
                        "held_fen__lte",
                        django.db.models.expressions.CombinedExpression(
                            django.db.models.expressions.CombinedExpression(models.F("optimum_fen"), "-", models.F("captured_fen")),
                            "-",
                            models.F("matched_fen"),
                        ),
                    ),
                    ("matched_fen__gte", 0),
                ),
                name="campaign_never_over_its_cap",
            ),
        ),
        migrations.AddField(
            model_name="matchingpool",
            name="organisation",
            field=models.ForeignKey(
                editable=False, on_delete=django.db.models.deletion.PROTECT, related_name="pools", to="accounts.organisation"
            ),
        ),
        migrations.AddField(
            model_name="pooluse",
            name="pool",
            field=models.ForeignKey(
                editable=False, on_delete=django.db.models.deletion.PROTECT, related_name="uses", to="funding.matchingpool"
            ),
        ),
        migrations.AddField(
            model_name="topup",
            name="hold",
            field=models.OneToOneField(
                editable=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="treasury.transfer"
            ),
        ),
        migrations.AddField(
            model_name="topup",
            name="pledge",
            field=models.OneToOneField(
                editable=False, on_delete=django.db.models.deletion.PROTECT, related_name="top_up", to="funding.pledge"
            ),
        ),
        migrations.AddField(
            model_name="topup",
            name="pool",
            field=models.ForeignKey(
                editable=False, on_delete=django.db.models.deletion.PROTECT, related_name="top_ups", to="funding.matchingpool"
            ),
        ),
        migrations.AddIndex(
            model_name="matchingpool",
            index=models.Index(fields=["organisation", "-id"], name="pool_by_owner"),
        ),
        migrations.AddIndex(
            model_name="matchingpool",
            index=models.Index(condition=models.Q(("due_at__isnull", False)), fields=["due_at"], name="pool_due"),
        ),
        migrations.AddConstraint(
            model_name="matchingpool",
            constraint=models.CheckConstraint(condition=models.Q(("state__in", ["draft", "open", "closed"])), name="pool_state_is_known"),
        ),
        migrations.AddConstraint(
            model_name="matchingpool",
            constraint=models.CheckConstraint(
                condition=models.Q(models.Q(("name_zh", ""), _negated=True), models.Q(("name_en", ""), _negated=True), _connector="OR"),
                name="pool_has_a_name",
            ),
        ),
        migrations.AddConstraint(
            model_name="matchingpool",
            constraint=models.CheckConstraint(
                condition=models.Q(("ratio_bp__gte", 1), ("ratio_bp__lte", 20000)), name="pool_ratio_in_bounds"
            ),
        ),
        migrations.AddConstraint(
            model_name="matchingpool",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("campaign_cap_fen__gte", models.F("pledge_cap_fen")),
                    ("funder_cap_fen__gte", models.F("pledge_cap_fen")),
                    ("pledge_cap_fen__gt", 0),
                ),
                name="pool_caps_in_order",
            ),
        ),
        migrations.AddIndex(
            model_name="pooluse",
            index=models.Index(fields=["scope", "subject_id"], name="pool_use_of"),
        ),
        migrations.AddConstraint(
            model_name="pooluse",
            constraint=models.CheckConstraint(condition=models.Q(("scope__in", ["campaign", "funder"])), name="pool_use_scope_is_known"),
        ),
        migrations.AddConstraint(
            model_name="pooluse",
            constraint=models.CheckConstraint(
                condition=models.Q(("fen__gte", 0), ("fen__lte", models.F("cap_fen"))), name="pool_use_within_its_cap"
            ),
        ),
        migrations.AddConstraint(
            model_name="pooluse",
            constraint=models.UniqueConstraint(fields=("pool", "scope", "subject_id"), name="pool_use_once_per_subject"),
        ),
        migrations.AddConstraint(
            model_name="topup",
            constraint=models.CheckConstraint(condition=models.Q(("fen__gt", 0)), name="top_up_is_positive"),
        ),
        migrations.AddConstraint(
            model_name="topup",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("captured_fen__gte", 0),
                    ("captured_fen__lte", models.F("fen")),
                    ("refunded_fen__gte", 0),
                    ("refunded_fen__lte", models.F("captured_fen")),
                ),
                name="top_up_amounts_in_order",
            ),
        ),
        migrations.RunSQL(TERMS_STAND, "DROP FUNCTION funding_pool_terms_stand() CASCADE"),
        final_states_stay("funding_matchingpool", ["closed"]),
    ]
