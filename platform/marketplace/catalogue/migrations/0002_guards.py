"""What the database itself refuses: a life after the end, and a team of another organisation."""

from django.db import migrations

from marketplace.workflow.guards import final_states_stay

SAME_HOUSE = """
ALTER TABLE catalogue_team ADD CONSTRAINT team_with_its_organisation UNIQUE (id, organisation_id);
ALTER TABLE catalogue_achievement ADD CONSTRAINT achievement_team_is_of_its_organisation
  FOREIGN KEY (team_id, organisation_id) REFERENCES catalogue_team (id, organisation_id);
"""

BACK = """
ALTER TABLE catalogue_achievement DROP CONSTRAINT achievement_team_is_of_its_organisation;
ALTER TABLE catalogue_team DROP CONSTRAINT team_with_its_organisation;
"""


class Migration(migrations.Migration):
    dependencies = [("catalogue", "0001_initial")]

    operations = [
        final_states_stay("catalogue_team", ["withdrawn"]),
        final_states_stay("catalogue_expert", ["rejected", "withdrawn"]),
        final_states_stay("catalogue_achievement", ["rejected", "withdrawn", "expired"]),
        migrations.RunSQL(SAME_HOUSE, BACK),
    ]
