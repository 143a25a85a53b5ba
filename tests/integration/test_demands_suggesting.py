"""While a demand is written: what is nearly the same and may be seen, and what is there already."""

from dataclasses import replace

import pytest

from marketplace.accounts.models import Organisation
from marketplace.common import outbox
from marketplace.common.ids import uuid7
from marketplace.demands.services import judging, suggesting
from marketplace.demands.services.suggesting import Draft
from marketplace.workflow.performing import perform
from matching.app import services as matcher
from tests.factories import accounts, catalogue, demands

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("opener")]
TITLE, TEXT = (
    "高温强腐蚀工况碳化硅密封环的寿命提升",
    "磁力泵用于氯碱装置，介质为氢氧化钠溶液并含微量固体颗粒，密封环平均两千八百小时即出现端面点蚀。",
)
NEARLY = {"title_zh": "高温强腐蚀工况下碳化硅密封环寿命提升", "title_en": "", "text_zh": TEXT}
DRAFT = Draft(title_zh=TITLE, text_zh=TEXT)


@pytest.fixture
def writer() -> Organisation:
    return accounts.organisation("company")


def near(draft: Draft, writer: Organisation) -> list[object]:
    outbox.relay()
    return [one.demand.pk for one in suggesting.near_duplicates(draft, actor=accounts.actor_for(writer))]


def test_an_open_demand_that_says_nearly_the_same_comes_before_one_that_is_only_like_it(writer: Organisation) -> None:
    like = demands.demand(title_zh="碳化硅密封环的修复", title_en="", text_zh="端面点蚀后的修复。")
    same = demands.demand(**NEARLY)
    demands.demand(title_zh="钠离子电池", title_en="", text_zh="低温容量。")
    assert near(DRAFT, writer) == [same.pk, like.pk]
    first, second = suggesting.near_duplicates(DRAFT, actor=accounts.actor_for(writer))
    assert (first.is_same, second.is_same) == (True, False)
    assert 1 > first.likeness > second.likeness >= suggesting.NEAR


def test_however_many_demands_it_is_held_against_a_draft_is_read_once(writer: Organisation, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(3):
        demands.demand(**NEARLY)
    read: list[str] = []
    whole = suggesting._pairs
    monkeypatch.setattr(suggesting, "_pairs", lambda text: (read.append(text), whole(text))[1])
    assert len(near(DRAFT, writer)) == 3
    assert read.count(TITLE) == 1


def test_one_s_own_draft_is_found_and_itself_is_not(writer: Organisation) -> None:
    own = demands.demand(writer, until="draft", **NEARLY)
    assert near(DRAFT, writer) == [own.pk]
    assert near(suggesting.draft_of(own), writer) == []


def test_nobody_finds_another_s_draft_a_confidential_word_or_what_was_withdrawn(writer: Organisation) -> None:
    demands.demand(until="approved", **NEARLY)
    gone = demands.demand(**NEARLY)
    perform("withdraw", gone, demands.company_of(gone), reason="已解决")
    demands.demand(title_zh="低温材料", title_en="", text_zh="见附件。", details_zh=TITLE + TEXT)
    catalogue.achievement(published=False, title_zh=TITLE, summary_zh=TEXT)
    assert near(DRAFT, writer) == []
    assert list(suggesting.already_there(DRAFT, actor=accounts.actor_for(writer))) == []


def test_what_lapsed_or_nobody_may_see_any_more_takes_nobody_s_place(writer: Organisation) -> None:
    asked = {"title_zh": TITLE, "title_en": "", "text_zh": TEXT}
    lapsed, stays = demands.demand(**asked), demands.demand(**NEARLY)
    answer = catalogue.achievement(title_zh=NEARLY["title_zh"], summary_zh=TEXT)
    outbox.relay()
    demands.late(lapsed)
    # As the index stands in the second before it follows a withdrawal: more of them than are looked at.
    gone = [matcher.DocumentInput(id=uuid7(), title=TITLE, body=TEXT, public=True) for _ in range(suggesting.CANDIDATES)]
    for corpus in ("demand", "achievement"):
        matcher.index_documents(corpus=corpus, documents=gone)
    assert near(DRAFT, writer) == [stays.pk]
    assert [match.id for match in suggesting.already_there(DRAFT, actor=accounts.actor_for(writer))] == [answer.pk]


def test_of_a_stored_draft_budget_protection_and_what_was_declined_hold_and_of_another_s_nothing(writer: Organisation) -> None:
    draft = demands.demand(writer, until="draft", **NEARLY, budget_max_fen=1_000_000, ipr_wanted=["granted"])
    said = {"title_zh": "碳化硅密封环端面织构", "summary_zh": TEXT}
    fits, declined, dear, bare = (
        catalogue.achievement(**said, ipr_status=ipr, price_fen=price)
        for ipr, price in (("granted", None), ("granted", None), ("granted", 1_000_001), ("none", None))
    )
    outbox.relay()
    actor = accounts.actor_for(writer)
    judging.match_judge(demand=draft, supply=declined, actor=actor, useful=False, reason="known")
    written = suggesting.draft_of(draft)

    def found(what: Draft, who: Organisation) -> set[object]:
        return {match.id for match in suggesting.already_there(what, actor=accounts.actor_for(who))}

    everything = {fits.pk, declined.pk, dear.pk, bare.pk}
    assert (found(written, writer), suggesting.MOST) == ({fits.pk}, 3)
    assert found(replace(written, pk=None), writer) < everything
    # Whoever names the draft of another learns nothing of its terms.
    stranger = accounts.organisation("company")
    assert found(written, stranger) == found(replace(written, pk=None), stranger)


def test_achievements_that_answer_are_shown_and_others_are_not(writer: Organisation) -> None:
    answer = catalogue.achievement(title_zh="碳化硅密封环端面织构", summary_zh="磁力泵用于氯碱装置，介质为氢氧化钠溶液，密封环抗端面点蚀。")
    catalogue.achievement(title_zh="叶菜冷链", summary_zh="保鲜。")
    outbox.relay()
    assert [match.id for match in suggesting.already_there(DRAFT, actor=accounts.actor_for(writer))] == [answer.pk]


@pytest.mark.parametrize("draft", [Draft(), Draft(title_zh="密封")])
def test_a_few_characters_ask_nothing_of_the_database(draft: Draft, writer: Organisation, django_assert_num_queries: object) -> None:
    actor = accounts.actor_for(writer)
    with django_assert_num_queries(0):  # type: ignore[operator]  # pytest-django's own fixture
        assert (suggesting.near_duplicates(draft, actor=actor), suggesting.already_there(draft, actor=actor)) == ([], [])
