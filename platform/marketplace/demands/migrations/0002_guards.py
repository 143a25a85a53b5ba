from django.db import migrations

from marketplace.workflow.guards import final_states_stay


class Migration(migrations.Migration):
    dependencies = [("demands", "0001_initial")]
    operations = [
        final_states_stay("demands_demand", ["completed", "expired", "rejected", "terminated", "withdrawn"]),
        final_states_stay("demands_bid", ["accepted", "disqualified", "lapsed", "not_selected", "withdrawn"]),
    ]
