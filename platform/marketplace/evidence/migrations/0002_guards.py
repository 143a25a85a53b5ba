"""A certificate is what was issued; a deposit says what it said: the database refuses any other story."""

from django.db import migrations

GUARDS = """
CREATE FUNCTION evidence_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% on % is refused: what was issued stays', TG_OP, TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;

CREATE FUNCTION evidence_deposit_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.id, NEW.organisation_id, NEW.sha256, NEW.size, NEW.made_at)
       IS DISTINCT FROM (OLD.id, OLD.organisation_id, OLD.sha256, OLD.size, OLD.made_at) THEN
        RAISE EXCEPTION 'a deposit keeps its depositor, hash, size and time' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER evidence_certificate_stays BEFORE UPDATE OR DELETE ON evidence_certificate
    FOR EACH ROW EXECUTE FUNCTION evidence_stays();
CREATE TRIGGER evidence_deposit_kept BEFORE DELETE ON evidence_deposit FOR EACH ROW EXECUTE FUNCTION evidence_stays();
CREATE TRIGGER evidence_deposit_unchanged BEFORE UPDATE ON evidence_deposit FOR EACH ROW EXECUTE FUNCTION evidence_deposit_stays();
"""

DROP_GUARDS = """
DROP FUNCTION evidence_deposit_stays() CASCADE;
DROP FUNCTION evidence_stays() CASCADE;
"""


class Migration(migrations.Migration):
    dependencies = [("evidence", "0001_tables")]

    operations = [migrations.RunSQL(GUARDS, DROP_GUARDS)]
