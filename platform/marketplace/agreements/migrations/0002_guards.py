from django.db import migrations

from marketplace.workflow.guards import final_states_stay


class Migration(migrations.Migration):
    dependencies = [("agreements", "0001_initial")]
    operations = [
        final_states_stay("agreements_agreement", ["completed", "terminated", "void"]),
        final_states_stay("agreements_milestone", ["released", "cancelled"]),
        final_states_stay("agreements_revenuereport", ["distributed", "rejected"]),
    ]
