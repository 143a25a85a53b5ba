"""The matcher follows what is public: in with publication, out with suspension or withdrawal, and only public fields."""

import pytest

from marketplace.catalogue.models import Achievement, Team
from marketplace.catalogue.services import drafting, indexing
from marketplace.common import outbox
from marketplace.workflow.performing import perform
from matching.app import services as matcher
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
