"""What was said in an audit stands: a review as it was given, a question as it was asked, an answer once it is given."""

from django.db import migrations

STANDING = """
CREATE FUNCTION agreements_audit_stands() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'what was said in an audit is never changed or taken out' USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER agreements_review_stands BEFORE UPDATE OR DELETE ON agreements_revenuereview FOR EACH ROW
    EXECUTE FUNCTION agreements_audit_stands();
ALTER TABLE agreements_revenuereview ENABLE ALWAYS TRIGGER agreements_review_stands;
CREATE TRIGGER agreements_question_stands BEFORE UPDATE ON agreements_revenuequestion FOR EACH ROW
    WHEN (OLD.answered_at IS NOT NULL OR (NEW.report_id, NEW.organisation_id, NEW.text, NEW.asked_at)
        IS DISTINCT FROM (OLD.report_id, OLD.organisation_id, OLD.text, OLD.asked_at))
    EXECUTE FUNCTION agreements_audit_stands();
CREATE TRIGGER agreements_question_kept BEFORE DELETE ON agreements_revenuequestion FOR EACH ROW
    EXECUTE FUNCTION agreements_audit_stands();
ALTER TABLE agreements_revenuequestion ENABLE ALWAYS TRIGGER agreements_question_stands;
ALTER TABLE agreements_revenuequestion ENABLE ALWAYS TRIGGER agreements_question_kept;
"""


class Migration(migrations.Migration):
    dependencies = [("agreements", "0003_revenue_by_tiers")]
    operations = [migrations.RunSQL(STANDING, "DROP FUNCTION agreements_audit_stands() CASCADE")]
