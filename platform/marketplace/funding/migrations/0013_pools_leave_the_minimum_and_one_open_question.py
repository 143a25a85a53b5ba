"""Pools leave the minimum to pledges; an institution has one question open at a time, and who asked and answered it is kept."""

from django.db import migrations, models
from django.db.models import F, Q

TRIGGER = """
DROP TRIGGER funding_question_stays ON funding_campaignquestion;
CREATE TRIGGER funding_question_stays BEFORE UPDATE ON funding_campaignquestion FOR EACH ROW
    WHEN (OLD.answered_at IS NOT NULL OR (NEW.id, NEW.campaign_id, NEW.organisation_id, NEW.text, NEW.asked_at{columns[0]})
          IS DISTINCT FROM (OLD.id, OLD.campaign_id, OLD.organisation_id, OLD.text, OLD.asked_at{columns[1]}))
    EXECUTE FUNCTION funding_told_stays();
ALTER TABLE funding_campaignquestion ENABLE ALWAYS TRIGGER funding_question_stays;
"""


class Migration(migrations.Migration):
    dependencies = [("funding", "0012_pledges_charged_back")]
    operations = [
        migrations.AddConstraint(
            model_name="campaign",
            constraint=models.CheckConstraint(
                condition=Q(("matched_fen__lte", F("optimum_fen") - F("minimum_fen"))), name="campaign_pools_leave_the_minimum"
            ),
        ),
        migrations.AddField(model_name="campaignquestion", name="asked_by", field=models.UUIDField(editable=False, null=True)),
        migrations.AddField(model_name="campaignquestion", name="answered_by", field=models.UUIDField(editable=False, null=True)),
        migrations.AddConstraint(
            model_name="campaignquestion",
            constraint=models.UniqueConstraint(
                fields=("campaign", "organisation"), condition=Q(("answered_at", None)), name="campaign_question_one_open_per_asker"
            ),
        ),
        migrations.RunSQL(TRIGGER.format(columns=(", NEW.asked_by", ", OLD.asked_by")), TRIGGER.format(columns=("", ""))),
        migrations.RemoveIndex(model_name="campaignquestion", name="campaign_question_newest"),
        migrations.RemoveIndex(model_name="campaignupdate", name="campaign_update_newest"),
        migrations.AddIndex(
            model_name="campaignquestion",
            index=models.Index(fields=["campaign", "-asked_at", "-id"], name="campaign_question_newest"),
        ),
        migrations.AddIndex(
            model_name="campaignupdate",
            index=models.Index(fields=["campaign", "-posted_at", "-id"], name="campaign_update_newest"),
        ),
    ]
