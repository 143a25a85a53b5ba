"""The title of a deposit in somebody's own name goes with the person; every other one stays as it was written."""

from typing import Any

from django.conf import settings
from django.db import migrations

STAYS = """
CREATE OR REPLACE FUNCTION evidence_deposit_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.id, NEW.organisation_id, NEW.person_id, NEW.sha256, NEW.size, NEW.made_at)
       IS DISTINCT FROM (OLD.id, OLD.organisation_id, OLD.person_id, OLD.sha256, OLD.size, OLD.made_at) THEN
        RAISE EXCEPTION 'a deposit keeps its depositor, hash, size and time' USING ERRCODE = 'restrict_violation';
    END IF;
    {title}RETURN NEW;
END $$;
"""
TITLE = """IF NEW.title IS DISTINCT FROM OLD.title AND NOT (NEW.title = '' AND OLD.organisation_id IS NULL) THEN
        RAISE EXCEPTION 'the title of a deposit is emptied with its person, and never changed' USING ERRCODE = 'restrict_violation';
    END IF;
    """
# A role that does not exist (one role for all, as in a sandbox) is passed over.
RIGHT = """
DO $$
BEGIN
    IF EXISTS (SELECT 1 FROM pg_roles WHERE rolname = '{role}') THEN
        {right} "{role}";
    END IF;
END $$
"""


def let_titles_go(apps: Any, schema_editor: Any) -> None:
    schema_editor.execute(STAYS.format(title=TITLE), params=None)
    schema_editor.execute(RIGHT.format(role=settings.APP_ROLE, right="GRANT UPDATE (title) ON evidence_deposit TO"), params=None)


def keep_titles(apps: Any, schema_editor: Any) -> None:
    schema_editor.execute(STAYS.format(title=""), params=None)
    schema_editor.execute(RIGHT.format(role=settings.APP_ROLE, right="REVOKE UPDATE (title) ON evidence_deposit FROM"), params=None)


class Migration(migrations.Migration):
    dependencies = [("evidence", "0005_in_own_name")]
    operations = [migrations.RunPython(let_titles_go, keep_titles)]
