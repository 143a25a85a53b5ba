"""Teams, experts and achievements: what the database refuses, and the way from draft to the public."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from marketplace.catalogue.models import Achievement, Expert, Team
from marketplace.catalogue.services import drafting
from marketplace.common.actor import Actor
from marketplace.common.errors import Conflict, Forbidden, Invalid, NotFound, NotVerified, WrongState
from marketplace.common.models import OutboxEvent
from marketplace.workflow.actions import available_actions
from marketplace.workflow.performing import perform
from tests.factories import accounts, catalogue

pytestmark = pytest.mark.django_db


def refused(constraint: str):
    return pytest.raises(IntegrityError, match=constraint)


def test_a_team_is_published_by_its_own_verified_organisation() -> None:
    team = catalogue.team()
    assert (team.state, team.is_public) == ("published", True)
    assert team.due_at - team.updated_at == timedelta(days=730)
    assert OutboxEvent.objects.get(object_id=team.pk).topic == "team.published"


def test_an_unverified_organisation_drafts_a_team_but_does_not_publish_it() -> None:
    home = accounts.organisation("university", verified=False)
    team = catalogue.team(home, published=False)
    with pytest.raises(NotVerified):
        perform("publish", team, accounts.actor_for(home))


def test_another_organisation_does_not_learn_of_a_draft_and_may_not_touch_what_is_public() -> None:
    stranger = accounts.actor_for(accounts.organisation())
    with pytest.raises(NotFound):
        perform("publish", catalogue.team(published=False), stranger)
    with pytest.raises(Forbidden):
        perform("withdraw", catalogue.team(), stranger)


def test_an_achievement_is_verified_before_it_is_published() -> None:
    home = accounts.organisation("university")
    draft = catalogue.achievement(home, published=False)
    assert draft.declared is True
    with pytest.raises(WrongState):
        perform("publish", draft, accounts.actor_for(home))
    submitted = perform("submit", draft, accounts.actor_for(home))
    with pytest.raises(Forbidden):
        perform("verify", submitted, accounts.actor_for(home))
    published = perform("publish", perform("verify", submitted, accounts.staff_actor("reviewer")), accounts.actor_for(home))
    assert (published.state, published.declared) == ("published", False)
    assert published.expires_at == published.due_at == published.updated_at + timedelta(days=730)


def test_a_stored_draft_does_not_become_public_by_the_door_for_imports() -> None:
    draft = catalogue.achievement(published=False)
    owner = accounts.actor_for(draft.organisation)
    assert "import_batch" not in {offer.action for offer in available_actions(draft, owner)}
    with pytest.raises(Forbidden):
        perform("import_batch", draft, owner)


def test_an_achievement_without_readiness_is_not_submitted() -> None:
    draft = catalogue.achievement(published=False, readiness=None)
    with pytest.raises(Conflict) as refusal:
        perform("submit", draft, accounts.actor_for(draft.organisation))
    assert refusal.value.code == "not_complete"


def test_a_rejection_needs_a_reason_and_is_the_end() -> None:
    draft = catalogue.achievement(published=False)
    submitted = perform("submit", draft, accounts.actor_for(draft.organisation))
    reviewer = accounts.staff_actor("reviewer")
    with pytest.raises(Invalid):
        perform("reject", submitted, reviewer, reason="  ")
    rejected = perform("reject", submitted, reviewer, reason="权属不清")
    assert rejected.state == "rejected"
    with refused("final state"), transaction.atomic():
        Achievement.objects.filter(pk=rejected.pk).update(state="draft")


def test_an_overdue_achievement_expires_by_the_clock() -> None:
    published = catalogue.achievement()
    assert perform("expire", published, Actor.system()).state == "expired"


def test_an_expert_is_listed_after_a_reviewers_check() -> None:
    expert = catalogue.expert()
    assert (expert.state, expert.person.name) == ("published", "韩梅梅")
    with pytest.raises(drafting.ExpertListed):
        drafting.draft_expert(
            actor=accounts.actor_for(expert.organisation), person_id=expert.person_id, fields={"summary_zh": "再次登记。"}
        )


def test_only_a_member_is_put_on_the_register_of_experts() -> None:
    home = accounts.organisation("university")
    with pytest.raises(NotFound):
        drafting.draft_expert(actor=accounts.actor_for(home), person_id=accounts.person().pk, fields={"summary_zh": "外人。"})


def test_a_reference_is_used_once_per_organisation() -> None:
    first = catalogue.achievement(ref="X-1")
    with pytest.raises(drafting.RefTaken):
        catalogue.achievement(first.organisation, ref="X-1")
    assert catalogue.achievement(ref="X-1").organisation_id != first.organisation_id


def test_two_who_take_a_reference_at_the_same_moment_are_told_apart_by_the_constraint(monkeypatch: pytest.MonkeyPatch) -> None:
    first = catalogue.achievement(ref="X-1", published=False)
    second = catalogue.achievement(first.organisation, ref="X-2", published=False)
    monkeypatch.setattr(drafting, "_one_of_its_kind", lambda *_: None)  # both have asked before either wrote
    with pytest.raises(drafting.RefTaken):
        catalogue.achievement(first.organisation, ref="X-1", published=False)
    with pytest.raises(drafting.RefTaken):
        drafting.edit_achievement(actor=accounts.actor_for(first.organisation), achievement=second, fields={"ref": "X-1"})


def test_an_organisation_that_is_suspended_does_not_change_what_is_public() -> None:
    team = catalogue.team()
    perform("suspend", team.organisation, accounts.staff_actor("admin"), reason="核查")
    team.organisation.refresh_from_db()
    with pytest.raises(NotVerified):
        drafting.edit_team(actor=accounts.actor_for(team.organisation), team=team, fields={"summary_zh": "改动。"})


def test_the_database_refuses_what_must_not_be() -> None:
    row = catalogue.achievement(published=False)
    change = Achievement.objects.filter(pk=row.pk).update
    for constraint, wrong in {
        "achievement_has_a_title": {"title_zh": "", "title_en": ""},
        "achievement_has_a_ref": {"ref": ""},
        "achievement_region_is_a_code": {"region_code": "天津"},
        "achievement_industry_is_known": {"industry_code": "00"},
        "achievement_readiness_is_1_to_9": {"readiness": 10},
        "achievement_protection_is_known": {"ipr_status": "perhaps"},
        "achievement_state_is_known": {"state": "lost"},
        "achievement_published_expires": {"state": "published"},
        "achievement_team_is_of_its_organisation": {"team": catalogue.team()},
    }.items():
        with refused(constraint), transaction.atomic():
            change(**wrong)
            with connection.cursor() as cursor:
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    for model, constraint in ((Team, "team_industries_are_known"), (Expert, "expert_industries_are_known")):
        made = catalogue.team() if model is Team else catalogue.expert()
        with refused(constraint), transaction.atomic():
            model.objects.filter(pk=made.pk).update(industry_codes=["00"])


def test_an_edit_of_a_published_team_is_told_and_of_a_verified_achievement_refused() -> None:
    team = catalogue.team()
    owner = accounts.actor_for(team.organisation)
    changed = drafting.edit_team(actor=owner, team=team, fields={"summary_en": "Sodium cells."})
    assert changed.summary_en == "Sodium cells."
    assert OutboxEvent.objects.filter(object_id=team.pk).order_by("position").last().topic == "team.edited"
    published = catalogue.achievement(team.organisation)
    with pytest.raises(WrongState):
        drafting.edit_achievement(actor=owner, achievement=published, fields={"title_zh": "另一项"})


def test_what_is_typed_finds_chinese_pairs_single_characters_and_beginnings_of_words() -> None:
    home = accounts.organisation("university")
    row = catalogue.achievement(home, title_zh="层状氧化物钠离子正极", title_en="Layered Oxide Cathode", keywords_en=["sodium-ion battery"])
    catalogue.achievement(home, title_zh="膜法水处理", summary_zh="反渗透。")
    for text in ("钠离子", "钠", "ＬＡＹＥＲ", "正极 cathode", "sodium-ion", row.ref):
        assert list(Achievement.objects.filter(search__finds=text)) == [row], text
    for text in ("离钠", "水处理 cathode", "，。", ""):
        assert not Achievement.objects.filter(search__finds=text).exists(), text


def test_the_search_follows_an_edit() -> None:
    team = catalogue.team(name_zh="储能团队")
    drafting.edit_team(actor=accounts.actor_for(team.organisation), team=team, fields={"name_zh": "催化团队"})
    assert list(Team.objects.filter(search__finds="催化")) == [team]
    assert not Team.objects.filter(search__finds="储能").exists()
