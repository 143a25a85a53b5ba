"""What the database itself refuses: a second life for a rejected organisation, an office beside a membership."""

from django.db import migrations

from marketplace.workflow.guards import final_states_stay

# Both triggers lock the person first, so that two transactions cannot each miss the other's row.
EXCLUSIVE = """
CREATE FUNCTION accounts_membership_excludes_office() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM 1 FROM accounts_person WHERE id = NEW.person_id FOR NO KEY UPDATE;
  IF EXISTS (SELECT 1 FROM accounts_staffappointment WHERE person_id = NEW.person_id AND ended_at IS NULL) THEN
    RAISE EXCEPTION 'membership_excludes_office: the platform''s staff belong to no organisation'
      USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER excludes_office BEFORE INSERT OR UPDATE OF person_id ON accounts_membership
FOR EACH ROW EXECUTE FUNCTION accounts_membership_excludes_office();

CREATE FUNCTION accounts_office_excludes_membership() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.ended_at IS NOT NULL THEN
    RETURN NEW;
  END IF;
  PERFORM 1 FROM accounts_person WHERE id = NEW.person_id FOR NO KEY UPDATE;
  IF EXISTS (SELECT 1 FROM accounts_membership WHERE person_id = NEW.person_id) THEN
    RAISE EXCEPTION 'office_excludes_membership: a member of an organisation holds no office'
      USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER excludes_membership BEFORE INSERT OR UPDATE ON accounts_staffappointment
FOR EACH ROW EXECUTE FUNCTION accounts_office_excludes_membership();
"""

BACK = """
DROP TRIGGER excludes_membership ON accounts_staffappointment;
DROP FUNCTION accounts_office_excludes_membership();
DROP TRIGGER excludes_office ON accounts_membership;
DROP FUNCTION accounts_membership_excludes_office();
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial")]

    operations = [
        final_states_stay("accounts_organisation", ["rejected"]),
        migrations.RunSQL(EXCLUSIVE, BACK),
    ]
