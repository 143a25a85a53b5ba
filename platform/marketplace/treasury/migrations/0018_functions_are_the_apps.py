"""The books' functions run with their owner's rights, so they are not everybody's: the lock is the app role's, the rest the triggers' alone."""

from typing import Any

from django.conf import settings
from django.db import migrations

# A trigger runs its function whoever writes the row; only to hang one on a table needs the right that is taken away here.
# A role that does not exist (one role for all, as in a sandbox) is passed over.
RIGHTS = """
DO $$
DECLARE one regprocedure;
BEGIN
    FOR one IN SELECT oid FROM pg_proc WHERE pronamespace = current_schema()::regnamespace AND starts_with(proname, 'treasury_') LOOP
        EXECUTE format('{everybody}', one);
    END LOOP;
    IF EXISTS (SELECT 1 FROM pg_roles WHERE rolname = '{role}') THEN
        {lock} "{role}";
    END IF;
END $$
"""


def keep_to_the_app(apps: Any, schema_editor: Any) -> None:
    everybody, lock = "REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC", "GRANT EXECUTE ON FUNCTION treasury_lock(uuid[]) TO"
    schema_editor.execute(RIGHTS.format(everybody=everybody, lock=lock, role=settings.APP_ROLE), params=None)


def leave_to_everybody(apps: Any, schema_editor: Any) -> None:
    everybody, lock = "GRANT EXECUTE ON FUNCTION %s TO PUBLIC", "REVOKE EXECUTE ON FUNCTION treasury_lock(uuid[]) FROM"
    schema_editor.execute(RIGHTS.format(everybody=everybody, lock=lock, role=settings.APP_ROLE), params=None)


class Migration(migrations.Migration):
    dependencies = [("treasury", "0017_returns_taken_back")]

    operations = [migrations.RunPython(keep_to_the_app, leave_to_everybody)]
