from django.db import migrations

from marketplace.demands.workflow import BID, DEMAND
from marketplace.workflow.guards import final_states_stay


def final(machine):
    return [name for name, state in machine.states.items() if state.final]


class Migration(migrations.Migration):
    dependencies = [("demands", "0001_initial")]
    operations = [
        final_states_stay("demands_demand", final(DEMAND)),
        final_states_stay("demands_bid", final(BID)),
    ]
