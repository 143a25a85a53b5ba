"""What was said in an audit is emptied by nobody either, its tables' owner included."""

from django.db import migrations

KEPT = """
CREATE TRIGGER agreements_review_not_emptied BEFORE TRUNCATE ON agreements_revenuereview FOR EACH STATEMENT
    EXECUTE FUNCTION agreements_audit_stands();
CREATE TRIGGER agreements_question_not_emptied BEFORE TRUNCATE ON agreements_revenuequestion FOR EACH STATEMENT
    EXECUTE FUNCTION agreements_audit_stands();
ALTER TABLE agreements_revenuereview ENABLE ALWAYS TRIGGER agreements_review_not_emptied;
ALTER TABLE agreements_revenuequestion ENABLE ALWAYS TRIGGER agreements_question_not_emptied;
"""
BACK = """
DROP TRIGGER agreements_review_not_emptied ON agreements_revenuereview;
DROP TRIGGER agreements_question_not_emptied ON agreements_revenuequestion;
"""


class Migration(migrations.Migration):
    dependencies = [("agreements", "0004_audit_stands")]
    operations = [migrations.RunSQL(KEPT, BACK)]
