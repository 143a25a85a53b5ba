"""One extension of a campaign, which the database keeps to one, and the consent of pledgers to an early close."""

from django.db import migrations, models

ONCE = """
CREATE FUNCTION funding_campaign_is_extended_once() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'campaign % has been extended before', NEW.id USING ERRCODE = 'check_violation';
END $$;
CREATE TRIGGER funding_campaign_extends_once BEFORE UPDATE ON funding_campaign FOR EACH ROW
    WHEN (OLD.extended_from IS NOT NULL AND NEW.extended_from IS DISTINCT FROM OLD.extended_from)
    EXECUTE FUNCTION funding_campaign_is_extended_once();
"""


class Migration(migrations.Migration):
    dependencies = [("funding", "0004_suitability")]
    operations = [
        migrations.AddField(
            model_name="campaign",
            name="extension_until",
            field=models.DateTimeField(editable=False, null=True, verbose_name="申请延期至"),
        ),
        migrations.AddField(
            model_name="campaign",
            name="extended_from",
            field=models.DateTimeField(editable=False, null=True, verbose_name="原截止时间"),
        ),
        migrations.AddField(
            model_name="pledge",
            name="agreed_close_at",
            field=models.DateTimeField(editable=False, null=True, verbose_name="同意提前截止"),
        ),
        migrations.RunSQL(ONCE, "DROP FUNCTION funding_campaign_is_extended_once() CASCADE"),
    ]
