"""What a campaign's company tells and is asked, and the database's own refusal to change it afterwards."""

import django.db.models.deletion
from django.db import migrations, models

import marketplace.common.ids

STANDS = """
CREATE FUNCTION funding_told_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'what was told to funders is not changed: a correction is told anew' USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER funding_update_stays BEFORE UPDATE OR DELETE ON funding_campaignupdate FOR EACH ROW
    EXECUTE FUNCTION funding_told_stays();
CREATE TRIGGER funding_update_kept BEFORE TRUNCATE ON funding_campaignupdate FOR EACH STATEMENT
    EXECUTE FUNCTION funding_told_stays();
CREATE TRIGGER funding_question_stays BEFORE UPDATE ON funding_campaignquestion FOR EACH ROW
    WHEN (OLD.answered_at IS NOT NULL OR (NEW.id, NEW.campaign_id, NEW.organisation_id, NEW.text, NEW.asked_at)
          IS DISTINCT FROM (OLD.id, OLD.campaign_id, OLD.organisation_id, OLD.text, OLD.asked_at))
    EXECUTE FUNCTION funding_told_stays();
CREATE TRIGGER funding_question_not_deleted BEFORE DELETE ON funding_campaignquestion FOR EACH ROW
    EXECUTE FUNCTION funding_told_stays();
CREATE TRIGGER funding_question_kept BEFORE TRUNCATE ON funding_campaignquestion FOR EACH STATEMENT
    EXECUTE FUNCTION funding_told_stays();
ALTER TABLE funding_campaignupdate ENABLE ALWAYS TRIGGER funding_update_stays;
ALTER TABLE funding_campaignupdate ENABLE ALWAYS TRIGGER funding_update_kept;
ALTER TABLE funding_campaignquestion ENABLE ALWAYS TRIGGER funding_question_stays;
ALTER TABLE funding_campaignquestion ENABLE ALWAYS TRIGGER funding_question_not_deleted;
ALTER TABLE funding_campaignquestion ENABLE ALWAYS TRIGGER funding_question_kept;
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_guards"), ("funding", "0010_terms_and_use_of_funds")]
    operations = [
        migrations.CreateModel(
            name="CampaignUpdate",
            fields=[
                ("id", models.UUIDField(default=marketplace.common.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("text_zh", models.TextField(blank=True, verbose_name="内容（中文）")),
                ("text_en", models.TextField(blank=True, verbose_name="内容（英文）")),
                ("posted_at", models.DateTimeField(editable=False)),
                ("posted_by", models.UUIDField(editable=False, null=True)),
                (
                    "campaign",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="updates", to="funding.campaign"),
                ),
                (
                    "corrects",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="corrections",
                        to="funding.campaignupdate",
                    ),
                ),
            ],
            options={
                "verbose_name": "项目动态",
                "indexes": [models.Index(fields=["campaign", "-id"], name="campaign_update_newest")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("text_zh", ""), _negated=True), models.Q(("text_en", ""), _negated=True), _connector="OR"
                        ),
                        name="campaign_update_has_a_text",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="CampaignQuestion",
            fields=[
                ("id", models.UUIDField(default=marketplace.common.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("text", models.TextField(verbose_name="问题")),
                ("answer", models.TextField(blank=True, verbose_name="答复")),
                ("asked_at", models.DateTimeField(editable=False)),
                ("answered_at", models.DateTimeField(editable=False, null=True)),
                (
                    "campaign",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="questions", to="funding.campaign"),
                ),
                (
                    "organisation",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.organisation"),
                ),
            ],
            options={
                "verbose_name": "募资问答",
                "indexes": [models.Index(fields=["campaign", "-id"], name="campaign_question_newest")],
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("text", ""), _negated=True), name="campaign_question_has_a_text"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("answer", ""), ("answered_at", None)),
                            models.Q(models.Q(("answer", ""), _negated=True), ("answered_at__isnull", False)),
                            _connector="OR",
                        ),
                        name="campaign_question_answered_with_words",
                    ),
                ],
            },
        ),
        migrations.RunSQL(STANDS, "DROP FUNCTION funding_told_stays() CASCADE"),
    ]
