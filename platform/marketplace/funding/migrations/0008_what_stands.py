"""The database's own refusal of a moved deadline, and of a pledge without suitability however it comes to be."""

from django.db import migrations

DEADLINE = """
CREATE FUNCTION funding_campaign_deadline_stands() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the deadline of campaign % moves once, to a later one, and the first is kept beside it', NEW.id
        USING ERRCODE = 'check_violation';
END $$;
CREATE TRIGGER funding_campaign_deadline_stands BEFORE UPDATE ON funding_campaign FOR EACH ROW
    WHEN (OLD.opened_at IS NOT NULL
        AND (NEW.deadline IS DISTINCT FROM OLD.deadline OR NEW.extended_from IS DISTINCT FROM OLD.extended_from)
        AND NOT (OLD.extended_from IS NULL AND NEW.extended_from IS NOT DISTINCT FROM OLD.deadline AND NEW.deadline > OLD.deadline))
    EXECUTE FUNCTION funding_campaign_deadline_stands();
ALTER TABLE funding_campaign ENABLE ALWAYS TRIGGER funding_campaign_deadline_stands;
ALTER TABLE funding_campaign ENABLE ALWAYS TRIGGER funding_campaign_extends_once;
"""
DEADLINE_BACK = """
ALTER TABLE funding_campaign ENABLE TRIGGER funding_campaign_extends_once;
DROP FUNCTION funding_campaign_deadline_stands() CASCADE;
"""

# An intent and what became of it without a confirmation rest on nothing; every other state does.
SUITABILITY = """
DROP TRIGGER funding_pledge_rests_on_suitability ON funding_pledge;
CREATE TRIGGER funding_pledge_rests_on_suitability BEFORE UPDATE ON funding_pledge FOR EACH ROW
    WHEN (OLD.state = 'intent' AND NEW.state NOT IN ('intent', 'expired')) EXECUTE FUNCTION funding_pledge_is_suitable();
CREATE TRIGGER funding_pledge_begins_on_suitability BEFORE INSERT ON funding_pledge FOR EACH ROW
    WHEN (NEW.state NOT IN ('intent', 'expired')) EXECUTE FUNCTION funding_pledge_is_suitable();
CREATE TRIGGER funding_suitability_kept BEFORE TRUNCATE ON funding_suitability FOR EACH STATEMENT
    EXECUTE FUNCTION funding_suitability_stays();
ALTER TABLE funding_pledge ENABLE ALWAYS TRIGGER funding_pledge_rests_on_suitability;
ALTER TABLE funding_pledge ENABLE ALWAYS TRIGGER funding_pledge_begins_on_suitability;
ALTER TABLE funding_suitability ENABLE ALWAYS TRIGGER funding_suitability_stays;
ALTER TABLE funding_suitability ENABLE ALWAYS TRIGGER funding_suitability_kept;
"""
SUITABILITY_BACK = """
ALTER TABLE funding_suitability ENABLE TRIGGER funding_suitability_stays;
DROP TRIGGER funding_suitability_kept ON funding_suitability;
DROP TRIGGER funding_pledge_begins_on_suitability ON funding_pledge;
DROP TRIGGER funding_pledge_rests_on_suitability ON funding_pledge;
CREATE TRIGGER funding_pledge_rests_on_suitability BEFORE UPDATE ON funding_pledge FOR EACH ROW
    WHEN (OLD.state = 'intent' AND NEW.state = 'cooling_off') EXECUTE FUNCTION funding_pledge_is_suitable();
"""


class Migration(migrations.Migration):
    dependencies = [("funding", "0007_asking_reviewers_and_funders")]
    operations = [
        migrations.RunSQL(DEADLINE, DEADLINE_BACK),
        migrations.RunSQL(SUITABILITY, SUITABILITY_BACK),
    ]
