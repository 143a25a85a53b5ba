"""Where an object stands is where its trail has led: a state that was changed by hand is found."""

import pytest
from django.db import connections

from marketplace.catalogue.models import Team
from marketplace.treasury.services.checking import check
from marketplace.workflow.models import Change
from marketplace.workflow.performing import perform
from tests.factories import accounts, catalogue, funding


@pytest.mark.breaks_books("a state was changed by hand")
@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_a_state_changed_by_hand_round_the_trigger_is_found() -> None:
    payout, other = funding.scheduled_payouts(10_000, 20_000)
    perform("reject", payout, accounts.staff_actor("finance"), reason="有误")
    assert check() == []
    with connections["owner"].cursor() as cursor:
        cursor.execute("ALTER TABLE funding_payout DISABLE TRIGGER final_state")
        cursor.execute("UPDATE funding_payout SET state = 'scheduled' WHERE id = %s", [payout.pk])
        cursor.execute("ALTER TABLE funding_payout ENABLE TRIGGER final_state")
        cursor.execute("UPDATE funding_payout SET state = 'requested' WHERE id = %s", [other.pk])
    assert {(finding.rule.code, finding.what, finding.detail) for finding in check()} == {
        ("B7", f"payout {payout.pk}", "is scheduled, its trail leads to rejected"),
        ("B7", f"payout {other.pk}", "is requested, its trail leads to scheduled"),
    }


@pytest.mark.django_db
def test_what_an_import_brought_may_walk_back_to_where_it_began_and_nowhere_else() -> None:
    team = catalogue.team()
    Change.objects.filter(object_id=team.pk).delete()  # an import leaves no trail of its rows
    perform("renew", team, accounts.actor_for(team.organisation))
    assert check() == []
    Team.objects.filter(pk=team.pk).update(state="draft")
    assert [(finding.rule.code, finding.what) for finding in check()] == [("B7", f"team {team.pk}")]
