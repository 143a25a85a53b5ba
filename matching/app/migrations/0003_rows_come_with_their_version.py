"""What a version says is written in the transaction that makes it, and nothing is added to it afterwards."""

from django.db import migrations

BEGUN = """
ALTER TABLE matching_lexiconversion ADD COLUMN made_in xid8;
CREATE FUNCTION matching_version_begins() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.made_in := pg_current_xact_id();
    RETURN NEW;
END $$;
CREATE TRIGGER matching_lexiconversion_begins BEFORE INSERT ON matching_lexiconversion
    FOR EACH ROW EXECUTE FUNCTION matching_version_begins();
ALTER TABLE matching_lexiconversion ENABLE ALWAYS TRIGGER matching_lexiconversion_begins;
CREATE FUNCTION matching_row_comes_with_its_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM matching_lexiconversion WHERE number = NEW.version_id AND made_in = pg_current_xact_id()) THEN
        RAISE EXCEPTION 'a row for version % is refused: a version of the table of names stays as it was made', NEW.version_id
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER matching_lexiconrow_comes BEFORE INSERT ON matching_lexiconrow
    FOR EACH ROW EXECUTE FUNCTION matching_row_comes_with_its_version();
ALTER TABLE matching_lexiconrow ENABLE ALWAYS TRIGGER matching_lexiconrow_comes;
"""
UNDONE = """
DROP FUNCTION matching_row_comes_with_its_version() CASCADE;
DROP FUNCTION matching_version_begins() CASCADE;
ALTER TABLE matching_lexiconversion DROP COLUMN made_in;
"""


class Migration(migrations.Migration):
    dependencies = [("matching", "0002_lexicon")]

    operations = [migrations.RunSQL(BEGUN, UNDONE)]
