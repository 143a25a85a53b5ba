"""Writing a demand, what it must hold before review, and what of it the world sees."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from ledger.app import services as ledger
from ledger.app.models import Inbox
from marketplace.common import clock, hashing, outbox
from marketplace.common.actor import ALL_SCOPES, Actor
from marketplace.common.errors import Conflict, Forbidden, Invalid, MissingScope, NotFound, NotVerified, WrongState
from marketplace.demands import errors, permissions, selectors
from marketplace.demands.models import Demand
from marketplace.demands.services import asking, drafting
from marketplace.workflow import sweeping
from marketplace.workflow.models import Change
from marketplace.workflow.performing import perform
from matching.app import services as matcher
from tests.factories import accounts, demands, funding

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("opener")]

SECRETS = {
    "details_zh": "金丝雀配方",
    "details_en": "canary-recipe",
    "contact_name": "canary-contact",
    "contact_phone": "canary-138",
    "contact_email": "canary@example.org",
}


def create(actor: Actor, **changes: Any) -> Demand:
    return drafting.demand_create(actor=actor, region_code=demands.REGION, fields=demands.terms(**changes))


def company() -> Actor:
    return accounts.actor_for(accounts.organisation("company"))


def test_a_draft_waits_without_a_clock_and_is_nobody_else_s_to_see() -> None:
    actor = company()
    draft = create(actor)
    assert (draft.state, draft.due_at, draft.is_public) == ("draft", None, False)
    assert list(selectors.demands_for(actor)) == [draft]
    assert list(selectors.demands_for(company())) == list(selectors.demands_for(Actor.anonymous())) == []
    with pytest.raises(NotFound):
        selectors.demand_for(Actor.anonymous(), draft.pk)


@pytest.mark.parametrize("kind", ["university", "funder"])
def test_only_companies_post_demands(kind: str) -> None:
    with pytest.raises(Forbidden):
        create(accounts.actor_for(accounts.organisation(kind)))


def test_posting_needs_a_verified_company_a_writing_member_and_a_key_that_may_write() -> None:
    actor = company()
    for weaker, refusal in (
        (replace(actor, verified=False), NotVerified),
        (replace(actor, roles=frozenset({"finance", "signatory"})), Forbidden),
        (replace(actor, scopes=frozenset({"read"})), MissingScope),
    ):
        with pytest.raises(refusal):
            create(weaker)
        with pytest.raises(refusal):
            drafting.demand_edit(demand=create(actor), actor=weaker, fields={"title_zh": "改"})
    assert Demand.objects.count() == 3


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"industry_code": "98"}, "industry_code"),
        ({"region_code": "310115"}, "region_code"),
        ({"budget_min_fen": None}, "budget_min_fen"),
        ({"budget_min_fen": 9, "budget_max_fen": 8}, "budget_max_fen"),
        ({"budget_min_fen": 0, "budget_max_fen": 8}, "budget_max_fen"),
        ({"title_zh": "", "title_en": ""}, "title_zh"),
    ],
)
def test_a_fault_in_a_draft_names_its_field(changes: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        create(company(), **changes)
    assert set(refused.value.fields) == {field}


def test_a_reference_is_used_once_within_a_company() -> None:
    actor = company()
    first = create(actor, ref="R-1")
    with pytest.raises(Conflict):
        create(actor, ref="R-1")
    assert drafting.demand_edit(demand=first, actor=actor, fields={"ref": "R-1", "title_zh": "改"}).title_zh == "改"
    assert create(company(), ref="R-1").ref == "R-1"
    assert create(actor).ref == create(actor).ref == ""


def test_a_claim_has_one_price() -> None:
    claim = create(company(), mode="claim", budget_min_fen=1, budget_max_fen=900)
    assert (claim.budget_min_fen, claim.budget_max_fen) == (900, 900)
    with pytest.raises(IntegrityError, match="demand_claim_has_one_price"), transaction.atomic():
        Demand.objects.filter(pk=claim.pk).update(budget_min_fen=1)


def test_a_stranger_does_not_edit_and_nothing_is_edited_under_review() -> None:
    submitted = demands.demand(until="submitted")
    with pytest.raises(Forbidden):
        drafting.demand_edit(demand=submitted, actor=company(), fields={"title_zh": "改"})
    with pytest.raises(WrongState):
        drafting.demand_edit(demand=submitted, actor=demands.company_of(submitted), fields={"title_zh": "改"})
    sent_back = perform("request_changes", submitted, accounts.staff_actor("reviewer"), reason="请补充")
    assert drafting.demand_edit(demand=sent_back, actor=demands.company_of(submitted), fields={"title_zh": "改"}).title_zh == "改"
    assert perform("resubmit", sent_back, demands.company_of(submitted)).state == "submitted"


@pytest.mark.parametrize(
    ("blank", "field"),
    [
        ({"text_zh": ""}, "text_zh"),
        ({"acceptance_zh": ""}, "acceptance_zh"),
        ({"industry_code": ""}, "industry_code"),
        ({"readiness_wanted": None}, "readiness_wanted"),
        ({"budget_min_fen": None, "budget_max_fen": None}, "budget_max_fen"),
        ({"deadline": None}, "deadline"),
    ],
)
def test_an_incomplete_demand_is_neither_submitted_nor_amended_into_being(blank: dict[str, Any], field: str) -> None:
    draft = demands.demand(until="draft", **blank)
    with pytest.raises(errors.DemandIncomplete) as refused:
        perform("submit", draft, demands.company_of(draft))
    assert set(refused.value.fields) == {field}
    published = demands.demand()
    with pytest.raises(errors.DemandIncomplete):
        perform("amend", published, demands.company_of(published), fields=blank)


def test_a_deadline_must_lie_ahead_at_submission_and_at_publication() -> None:
    draft = demands.demand(until="draft", deadline=clock.now() - timedelta(seconds=1))
    with pytest.raises(errors.DeadlineTooSoon):
        perform("submit", draft, demands.company_of(draft))
    approved = demands.demand(until="approved")
    Demand.objects.filter(pk=approved.pk).update(deadline=clock.now())
    with pytest.raises(errors.DeadlineTooSoon):
        perform("publish", approved, demands.company_of(approved))


def test_a_reviewer_gives_reasons_and_the_company_reads_them() -> None:
    reviewer = accounts.staff_actor("reviewer")
    for action, state in (("reject", "rejected"), ("request_changes", "changes_requested")):
        submitted = demands.demand(until="submitted")
        with pytest.raises(Invalid):
            perform(action, submitted, reviewer, reason="  ")
        decided = perform(action, submitted, reviewer, reason=" 指标不明 ")
        assert (decided.state, decided.review_note) == (state, "指标不明")


def test_what_is_published_is_hashed_and_each_version_stays_provable() -> None:
    published = demands.demand()
    first = hashing.sha256_of(published.terms())
    amended = perform("amend", published, demands.company_of(published), fields={"title_zh": "低温钠离子电池（修订）"})
    entries = [entry for entry in ledger.entries_of("demand", published.pk) if entry.public]
    assert [(entry.type, entry.body["version"]) for entry in entries] == [("demand.published", 1), ("demand.amended", 2)]
    assert [entry.body["terms_sha256"] for entry in entries] == [first, hashing.sha256_of(amended.terms())]


def test_an_amendment_changes_something_but_never_the_mode_nor_anything_after_the_deadline() -> None:
    published = demands.demand()
    actor = demands.company_of(published)
    with pytest.raises(Invalid):
        perform("amend", published, actor, fields={})
    with pytest.raises(errors.WrongMode):
        perform("amend", published, actor, fields={"mode": "claim"})
    with pytest.raises(errors.DeadlineTooSoon):
        perform("amend", published, actor, fields={"deadline": clock.now()})
    with pytest.raises(errors.DeadlinePassed):
        perform("amend", demands.late(published), actor, fields={"title_zh": "晚了"})


def rows_with(text: str) -> set[str]:
    """Every table with the text in any of its columns, bytes included."""
    found = set()
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            name = connection.ops.quote_name(table)
            cursor.execute(
                f"SELECT count(*) FROM {name} t WHERE t::text LIKE %s OR t::text LIKE %s",
                [f"%{text}%", f"%{text.encode().hex()}%"],
            )
            if cursor.fetchone()[0]:
                found.add(table)
    return found


def test_what_is_confidential_stands_in_one_table_and_goes_nowhere_else() -> None:
    published = demands.demand(**SECRETS)
    outbox.relay()
    for secret in SECRETS.values():
        assert rows_with(secret) == {"demands_demandconfidential"}
    (found,) = matcher.rank(corpus="demand", query=matcher.QueryInput(title="低温钠离子电池 canary-recipe"))
    assert found.id == published.pk
    assert not selectors.filtered(Demand.objects.all(), q="金丝雀配方").exists()
    change = Change.objects.get(object_id=published.pk, action="publish")
    assert b"canary" not in bytes(Inbox.objects.get(id=change.pk).fields)


def test_only_the_poster_the_reviewers_of_the_region_and_the_awarded_team_read_it() -> None:
    claimed = funding.awarded_demand()
    winner = accounts.actor_for(claimed.awarded_bid.organisation)
    readers = [demands.company_of(claimed), winner, accounts.staff_actor("reviewer", region="11"), accounts.staff_actor("admin")]
    others = [
        company(),
        accounts.actor_for(accounts.organisation("university")),
        accounts.staff_actor("reviewer", region="13"),
        accounts.staff_actor("finance"),
        accounts.staff_actor("auditor"),
        Actor.anonymous(),
    ]
    assert [permissions.may_read_confidential(actor, claimed) for actor in readers + others] == [True] * 4 + [False] * 6


def test_a_demand_that_nobody_published_in_time_is_brought_up_and_one_sent_back_lapses() -> None:
    approved = demands.overdue(demands.demand(until="approved"))
    sweeping.sweep()
    approved.refresh_from_db()
    assert (approved.state, approved.escalations) == ("approved", 1)


def test_questions_are_asked_without_a_name_and_answered_once_by_the_poster() -> None:
    published = demands.demand()
    asker = accounts.actor_for(accounts.organisation("university"))
    question = asking.question_ask(demand=published, actor=asker, text=" 可以现场踏勘吗？ ")
    with pytest.raises(NotFound):
        asking.question_answer(question=question, actor=asker, answer="可以")
    with pytest.raises(MissingScope):
        asking.question_answer(question=question, actor=replace(demands.company_of(published), scopes=frozenset({"read"})), answer="可以")
    answered = asking.question_answer(question=question, actor=demands.company_of(published), answer="可以")
    assert (answered.text, answered.answer) == ("可以现场踏勘吗？", "可以")
    with pytest.raises(Conflict):
        asking.question_answer(question=question, actor=demands.company_of(published), answer="不行")


def test_a_question_needs_words_an_open_demand_and_someone_who_may_write() -> None:
    published, draft = demands.demand(), demands.demand(until="draft")
    asker = accounts.actor_for(accounts.organisation("university"))
    for target, actor, text, refusal in (
        (published, asker, "  ", Invalid),
        (published, replace(asker, verified=False), "问", NotVerified),
        (published, replace(asker, scopes=ALL_SCOPES - {"write"}), "问", MissingScope),
        (published, accounts.staff_actor("reviewer"), "问", Forbidden),
        (draft, demands.company_of(draft), "问", Conflict),
    ):
        with pytest.raises(refusal):
            asking.question_ask(demand=target, actor=actor, text=text)
