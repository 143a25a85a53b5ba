"""The matcher follows what is public: in with publication, out with suspension or withdrawal, and only public fields."""

import pytest

from marketplace.accounts.models import Membership
from marketplace.accounts.services import erasing
from marketplace.catalogue.models import Achievement, Expert, Team
from marketplace.catalogue.services import drafting, indexing
from marketplace.common import outbox
from marketplace.workflow.performing import perform
from matching.app import services as matcher
from matching.app.models import Document
from tests.factories import accounts, catalogue

pytestmark = pytest.mark.django_db


def found(corpus: str, words: str) -> list[object]:
    outbox.relay()
    return [match.id for match in matcher.rank(corpus=corpus, query=matcher.QueryInput(title=words))]


@pytest.mark.parametrize(("kind", "add"), [("achievement", catalogue.achievement), ("team", catalogue.team)])
def test_a_thing_is_found_as_long_as_it_is_public(kind: str, add) -> None:
    name = {"achievement": "title_zh", "team": "name_zh"}[kind]
    draft = add(published=False, **{name: "磷酸盐包覆草稿"})
    row: Achievement | Team = add(**{name: "磷酸盐包覆"})
    reviewer, owner = accounts.staff_actor("reviewer"), accounts.actor_for(row.organisation)
    assert found(kind, "磷酸盐") == [row.pk]
    assert draft.pk not in found(kind, "磷酸盐")
    row = perform("suspend", row, reviewer, reason="核查")
    assert found(kind, "磷酸盐") == []
    row = perform("resume", row, reviewer)
    assert found(kind, "磷酸盐") == [row.pk]
    perform("withdraw", row, owner)
    assert found(kind, "磷酸盐") == []


def test_an_edited_team_is_found_by_its_new_words() -> None:
    team = catalogue.team(name_zh="储能团队", capabilities_zh=[])
    assert found("team", "储能") == [team.pk]
    drafting.edit_team(actor=accounts.actor_for(team.organisation), team=team, fields={"name_zh": "催化团队"})
    assert found("team", "储能") == []
    assert found("team", "催化") == [team.pk]


def test_an_achievement_names_its_team_so_that_no_team_fills_the_page() -> None:
    team = catalogue.team()
    assert indexing.achievement_document(catalogue.achievement(team.organisation, team=team)).attributes["team"] == str(team.pk)
    assert indexing.achievement_document(catalogue.achievement()).attributes["team"] is None


def test_an_expert_is_found_by_what_they_know_and_never_by_name_as_long_as_they_are_on_the_register() -> None:
    catalogue.expert(published=False, fields_zh=["磷酸盐包覆"])
    expert = catalogue.expert(fields_zh=["磷酸盐包覆"], fields_en=["cathode coating"], summary_zh="从事储能材料研究。")
    assert found("expert", "磷酸盐") == found("expert", "coating") == [expert.pk]
    assert found("expert", expert.person.name) == []
    perform("withdraw", expert, accounts.actor_for(expert.organisation))
    assert found("expert", "磷酸盐") == []


def test_an_erased_person_is_off_every_register_and_out_of_the_index_with_the_erasing_itself() -> None:
    home = accounts.organisation("university")
    expert, other = catalogue.expert(home, summary_zh="韩梅梅从事磷酸盐研究。"), catalogue.expert(home, summary_zh="磷酸盐。")
    second = accounts.organisation("university")
    Membership.objects.create(person=expert.person, organisation=second, roles=["member"])
    draft = drafting.draft_expert(actor=accounts.actor_for(second), person_id=expert.person_id, fields={"summary_zh": "韩梅梅。"})
    assert set(found("expert", "磷酸盐")) == {expert.pk, other.pk}
    erasing.erase(person=expert.person)
    assert not Document.objects.get(object_id=expert.pk).public
    assert [match.id for match in matcher.rank(corpus="expert", query=matcher.QueryInput(title="磷酸盐"))] == [other.pk]
    gone = Expert.objects.filter(pk__in=[expert.pk, draft.pk])
    assert {(row.state, row.summary_zh, tuple(row.fields_zh)) for row in gone} == {("withdrawn", "已随本人注销删除。", ())}
    assert not gone.filter(search__finds="韩梅梅").exists()
    assert found("expert", "磷酸盐") == [other.pk]
