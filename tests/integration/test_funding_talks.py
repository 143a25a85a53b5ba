"""A campaign's updates and questions: who says and sees what, who is told, and that nothing said is changed."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from ledger.app.models import Disclosure
from marketplace.common import hashing
from marketplace.common.errors import Forbidden, Invalid, MissingScope, NotFound, NotVerified
from marketplace.common.idempotency import KeyReused
from marketplace.common.ids import uuid7
from marketplace.common.models import OutboxEvent
from marketplace.funding import errors
from marketplace.funding.models import LONGEST_ANSWER, LONGEST_QUESTION, LONGEST_UPDATE, Campaign, CampaignQuestion, CampaignUpdate
from marketplace.funding.promises import PromisesReturn
from marketplace.funding.services import asking, posting
from marketplace.notices.models import Notice
from marketplace.notices.services.telling import tell
from marketplace.workflow.performing import perform
from tests.factories import accounts, funding, pools, roles

pytestmark = pytest.mark.django_db


def company_of(campaign: Campaign, **how: Any) -> Any:
    return accounts.actor_for(campaign.organisation, **how)


def posted(campaign: Campaign, text: str = "首批样件已完成。", **fields: Any) -> CampaignUpdate:
    return posting.update_post(campaign=campaign, actor=company_of(campaign), text_zh=text, **fields)


def asked(campaign: Campaign, who: Any, text: str = "报告何时可以查看？", **fields: Any) -> CampaignQuestion:
    return asking.question_ask(campaign=campaign, actor=accounts.actor_for(who), text=text, **fields)


def told(topic: str) -> list[Any]:
    """Whom the newest event of this topic is told, once however often it is delivered."""
    event = OutboxEvent.objects.filter(topic=topic).latest("id")
    for _ in range(2):
        tell(event)
    return sorted(Notice.objects.filter(event_id=event.id).values_list("organisation_id", flat=True))


def refused(what: Callable[[], Any]) -> bool:
    try:
        with transaction.atomic():
            what()
    except IntegrityError:
        return True
    return False


def test_the_company_posts_from_the_opening_on_and_after_the_end_too() -> None:
    campaign = funding.campaign(until="approved")
    with pytest.raises(errors.NotOpenedYet):
        posted(campaign)
    campaign = perform("open", campaign, company_of(campaign))
    assert posted(campaign).text_zh == "首批样件已完成。"
    perform("cancel", campaign, company_of(campaign), reason="改为自筹")
    perform("release_all", campaign, funding.SYSTEM)
    campaign.refresh_from_db()
    assert campaign.state == "cancelled_closed"
    posted(campaign, "项目改由自筹资金继续。")
    assert campaign.updates.count() == 2


def test_nobody_but_the_companys_own_writers_posts() -> None:
    funder = funding.funder()
    campaign = funding.campaign([funder])
    for actor, refusal in (
        (accounts.actor_for(funder), Forbidden),
        (accounts.actor_for(campaign.demand.awarded_bid.organisation), Forbidden),
        (accounts.staff_actor("reviewer"), Forbidden),
        (accounts.actor_for(accounts.organisation("funder")), NotFound),
        (company_of(campaign, scopes=["read"]), MissingScope),
        (company_of(campaign, roles=["finance"]), Forbidden),
    ):
        with pytest.raises(refusal):
            posting.update_post(campaign=campaign, actor=actor, text_zh="动态")
    assert CampaignUpdate.objects.count() == 0


def test_an_update_says_something_promises_nothing_and_corrects_its_own_campaign() -> None:
    campaign = funding.campaign()
    wrong: tuple[tuple[dict[str, Any], Any], ...] = (
        ({}, Invalid),
        ({"text_zh": " \n"}, Invalid),
        ({"text_en": "x" * (LONGEST_UPDATE + 1)}, Invalid),
        ({"text_zh": "本项目稳赚不赔"}, PromisesReturn),
        ({"text_zh": "动态", "text_en": "Returns are guaranteed."}, PromisesReturn),
        ({"text_zh": "动态", "corrects": funding.some_id()}, Invalid),
    )
    for texts, refusal in wrong:
        with pytest.raises(refusal):
            posting.update_post(campaign=campaign, actor=company_of(campaign), **texts)
    assert CampaignUpdate.objects.count() == 0


def test_what_was_posted_is_never_changed_and_a_correction_names_it() -> None:
    campaign = funding.campaign()
    first = posted(campaign)
    second = posted(campaign, "更正：首批样件为 40 件。", corrects=first.pk)
    assert list(first.corrections.all()) == [second]
    row = CampaignUpdate.objects.filter(pk=first.pk)
    assert refused(lambda: row.update(text_zh="首批样件为 60 件。"))
    assert refused(lambda: row.update(posted_by=None))
    assert refused(row.delete)
    with pytest.raises(Invalid):
        posted(funding.campaign(), corrects=first.pk)


def test_the_same_form_sent_twice_is_one_update() -> None:
    campaign, key = funding.campaign(), uuid7()
    assert posted(campaign, id=key) == posted(campaign, id=key)
    assert CampaignUpdate.objects.count() == 1
    with pytest.raises(KeyReused):
        posted(campaign, "另一条动态", id=key)


def test_an_institution_has_one_question_open_at_a_time_and_a_form_sent_twice_is_one() -> None:
    funder, other, key = funding.funder(), funding.funder(), uuid7()
    campaign = funding.campaign([funder, other])
    assert asked(campaign, funder, id=key) == asked(campaign, funder, id=key)
    for who, text in ((funder, "另一个问题？"), (other, "报告何时可以查看？")):
        with pytest.raises(KeyReused):
            asked(campaign, who, text, id=key)
    with pytest.raises(errors.QuestionWaits):
        asked(campaign, funder, "另一个问题？")
    asked(campaign, other, "另一个问题？")
    row = CampaignQuestion(campaign=campaign, organisation=funder, text="绕过服务？", asked_at=campaign.opened_at)
    assert refused(row.save)
    asking.question_answer(question=CampaignQuestion.objects.get(pk=key), actor=company_of(campaign), answer="随第一个里程碑。")
    asked(campaign, funder, "另一个问题？")
    assert CampaignQuestion.objects.count() == 3


def test_who_asked_and_who_answered_is_kept_and_not_changed() -> None:
    funder = funding.funder()
    campaign = funding.campaign([funder])
    asker, company = accounts.actor_for(funder), company_of(campaign)
    question = asking.question_ask(campaign=campaign, actor=asker, text="报告何时可以查看？")
    assert refused(lambda: CampaignQuestion.objects.update(asked_by=None))
    asking.question_answer(question=question, actor=company, answer="随第一个里程碑。")
    assert CampaignQuestion.objects.values_list("asked_by", "answered_by").get() == (asker.person_id, company.person_id)


def test_the_ledger_commits_to_what_was_posted_and_answered() -> None:
    funder = funding.funder()
    campaign = funding.campaign([funder])
    posted(campaign, "首批样件已完成。")
    asking.question_answer(question=asked(campaign, funder), actor=company_of(campaign), answer="随第一个里程碑。")
    kept = dict(Disclosure.objects.filter(label__endswith="_sha256").values_list("label", "value"))
    assert bytes(kept["text_sha256"]).decode() == f'"{hashing.sha256_of({"text_zh": "首批样件已完成。", "text_en": ""})}"'
    assert bytes(kept["question_sha256"]).decode() == f'"{hashing.sha256_of_text("报告何时可以查看？")}"'
    assert bytes(kept["answer_sha256"]).decode() == f'"{hashing.sha256_of_text("随第一个里程碑。")}"'
    # Whoever asked stands nowhere in the campaign's entries.
    assert str(funder.pk) not in str([bytes(value) for value in Disclosure.objects.values_list("value", flat=True)])


def test_the_team_and_every_invited_funder_is_told_of_news_while_open_and_afterwards_whoever_has_pledged() -> None:
    pledger, watcher = funding.funder(300_000), funding.funder()
    campaign = funding.campaign([pledger, watcher])
    team = campaign.demand.awarded_bid.organisation
    posted(campaign)
    assert told("campaign.updated") == sorted([team.pk, pledger.pk, watcher.pk])
    funding.firm(campaign, pledger, 300_000)
    campaign = perform("deadline", funding.overdue(campaign), funding.SYSTEM)
    posted(campaign)
    assert told("campaign.updated") == sorted([team.pk, pledger.pk])
    notice = Notice.objects.latest("id")
    assert (notice.path, notice.text_zh) == (f"/campaigns/{campaign.pk}/updates/", "募资项目有新动态：低温电池中试")


def test_the_owner_of_a_pool_that_has_topped_up_is_told_of_news_and_of_a_later_deadline_too() -> None:
    pledger, owner, watcher = funding.funder(300_000), funding.funder(), funding.funder()
    pools.pool(owner)
    campaign = funding.campaign([pledger, owner, watcher])
    funding.firm(campaign, pledger, 300_000)
    until = campaign.deadline + timedelta(days=5)
    campaign = perform("ask_extension", campaign, company_of(campaign), until=until, reason="检测排期顺延")
    perform("extend_once", campaign, accounts.staff_actor("reviewer"), until=until)
    assert told("campaign.extended") == sorted([campaign.organisation_id, pledger.pk, owner.pk])
    campaign.refresh_from_db()
    campaign = perform("deadline", funding.overdue(campaign), funding.SYSTEM)
    posted(campaign)
    assert told("campaign.updated") == sorted([campaign.demand.awarded_bid.organisation_id, pledger.pk, owner.pk])


def test_an_invited_funder_asks_the_company_is_told_and_the_asker_learns_of_the_answer() -> None:
    funder = funding.funder()
    campaign = funding.campaign([funder])
    question = asked(campaign, funder)
    assert told("campaign.asked") == [campaign.organisation_id]
    answered = asking.question_answer(question=question, actor=company_of(campaign), answer=" 随第一个里程碑。 ")
    assert (answered.answer, answered.answered_at is not None) == ("随第一个里程碑。", True)
    assert told("campaign.answered") == [funder.pk]


def test_nobody_else_asks_and_nobody_after_the_end() -> None:
    funder = funding.funder()
    campaign = funding.campaign([funder])
    for actor, refusal in (
        (accounts.actor_for(accounts.organisation("funder")), NotFound),
        (company_of(campaign), errors.NotInvited),
        (accounts.actor_for(campaign.demand.awarded_bid.organisation), errors.NotInvited),
        (accounts.staff_actor("reviewer"), errors.NotInvited),
        (accounts.actor_for(funder, scopes=["read"]), MissingScope),
    ):
        with pytest.raises(refusal):
            asking.question_ask(campaign=campaign, actor=actor, text="何时？")
    type(funder).objects.filter(pk=funder.pk).update(state="suspended")
    funder.refresh_from_db()
    with pytest.raises(NotVerified):
        asked(campaign, funder)
    type(funder).objects.filter(pk=funder.pk).update(state="verified")
    funder.refresh_from_db()
    campaign = perform("cancel", campaign, company_of(campaign), reason="改为自筹")
    assert asked(campaign, funder).text == "报告何时可以查看？"
    campaign = perform("release_all", campaign, funding.SYSTEM)
    with pytest.raises(errors.QuestionsClosed):
        asked(campaign, funder)


def test_a_question_is_answered_once_by_the_company_with_words_that_promise_nothing() -> None:
    funder = funding.funder()
    campaign = funding.campaign([funder])
    question, company = asked(campaign, funder), company_of(campaign)
    for actor, answer, refusal in (
        (accounts.actor_for(funder), "x", Forbidden),
        (accounts.actor_for(accounts.organisation("company")), "x", NotFound),
        (company_of(campaign, scopes=["read"]), "x", MissingScope),
        (company, " ", Invalid),
        (company, "x" * (LONGEST_ANSWER + 1), Invalid),
        (company, "年化收益率 8%", PromisesReturn),
    ):
        with pytest.raises(refusal):
            asking.question_answer(question=question, actor=actor, answer=answer)
    asking.question_answer(question=question, actor=company, answer="随第一个里程碑。")
    with pytest.raises(errors.AnsweredAlready):
        asking.question_answer(question=question, actor=company, answer="另一个答复")
    with pytest.raises(Invalid):
        asked(campaign, funder, "长" * (LONGEST_QUESTION + 1))


def test_the_database_keeps_questions_and_answers_as_they_were() -> None:
    funder = funding.funder()
    campaign = funding.campaign([funder])
    question = asked(campaign, funder)
    row = CampaignQuestion.objects.filter(pk=question.pk)
    assert refused(lambda: row.update(text="另一个问题"))
    assert refused(lambda: row.update(organisation=campaign.organisation))
    assert refused(lambda: row.update(answer="没有时间"))
    assert refused(row.delete)
    asking.question_answer(question=question, actor=company_of(campaign), answer="随第一个里程碑。")
    assert refused(lambda: row.update(answer="改口"))


@pytest.mark.django_db(databases=["default", "owner"])
def test_what_was_said_cannot_be_emptied() -> None:
    for table in ("funding_campaignupdate", "funding_campaignquestion"):
        assert roles.guarded(table) == {table: {8, 16, 32}}
