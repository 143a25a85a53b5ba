"""The one door: who is told what, in which order, and that a change is whole or not at all."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from django.utils.translation import override

from ledger.app import services as ledger
from ledger.app.models import Disclosure, Inbox
from marketplace.common import clock
from marketplace.common.actor import ALL_SCOPES, Actor
from marketplace.common.errors import Forbidden, MissingScope, NotFound, NotVerified, WrongState
from marketplace.common.models import OutboxEvent
from marketplace.demands.models import Demand
from marketplace.treasury.models import Transfer
from marketplace.treasury.services import accounts as books
from marketplace.treasury.services.transferring import transfer
from marketplace.workflow import registry, sweeping
from marketplace.workflow.actions import available_actions
from marketplace.workflow.models import Change
from marketplace.workflow.performing import lock_row, perform
from tests.factories import accounts, demands, treasury

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("opener")]


def actions_of(obj: Any, actor: Actor) -> dict[str, bool]:
    return {offer.action: offer.allowed for offer in available_actions(obj, actor)}


def test_whoever_may_not_know_of_an_object_learns_nothing_from_any_action() -> None:
    draft = demands.demand(until="draft")
    stranger = accounts.actor_for(accounts.organisation("company"))
    for action in ("submit", "publish", "dance"):
        with pytest.raises(NotFound):
            perform(action, draft, stranger)
    with pytest.raises(NotFound):
        perform("approve", demands.demand(until="submitted"), accounts.staff_actor("reviewer", region="130100"))


def test_the_wrong_role_is_told_so_before_anything_about_the_state() -> None:
    published = demands.demand()
    stranger = accounts.actor_for(accounts.organisation("company"))
    with pytest.raises(Forbidden):
        perform("submit", published, stranger)  # and the state would be wrong too
    with pytest.raises(Forbidden):
        perform("close", published, demands.company_of(published))
    with pytest.raises(Forbidden):
        perform("publish", published, accounts.staff_actor("finance"))


def test_the_right_role_in_the_wrong_state_is_told_the_state() -> None:
    published = demands.demand()
    with pytest.raises(WrongState) as refused, override("en"):
        perform("submit", published, demands.company_of(published))
    assert refused.value.extra == {"state": "open"}
    with override("en"):
        assert str(refused.value) == "“Submit for review” is not possible in the state “Open”."


def test_an_action_that_no_table_has_is_not_found_and_unasked_data_is_a_fault() -> None:
    draft = demands.demand(until="draft")
    with pytest.raises(NotFound):
        perform("dance", draft, demands.company_of(draft))
    with pytest.raises(TypeError):
        perform("submit", draft, demands.company_of(draft), note="nobody asked")


def test_a_key_acts_only_within_its_scopes() -> None:
    draft = demands.demand(until="draft")
    reader = replace(demands.company_of(draft), scopes=ALL_SCOPES - {"write"})
    with pytest.raises(MissingScope):
        perform("submit", draft, reader)
    assert actions_of(draft, reader)["submit"] is False


def test_an_unverified_organisation_looks_and_does_not_act() -> None:
    draft = demands.demand(until="draft")
    with pytest.raises(NotVerified):
        perform("submit", draft, replace(demands.company_of(draft), verified=False))


def test_an_office_acts_in_its_region_only() -> None:
    submitted = demands.demand(until="submitted")
    assert perform("approve", submitted, accounts.staff_actor("reviewer", region="11")).state == "approved"
    published = demands.demand(region_code="130100")
    with pytest.raises(Forbidden):
        perform("uphold_objection", published, accounts.staff_actor("reviewer", region="11"), reason="异议")


def test_a_change_leaves_its_trail_its_event_and_its_ledger_intent_under_one_id() -> None:
    submitted = demands.demand(until="submitted")
    reviewer = accounts.staff_actor("reviewer")
    perform("request_changes", submitted, reviewer, reason="请补充指标")
    change = Change.objects.get(object_id=submitted.pk, action="request_changes")
    assert (change.machine, change.source, change.target, change.reason) == ("demand", "submitted", "changes_requested", "请补充指标")
    assert (change.actor_label, change.person_id, change.organisation_id) == ("staff:reviewer", reviewer.person_id, None)
    event = OutboxEvent.objects.get(topic="demand.reviewed", object_id=submitted.pk)
    assert event.payload == {"action": "request_changes", "from": "submitted", "to": "changes_requested", "change": str(change.pk)}
    entry = ledger.entries_of("demand", submitted.pk)[-1]
    assert (entry.type, entry.public, entry.disclosures["reason"]) == ("demand.reviewed", False, "请补充指标")
    assert ledger.receipt(change.pk).type == "demand.reviewed"
    trail = Change.objects.filter(object_id=submitted.pk).order_by("id").values_list("action", "source", "target")
    assert list(trail) == [("create", "", "draft"), ("submit", "draft", "submitted"), ("request_changes", "submitted", "changes_requested")]


def _public_bytes(published: Demand, action: str) -> str:
    change = Change.objects.get(object_id=published.pk, action=action)
    return bytes(Inbox.objects.get(id=change.pk).fields).decode()


def test_what_is_not_public_is_sealed_in_the_ledger_and_what_is_public_names_its_move() -> None:
    published = demands.demand()
    submitted, opened = (_public_bytes(published, action) for action in ("submit", "publish"))
    assert "demand.submitted" not in submitted
    assert "sealed.v1" in submitted
    assert "demand.published" in opened
    assert published.title_zh not in opened
    person = Disclosure.objects.filter(intent_id=Change.objects.get(object_id=published.pk, action="publish").pk, label="person").get()
    assert bytes(person.value).decode() == f'"{demands.company_of(published).person_id}"'


def test_the_new_state_has_its_owner_and_its_time() -> None:
    before = clock.now()
    submitted = demands.demand(until="submitted")
    assert submitted.state_rule.owner == "reviewer"
    assert timedelta(days=7) <= submitted.due_at - before < timedelta(days=7, minutes=5)
    published = demands.demand()
    assert published.due_at == published.deadline


def test_a_move_that_stays_keeps_the_state_and_takes_the_object_s_new_deadline() -> None:
    published = demands.demand()
    later = published.deadline + timedelta(days=9)
    amended = perform("amend", published, demands.company_of(published), fields={"deadline": later})
    assert (amended.state, amended.due_at, amended.version) == ("open", later, 2)


class Stopped(Exception):
    """What a fault in the middle of an effect looks like."""


def test_nothing_is_half_done_when_an_effect_fails_after_money_has_moved(monkeypatch: pytest.MonkeyPatch) -> None:
    submitted = demands.demand(until="submitted")
    wallet = treasury.funded_wallet(500, submitted.organisation_id)

    def pay_then_stop(ctx: Any, *, note: str = "") -> None:
        transfer(group=ctx.group, source=wallet, target=books.fee(), fen=200, code="test.pay")
        ctx.money = True
        ctx.obj.review_note = "half done"
        raise Stopped

    monkeypatch.setitem(registry.named("demand").effects, "approve", pay_then_stop)
    counted = [model.objects.count() for model in (Change, OutboxEvent, Transfer, Inbox)]
    with pytest.raises(Stopped):
        perform("approve", submitted, accounts.staff_actor("reviewer"))
    assert [model.objects.count() for model in (Change, OutboxEvent, Transfer, Inbox)] == counted
    submitted.refresh_from_db()
    assert (submitted.state, submitted.review_note) == ("submitted", "")
    wallet.refresh_from_db()
    assert wallet.posted_in - wallet.posted_out == 500


def test_a_move_whose_table_says_nothing_of_money_moves_none(monkeypatch: pytest.MonkeyPatch) -> None:
    submitted = demands.demand(until="submitted")
    wallet = treasury.funded_wallet(500)

    def pay(ctx: Any, *, note: str = "") -> None:
        transfer(group=ctx.group, source=wallet, target=books.fee(), fen=500, code="test")
        ctx.money = True

    monkeypatch.setitem(registry.named("demand").effects, "approve", pay)
    with pytest.raises(TypeError, match=r"demand\.approve moved money"):
        perform("approve", submitted, accounts.staff_actor("reviewer"))
    wallet.refresh_from_db()
    assert wallet.posted_in - wallet.posted_out == 500


def test_a_handler_of_a_room_above_stands_or_falls_with_the_move(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(ctx: Any) -> None:
        raise Stopped

    monkeypatch.setattr(registry, "_handlers", {("demand", "approved"): [refuse]})
    submitted = demands.demand(until="submitted")
    with pytest.raises(Stopped):
        perform("approve", submitted, accounts.staff_actor("reviewer"))
    submitted.refresh_from_db()
    assert submitted.state == "submitted"
    assert ledger.entries_of("demand", submitted.pk)[-1].type == "demand.submitted"


@pytest.mark.parametrize("state", ["open", "draft", "expired"])
def test_the_database_itself_keeps_a_final_state(state: str) -> None:
    published = demands.demand()
    withdrawn = perform("withdraw", published, demands.company_of(published), reason="不再需要")
    with pytest.raises(IntegrityError, match="final state"), transaction.atomic():
        Demand.objects.filter(pk=withdrawn.pk).update(state=state)


def test_a_state_that_no_table_knows_is_refused_by_the_database() -> None:
    draft = demands.demand(until="draft")
    with pytest.raises(IntegrityError, match="demand_state_is_known"), transaction.atomic():
        Demand.objects.filter(pk=draft.pk).update(state="limbo")


def test_what_is_computed_is_computed_on_the_row_as_it_is_not_as_the_caller_saw_it() -> None:
    draft = demands.demand(until="draft")
    stale = Demand.objects.get(pk=draft.pk)
    perform("submit", draft, demands.company_of(draft))
    with pytest.raises(WrongState):
        perform("submit", stale, demands.company_of(draft))


def test_an_object_that_is_gone_is_not_found() -> None:
    draft = demands.demand(until="draft")
    Demand.objects.filter(pk=draft.pk).delete()
    with pytest.raises(NotFound):
        lock_row(draft)


def test_the_sweeper_moves_on_what_is_overdue_and_nothing_else() -> None:
    waiting, fresh = demands.demand(until="submitted"), demands.demand(until="submitted")
    for one in (waiting, fresh):
        perform("request_changes", one, accounts.staff_actor("reviewer"), reason="请补充")
    demands.overdue(waiting)
    assert sweeping.sweep() == 1
    assert sweeping.sweep() == 0
    for one in (waiting, fresh):
        one.refresh_from_db()
    assert (waiting.state, fresh.state) == ("withdrawn", "changes_requested")
    assert Change.objects.get(object_id=waiting.pk, action="lapse").actor_label == "system"


def test_the_sweeper_escalates_once_and_waits_before_it_asks_again() -> None:
    waiting = demands.overdue(demands.demand(until="submitted"))
    assert [sweeping.sweep(), sweeping.sweep()] == [1, 0]
    waiting.refresh_from_db()
    assert (waiting.state, waiting.escalations) == ("submitted", 1)
    (event,) = OutboxEvent.objects.filter(topic="demand.escalated")
    assert event.payload == {"state": "submitted", "owner": "reviewer", "escalations": 1}
    assert timedelta(days=6, hours=23) < waiting.due_at - clock.now() <= timedelta(days=7)
    demands.overdue(waiting)
    assert sweeping.sweep() == 1
    waiting.refresh_from_db()
    assert waiting.escalations == 2
    assert perform("approve", waiting, accounts.staff_actor("reviewer")).escalations == 0


def test_one_object_that_cannot_move_does_not_hold_up_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    broken, sound = demands.demand(until="submitted"), demands.demand(until="submitted")
    for one in (broken, sound):
        perform("request_changes", one, accounts.staff_actor("reviewer"), reason="请补充")
        demands.overdue(one)

    def stumble(ctx: Any) -> None:
        if ctx.obj.pk == broken.pk:
            raise DatabaseError("stumbled")

    monkeypatch.setitem(registry.named("demand").guards, "lapse", stumble)
    assert sweeping.sweep() == 1
    sound.refresh_from_db()
    broken.refresh_from_db()
    assert (sound.state, broken.state, broken.escalations) == ("withdrawn", "changes_requested", 0)


def test_the_actions_on_offer_are_those_of_the_state_and_the_role_with_what_stands_in_the_way() -> None:
    draft = demands.demand(until="draft", readiness_wanted=None)
    company = demands.company_of(draft)
    assert actions_of(draft, company) == {"submit": False}
    (submit,) = available_actions(draft, company)
    with override("en"):
        assert str(submit.label) == "Submit for review"
        assert "readiness" in str(submit.reason)
    published = demands.demand()
    assert actions_of(published, demands.company_of(published)) == {"amend": True, "withdraw": True}
    demands.bid(published)
    assert actions_of(published, demands.company_of(published)) == {"amend": True, "withdraw": False}
    assert actions_of(published, accounts.actor_for(accounts.organisation("company"))) == {}
    assert actions_of(published, Actor.anonymous()) == {}
    assert set(actions_of(published, Actor.system())) == {"close", "extend_once", "expire"}
