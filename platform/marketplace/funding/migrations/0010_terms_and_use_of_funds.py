"""Each instrument's terms, signed by their hash, and what a campaign's money is spent on; both stand from submission on."""

import django.db.models.deletion
from django.db import migrations, models

INSTRUMENTS = [("grant", "无偿资助"), ("revenue_share", "收入分成"), ("loan_intent", "借款意向"), ("equity_intent", "股权意向")]
CATEGORIES = [
    ("equipment", "设备"),
    ("materials", "材料"),
    ("testing", "测试、试验与加工"),
    ("staff", "人员劳务"),
    ("ip", "知识产权"),
    ("management", "管理"),
    ("other", "其他"),
]

OFFER = """
CREATE FUNCTION funding_campaign_offer_is_whole() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE planned bigint;
BEGIN
    SELECT coalesce(sum(fen), 0) INTO planned FROM funding_planline WHERE campaign_id = NEW.id;
    IF planned <> NEW.optimum_fen THEN
        RAISE EXCEPTION 'the use of funds of campaign % is % fen in all, not its optimum of %', NEW.id, planned, NEW.optimum_fen
            USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.instrument = '' OR NEW.terms ->> 'instrument' IS DISTINCT FROM NEW.instrument OR NEW.terms_sha256 !~ '^[0-9a-f]{64}$' THEN
        RAISE EXCEPTION 'campaign % has no terms of its instrument', NEW.id USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER funding_campaign_offer_is_whole BEFORE UPDATE ON funding_campaign FOR EACH ROW
    WHEN (OLD.state = 'draft' AND NEW.state = 'submitted') EXECUTE FUNCTION funding_campaign_offer_is_whole();

CREATE FUNCTION funding_campaign_offer_stands() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'what campaign % offers is not changed once it was submitted', NEW.id USING ERRCODE = 'check_violation';
END $$;
CREATE TRIGGER funding_campaign_offer_stands BEFORE UPDATE ON funding_campaign FOR EACH ROW
    WHEN (OLD.state <> 'draft' AND (NEW.instrument, NEW.terms, NEW.terms_sha256, NEW.optimum_fen)
          IS DISTINCT FROM (OLD.instrument, OLD.terms, OLD.terms_sha256, OLD.optimum_fen))
    EXECUTE FUNCTION funding_campaign_offer_stands();

-- The campaign's row decides between a change of its lines and its submission, which would else both pass.
CREATE FUNCTION funding_planline_of_a_draft() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE line funding_planline := coalesce(NEW, OLD);
BEGIN
    PERFORM 1 FROM funding_campaign WHERE id = line.campaign_id AND state = 'draft' FOR NO KEY UPDATE;
    IF NOT FOUND OR TG_OP = 'UPDATE' AND NEW.campaign_id <> OLD.campaign_id THEN
        RAISE EXCEPTION 'the use of funds of campaign % is changed in a draft only', line.campaign_id USING ERRCODE = 'check_violation';
    END IF;
    RETURN line;
END $$;
CREATE TRIGGER funding_planline_of_a_draft BEFORE INSERT OR UPDATE OR DELETE ON funding_planline FOR EACH ROW
    EXECUTE FUNCTION funding_planline_of_a_draft();

CREATE FUNCTION funding_pledge_signs_terms() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.terms_sha256 IS DISTINCT FROM (SELECT terms_sha256 FROM funding_campaign WHERE id = NEW.campaign_id) THEN
        RAISE EXCEPTION 'pledge % does not accept the terms of its campaign', NEW.id USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER funding_pledge_signs_terms BEFORE UPDATE ON funding_pledge FOR EACH ROW
    WHEN (NEW.state NOT IN ('intent', 'expired') AND (OLD.state = 'intent' OR NEW.terms_sha256 IS DISTINCT FROM OLD.terms_sha256))
    EXECUTE FUNCTION funding_pledge_signs_terms();
CREATE TRIGGER funding_pledge_starts_on_terms BEFORE INSERT ON funding_pledge FOR EACH ROW
    WHEN (NEW.state NOT IN ('intent', 'expired')) EXECUTE FUNCTION funding_pledge_signs_terms();

ALTER TABLE funding_campaign ENABLE ALWAYS TRIGGER funding_campaign_offer_is_whole;
ALTER TABLE funding_campaign ENABLE ALWAYS TRIGGER funding_campaign_offer_stands;
ALTER TABLE funding_planline ENABLE ALWAYS TRIGGER funding_planline_of_a_draft;
ALTER TABLE funding_pledge ENABLE ALWAYS TRIGGER funding_pledge_signs_terms;
ALTER TABLE funding_pledge ENABLE ALWAYS TRIGGER funding_pledge_starts_on_terms;
"""
BACK = """
DROP FUNCTION funding_campaign_offer_is_whole() CASCADE;
DROP FUNCTION funding_campaign_offer_stands() CASCADE;
DROP FUNCTION funding_planline_of_a_draft() CASCADE;
DROP FUNCTION funding_pledge_signs_terms() CASCADE;
"""


class Migration(migrations.Migration):
    dependencies = [("funding", "0009_matching_pools")]
    operations = [
        migrations.RenameField(model_name="campaign", old_name="use_of_funds", new_name="milestones"),
        migrations.AddField(
            model_name="campaign",
            name="instrument",
            field=models.CharField(blank=True, choices=INSTRUMENTS, default="", editable=False, max_length=20, verbose_name="出资方式"),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="campaign",
            name="terms",
            field=models.JSONField(blank=True, default=dict, editable=False, verbose_name="条款"),
        ),
        migrations.AddField(
            model_name="campaign",
            name="terms_sha256",
            field=models.CharField(blank=True, default="", editable=False, max_length=64, verbose_name="条款哈希"),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="pledge",
            name="terms_sha256",
            field=models.CharField(blank=True, default="", editable=False, max_length=64, verbose_name="条款哈希"),
            preserve_default=False,
        ),
        migrations.AddConstraint(
            model_name="campaign",
            constraint=models.CheckConstraint(
                condition=models.Q(("instrument__in", ("", *(value for value, _ in INSTRUMENTS)))), name="campaign_instrument_is_known"
            ),
        ),
        migrations.CreateModel(
            name="PlanLine",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("ordinal", models.PositiveSmallIntegerField()),
                ("category", models.CharField(choices=CATEGORIES, max_length=20, verbose_name="类别")),
                ("purpose_zh", models.CharField(blank=True, max_length=120, verbose_name="用途（中文）")),
                ("purpose_en", models.CharField(blank=True, max_length=200, verbose_name="用途（英文）")),
                ("fen", models.BigIntegerField(verbose_name="金额（分）")),
                (
                    "campaign",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="use_of_funds", to="funding.campaign"),
                ),
            ],
            options={
                "verbose_name": "资金用途",
                "constraints": [
                    models.UniqueConstraint(fields=("campaign", "ordinal"), name="plan_line_one_per_place"),
                    models.CheckConstraint(condition=models.Q(("fen__gt", 0)), name="plan_line_is_positive"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("purpose_zh", ""), _negated=True), models.Q(("purpose_en", ""), _negated=True), _connector="OR"
                        ),
                        name="plan_line_has_a_purpose",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("category__in", [value for value, _ in CATEGORIES])), name="plan_line_category_is_known"
                    ),
                    models.CheckConstraint(condition=models.Q(("ordinal__gte", 1), ("ordinal__lte", 20)), name="plan_line_within_the_most"),
                ],
            },
        ),
        migrations.RunSQL(OFFER, BACK),
    ]
