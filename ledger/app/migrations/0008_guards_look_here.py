"""Guards see the log's own tables, whatever tables a session makes for itself; and only the owner makes such tables at all."""

from django.db import migrations

# Temporary tables come before all others unless the path names their place: with one, a guard would be shown what it asks for.
PATHS = """
DO $$
DECLARE one regprocedure;
BEGIN
    FOR one IN SELECT oid FROM pg_proc WHERE pronamespace = current_schema()::regnamespace AND starts_with(proname, 'ledger_') LOOP
        EXECUTE format('ALTER FUNCTION %s SET search_path = %I, pg_temp', one, current_schema());
    END LOOP;
    EXECUTE format('REVOKE TEMPORARY ON DATABASE %I FROM PUBLIC', current_database());
END $$
"""
BACK = """
DO $$
DECLARE one regprocedure;
BEGIN
    FOR one IN SELECT oid FROM pg_proc WHERE pronamespace = current_schema()::regnamespace AND starts_with(proname, 'ledger_') LOOP
        EXECUTE format('ALTER FUNCTION %s RESET search_path', one);
    END LOOP;
    EXECUTE format('GRANT TEMPORARY ON DATABASE %I TO PUBLIC', current_database());
END $$
"""


class Migration(migrations.Migration):
    dependencies = [("ledger", "0007_published")]

    operations = [migrations.RunSQL(PATHS, BACK)]
