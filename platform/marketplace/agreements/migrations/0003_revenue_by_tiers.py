"""Later revenue goes by tiers; terms, reports and lines stand once they are signed, reported and distributed.

Shares of one tier, as agreements had them before, cannot be told in tiers without changing what was signed: a database
that holds such an agreement is refused.
"""

from typing import Any

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import F, Q

import marketplace.common.ids

WHOLE = 1_000_000

# A party signs the terms, and what is reported is audited: neither changes afterwards.
STANDING = """
CREATE FUNCTION agreements_terms_stand() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the revenue terms of agreement % stand once its text is frozen', NEW.id USING ERRCODE = 'check_violation';
END $$;
CREATE TRIGGER agreements_terms_stand BEFORE UPDATE ON agreements_agreement FOR EACH ROW
    WHEN (OLD.state <> 'negotiating' AND (NEW.costs_cap_fen, NEW.funders_cap_bp, NEW.inventor_share_ppm, NEW.unit_share_ppm,
                                          NEW.region_share_ppm, NEW.region_body_id, NEW.reward_agreed)
        IS DISTINCT FROM (OLD.costs_cap_fen, OLD.funders_cap_bp, OLD.inventor_share_ppm, OLD.unit_share_ppm,
                          OLD.region_share_ppm, OLD.region_body_id, OLD.reward_agreed))
    EXECUTE FUNCTION agreements_terms_stand();
ALTER TABLE agreements_agreement ENABLE ALWAYS TRIGGER agreements_terms_stand;

CREATE FUNCTION agreements_report_stands() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the amounts of revenue report % stand once it is reported', NEW.id USING ERRCODE = 'check_violation';
END $$;
CREATE TRIGGER agreements_report_stands BEFORE UPDATE ON agreements_revenuereport FOR EACH ROW
    WHEN (OLD.state <> 'draft' AND (NEW.agreement_id, NEW.period_from, NEW.period_to, NEW.revenue_fen, NEW.costs_fen,
                                    NEW.shared_fen, NEW.evidence_id)
        IS DISTINCT FROM (OLD.agreement_id, OLD.period_from, OLD.period_to, OLD.revenue_fen, OLD.costs_fen,
                          OLD.shared_fen, OLD.evidence_id))
    EXECUTE FUNCTION agreements_report_stands();
ALTER TABLE agreements_revenuereport ENABLE ALWAYS TRIGGER agreements_report_stands;

CREATE FUNCTION agreements_distribution_stands() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a line of a distribution is never changed or taken out' USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER agreements_distribution_stands BEFORE UPDATE OR DELETE ON agreements_distribution FOR EACH ROW
    EXECUTE FUNCTION agreements_distribution_stands();
CREATE TRIGGER agreements_distribution_kept BEFORE TRUNCATE ON agreements_distribution FOR EACH STATEMENT
    EXECUTE FUNCTION agreements_distribution_stands();
ALTER TABLE agreements_distribution ENABLE ALWAYS TRIGGER agreements_distribution_stands;
ALTER TABLE agreements_distribution ENABLE ALWAYS TRIGGER agreements_distribution_kept;
"""
BACK = """
DROP FUNCTION agreements_terms_stand() CASCADE;
DROP FUNCTION agreements_report_stands() CASCADE;
DROP FUNCTION agreements_distribution_stands() CASCADE;
"""


