"""What the database itself refuses: a life after the end."""

from django.db import migrations

from marketplace.funding.workflow import CAMPAIGN, PAYOUT, PLEDGE
from marketplace.workflow.guards import final_states_stay


def final(machine):
    return [name for name, state in machine.states.items() if state.final]


class Migration(migrations.Migration):
    dependencies = [("funding", "0001_initial")]
    operations = [
        final_states_stay("funding_campaign", final(CAMPAIGN)),
        final_states_stay("funding_pledge", final(PLEDGE)),
        final_states_stay("funding_payout", final(PAYOUT)),
    ]
