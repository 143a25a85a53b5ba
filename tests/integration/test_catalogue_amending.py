"""The last day of a published achievement's protection: its owner changes it, on the ledger, and vouches for it alone from then on."""

from datetime import date
from typing import Any

import pytest
from django.utils.translation import override

from ledger.app import services as ledger
from marketplace.catalogue.models import Achievement
from marketplace.common import outbox
from marketplace.common.errors import Forbidden, Invalid, MissingScope, NotVerified, WrongState
from marketplace.common.models import OutboxEvent
from marketplace.demands.services import ranking
from marketplace.workflow.actions import available_actions
from marketplace.workflow.performing import perform
from tests.factories import accounts, catalogue, demands

DAY, PAST = date(2031, 2, 28), date(2020, 2, 29)
pytestmark = pytest.mark.django_db


def test_the_owner_changes_the_last_day_and_the_ledger_and_the_matches_follow(opener: Any) -> None:
    home = accounts.organisation("university")
    row = catalogue.achievement(home, title_zh="低温钠离子电池", ipr_status="granted")
    seeker = demands.demand(title_zh="低温钠离子电池", text_zh="低温钠离子电池。", ipr_wanted=["granted"])
    outbox.relay()
    found = [[match.id for match in ranking.supply_for_demand(seeker, corpus="achievement")]]
    for day in (PAST, DAY, None):
        changed = perform("amend", row, accounts.actor_for(home), protected_until=day)
        assert (changed.state, changed.protected_until, changed.declared) == ("published", day, True)
        assert (changed.expires_at, changed.due_at) == (row.expires_at, row.due_at)
        found.append([match.id for match in ranking.supply_for_demand(seeker, corpus="achievement")])
    assert found == [[row.pk], [], [row.pk], [row.pk]]
    entries = [entry for entry in ledger.entries_of("achievement", row.pk) if entry.type == "achievement.amended"]
    said = {"action": "amend", "from": "published", "to": "published", "declared": True}
    assert [(entry.public, entry.body) for entry in entries] == [
        (True, {**said, "protected_until": day}) for day in ("2020-02-29", "2031-02-28", None)
    ]
    assert OutboxEvent.objects.filter(topic="achievement.amended", object_id=row.pk).count() == 3


@pytest.mark.parametrize(
    ("ipr_status", "day", "why"),
    [
        ("granted", DAY, "That is what it says already."),
        ("secret", None, "Only a granted patent or a software copyright is protected until a day."),
        ("applied", PAST, "Only a granted patent or a software copyright is protected until a day."),
    ],
)
def test_a_day_that_says_nothing_new_or_that_nothing_ends_on_is_refused(ipr_status: str, day: date | None, why: str) -> None:
    home = accounts.organisation("university")
    row = catalogue.achievement(home, ipr_status=ipr_status, protected_until=DAY if ipr_status == "granted" else None)
    with pytest.raises(Invalid) as refusal:
        perform("amend", row, accounts.actor_for(home), protected_until=day)
    with override("en"):
        assert {name: [str(text) for text in told] for name, told in refusal.value.fields.items()} == {"protected_until": [why]}
    assert ledger.entries_of("achievement", row.pk)[-1].type == "achievement.published"


def test_only_its_verified_owner_changes_it_and_only_while_it_is_published() -> None:
    home = accounts.organisation("university")
    row = catalogue.achievement(home, ipr_status="granted")
    owner, reviewer = accounts.actor_for(home), accounts.staff_actor("reviewer")
    for actor in (accounts.actor_for(accounts.organisation("university")), reviewer):
        with pytest.raises(Forbidden):
            perform("amend", row, actor, protected_until=DAY)
    with pytest.raises(MissingScope):
        perform("amend", row, accounts.actor_for(home, scopes=("read",)), protected_until=DAY)
    suspended = perform("suspend", row, reviewer, reason="权属争议")
    with pytest.raises(WrongState):
        perform("amend", suspended, owner, protected_until=DAY)
    draft = catalogue.achievement(home, ipr_status="granted", published=False)
    with pytest.raises(WrongState):
        perform("amend", draft, owner, protected_until=DAY)
    resumed = perform("resume", suspended, reviewer)
    with pytest.raises(NotVerified):
        perform(
            "amend",
            resumed,
            accounts.actor_for(perform("suspend", home, accounts.staff_actor("admin"), reason="信息不实")),
            protected_until=DAY,
        )
    assert Achievement.objects.get(pk=row.pk).protected_until is None
    offers = {one.action: one.allowed for one in available_actions(resumed, owner)}
    assert offers == {"renew": True, "amend": True, "withdraw": True}