def refuse_old_terms(apps: Any, schema_editor: Any) -> None:
    """Raise where an agreement with shares of one tier is not void."""
    rows = apps.get_model("agreements", "Agreement").objects.using(schema_editor.connection.alias)
    if rows.exclude(state="void").exists():
        raise RuntimeError(
            "本库中的协议按单层份额约定后续收益，不能改成分层约定。演示环境请运行 make demo-reset。 "
            "Agreements here share later revenue in one tier, which cannot be rewritten as tiers: "
            "abandon what is not signed yet, and keep the former version for what is. A demonstration begins anew by make demo-reset."
        )


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_guards"),
        ("agreements", "0002_guards"),
        ("funding", "0008_what_stands"),
    ]
    operations = [
        migrations.RunPython(refuse_old_terms, migrations.RunPython.noop),
        migrations.RemoveConstraint("agreement", "agreement_shares_make_the_whole"),
        migrations.RemoveConstraint("agreement", "agreement_funders_come_with_a_campaign"),
        migrations.RemoveField("agreement", "company_share_ppm"),
        migrations.RemoveField("agreement", "team_share_ppm"),
        migrations.RemoveField("agreement", "funders_share_ppm"),
        migrations.AddField("agreement", "costs_cap_fen", models.BigIntegerField("先行归还的成本上限（分）", default=0)),
        migrations.AddField("agreement", "funders_cap_bp", models.PositiveIntegerField("出资方累计上限（万分之）", default=0)),
        migrations.AddField(
            "agreement", "inventor_share_ppm", models.PositiveIntegerField("成果完成人份额", default=0), preserve_default=False
        ),
        migrations.AddField(
            "agreement", "unit_share_ppm", models.PositiveIntegerField("所在单位份额", default=WHOLE), preserve_default=False
        ),
        migrations.AddField("agreement", "region_share_ppm", models.PositiveIntegerField("地区份额", default=0)),
        migrations.AddField(
            "agreement",
            "region_body",
            models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.organisation"),
        ),
        migrations.AddField("agreement", "reward_agreed", models.BooleanField("单位对完成人奖酬另有规定或约定", default=False)),
        migrations.AddConstraint(
            "agreement",
            models.CheckConstraint(
                condition=Q(unit_share_ppm=WHOLE - F("inventor_share_ppm") - F("region_share_ppm")),
                name="agreement_shares_make_the_whole",
            ),
        ),
        migrations.AddConstraint(
            "agreement",
            models.CheckConstraint(condition=Q(costs_cap_fen__gte=0, funders_cap_bp__lte=100_000), name="agreement_tiers_are_bounded"),
        ),
        migrations.AddConstraint(
            "agreement",
            models.CheckConstraint(
                condition=Q(region_share_ppm=0, region_body__isnull=True) | Q(region_share_ppm__gt=0, region_body__isnull=False),
                name="agreement_region_is_named",
            ),
        ),
        migrations.AddConstraint(
            "agreement",
            models.CheckConstraint(
                condition=Q(campaign__isnull=False) | Q(campaign_fen=0, funders_cap_bp=0),
                name="agreement_funders_come_with_a_campaign",
            ),
        ),
        migrations.AddField("revenuereport", "costs_fen", models.BigIntegerField("有凭证的成本（分）", default=0)),
        migrations.AddField("revenuereport", "audit_until", models.DateTimeField("审查截止", null=True, editable=False)),
        migrations.AddField(
            "revenuereport",
            "contested_by",
            models.ForeignKey(
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="accounts.organisation",
            ),
        ),
        migrations.AlterField(
            "revenuereport",
            "evidence",
            models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="common.storedfile"),
        ),
        migrations.RemoveConstraint("revenuereport", "revenue_share_within"),
        migrations.AddConstraint(
            "revenuereport",
            models.CheckConstraint(
                condition=Q(shared_fen__gt=0, shared_fen__lte=F("revenue_fen"), costs_fen__gte=0), name="revenue_share_within"
            ),
        ),
        migrations.AddConstraint(
            "revenuereport",
            models.CheckConstraint(condition=Q(state="draft") | Q(audit_until__isnull=False), name="revenue_reported_can_be_audited"),
        ),
        migrations.RemoveConstraint("distribution", "distribution_once"),
        migrations.RemoveConstraint("distribution", "distribution_not_negative"),
        migrations.AlterModelOptions("distribution", {"ordering": ("number",), "verbose_name": "分配"}),
        migrations.AddField("distribution", "number", models.PositiveSmallIntegerField(default=1), preserve_default=False),
        migrations.AddField("distribution", "tier", models.PositiveSmallIntegerField(default=3), preserve_default=False),
        migrations.RemoveField("distribution", "pledge_id"),
        migrations.AddField(
            "distribution",
            "pledge",
            models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="funding.pledge"),
        ),
        migrations.AddConstraint("distribution", models.CheckConstraint(condition=Q(fen__gt=0), name="distribution_is_something")),
        migrations.AddConstraint(
            "distribution",
            models.CheckConstraint(
                condition=Q(tier=1, role="company", pledge=None)
                | Q(tier=2, role="funder", pledge__isnull=False)
                | Q(tier=3, role__in=("inventor", "unit", "region"), pledge=None),
                name="distribution_tier_fits",
            ),
        ),
        migrations.AddConstraint(
            "distribution",
            models.UniqueConstraint(fields=("report", "role", "pledge"), nulls_distinct=False, name="distribution_once"),
        ),
        migrations.AddConstraint("distribution", models.UniqueConstraint(fields=("report", "number"), name="distribution_in_order")),
        migrations.CreateModel(
            name="RevenueReview",
            fields=[
                ("id", models.UUIDField(default=marketplace.common.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("reviewed_at", models.DateTimeField()),
                (
                    "organisation",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.organisation"),
                ),
                (
                    "report",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="reviews", to="agreements.revenuereport"),
                ),
            ],
            options={
                "verbose_name": "核实意见",
                "constraints": [models.UniqueConstraint(fields=("report", "organisation"), name="revenue_reviewed_once")],
            },
        ),
        migrations.CreateModel(
            name="RevenueQuestion",
            fields=[
                ("id", models.UUIDField(default=marketplace.common.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("text", models.TextField()),
                ("asked_at", models.DateTimeField()),
                ("answer", models.TextField(blank=True)),
                ("answered_at", models.DateTimeField(null=True)),
                (
                    "organisation",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.organisation"),
                ),
                (
                    "report",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="questions", to="agreements.revenuereport"),
                ),
            ],
            options={
                "verbose_name": "审查提问",
                "ordering": ("id",),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("report", "organisation"), condition=Q(answered_at=None), name="revenue_question_one_open"
                    ),
                    models.CheckConstraint(
                        condition=Q(answer="", answered_at=None) | (~Q(answer="") & Q(answered_at__isnull=False)),
                        name="revenue_answer_is_whole",
                    ),
                ],
            },
        ),
        migrations.RunSQL(STANDING, BACK),
    ]
