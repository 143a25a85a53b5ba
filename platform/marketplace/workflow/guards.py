"""Database guards for tables with states, as migration operations."""

from collections.abc import Iterable

from django.db.migrations.operations import RunSQL

_FUNCTION = """
CREATE OR REPLACE FUNCTION workflow_final_state() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.state = ANY (TG_ARGV) AND NEW.state IS DISTINCT FROM OLD.state THEN
    RAISE EXCEPTION 'a % in the final state % does not move again', TG_TABLE_NAME, OLD.state
      USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END $$
"""


def final_states_stay(table: str, states: Iterable[str]) -> RunSQL:
    """Refuse, in the database itself, any change of state out of a final state."""
    names = ", ".join(f"'{state}'" for state in sorted(states))
    return RunSQL(
        f"""{_FUNCTION};
        CREATE TRIGGER final_state BEFORE UPDATE OF state ON {table}
        FOR EACH ROW EXECUTE FUNCTION workflow_final_state({names});""",
        f"DROP TRIGGER final_state ON {table}",
    )
