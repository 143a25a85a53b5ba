"""Guards see the books' own tables, whatever tables a session makes for itself."""

from django.db import migrations

# Temporary tables come before all others unless the path names their place: who showed a guard an account of its own could pay without money.
PATHS = """
DO $$
DECLARE one regprocedure;
BEGIN
    FOR one IN SELECT oid FROM pg_proc WHERE pronamespace = current_schema()::regnamespace AND starts_with(proname, 'treasury_') LOOP
        EXECUTE format('ALTER FUNCTION %s SET search_path = %I, pg_temp', one, current_schema());
    END LOOP;
END $$
"""


class Migration(migrations.Migration):
    dependencies = [("treasury", "0010_statement_imports")]

    operations = [migrations.RunSQL(PATHS, migrations.RunSQL.noop)]
