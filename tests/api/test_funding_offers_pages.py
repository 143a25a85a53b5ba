"""A campaign's terms, use of funds, updates and questions, over the API and on the pages, in both languages."""

import json
import re
from typing import Any

import pytest
from django.test import Client

from marketplace.accounts.models import Organisation
from marketplace.common.ids import uuid7
from marketplace.funding.models import Campaign, CampaignQuestion, CampaignUpdate
from marketplace.workflow.performing import perform
from tests.factories import accounts, funding

pytestmark = pytest.mark.django_db

LOAN = {"instrument": "loan_intent", "interest_ceiling_bp": 450, "term_months": 36, "repayment": "bullet", "security": "none"}


def browser(who: Organisation) -> Client:
    client = Client()
    client.force_login(who.memberships.order_by("id")[0].person)
    return client


def page(who: Organisation, at: str) -> str:
    answer = browser(who).get(at)
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_api_keeps_terms_and_use_of_funds_of_a_draft_and_gives_them_back() -> None:
    campaign = funding.campaign(until="draft", terms=None, use_of_funds=[])
    client, at = accounts.api_client(campaign.organisation), f"/api/v1/campaigns/{campaign.pk}/"
    seen = client.get(at).data
    assert (seen["instrument"], seen["terms"], seen["terms_sha256"], seen["use_of_funds"]) == (None, None, "", [])
    line = {"category": "ip", "purpose_zh": "专利", "purpose_en": "", "fen": 600_000}
    seen = client.patch(at, {"terms": LOAN, "use_of_funds": [line]}).data
    assert seen["instrument"] == "loan_intent"
    assert seen["terms"] == {**LOAN, "version": "2026-1", "security_note_zh": "", "security_note_en": ""}
    assert [dict(row) for row in seen["use_of_funds"]] == [{"ordinal": 1, "category_label": "知识产权", **line}]
    assert client.post(f"{at}actions/submit/").data["terms_sha256"] == seen["terms_sha256"]
    assert len(client.get("/api/v1/campaigns/?instrument=loan_intent").data["results"]) == 1
    assert client.get("/api/v1/campaigns/?instrument=grant").data["results"] == []


def test_the_api_says_which_of_the_terms_is_wrong_and_what_is_taken_in_the_readers_language() -> None:
    campaign = funding.campaign(until="draft")
    client, at = accounts.api_client(campaign.organisation), f"/api/v1/campaigns/{campaign.pk}/"
    answer = client.patch(at, {"terms": {**LOAN, "term_months": 999, "security": "luck"}}, headers={"Accept-Language": "en"})
    assert answer.status_code == 422
    assert set(answer.json()["fields"]) == {"terms.term_months", "terms.security"}
    assert answer.json()["fields"]["terms.term_months"] == ["A whole number from 1 to 120."]
    answer = client.patch(at, {"terms": {**LOAN, "term_months": 999}}, headers={"Accept-Language": "zh"})
    assert answer.json()["fields"]["terms.term_months"] == ["须为 1 至 120 的整数。"]


def test_names_that_nothing_can_send_back_are_refused_and_not_said_again() -> None:
    campaign = funding.campaign(until="draft")
    body = json.dumps({"terms": {**LOAN, "half \ud800 a character": 1}})
    client, at = accounts.api_client(campaign.organisation), f"/api/v1/campaigns/{campaign.pk}/"
    answer = client.generic("PATCH", at, body, content_type="application/json")
    assert (answer.status_code, set(answer.json()["fields"])) == (422, {"terms"})


def test_a_company_writes_its_terms_and_use_of_funds_on_pages_of_their_own() -> None:
    campaign = funding.campaign(until="draft", terms=None, use_of_funds=[])
    client, at = browser(campaign.organisation), f"/campaigns/{campaign.pk}/"
    draft = client.get(at).content.decode()
    assert 'href="terms/"' in draft
    assert 'href="use-of-funds/"' in draft
    form = client.get(f"{at}terms/?instrument=loan_intent").content.decode()
    assert "本条款不是借款合同" in form
    assert 'aria-current="page"' in form
    sent: dict[str, Any] = {"terms.interest_ceiling_bp": "4.5", "terms.term_months": "36", "terms.repayment": "bullet"}
    wrong = client.post(f"{at}terms/?instrument=loan_intent", {**sent, "terms.security": "none", "terms.term_months": "999"})
    assert (wrong.status_code, "须为 1 至 120 的整数。" in wrong.content.decode()) == (422, True)
    assert client.post(f"{at}terms/?instrument=loan_intent", {**sent, "terms.security": "none"}).status_code == 302
    campaign.refresh_from_db()
    assert (campaign.instrument, campaign.terms["interest_ceiling_bp"]) == ("loan_intent", 450)
    assert 'value="4.5"' in client.get(f"{at}terms/").content.decode()


def test_lines_left_empty_are_none_and_a_refusal_stands_at_its_line() -> None:
    campaign = funding.campaign(until="draft", use_of_funds=[])
    client, at = browser(campaign.organisation), f"/campaigns/{campaign.pk}/use-of-funds/"
    first = {"use_of_funds.1.category": "ip", "use_of_funds.1.purpose_zh": "专利", "use_of_funds.1.fen": "1000"}
    wrong = client.post(at, {**first, "use_of_funds.3.purpose_zh": "人员", "use_of_funds.3.fen": "5000"})
    assert wrong.status_code == 422
    assert re.search(r'请选择类别[^<]*</p>\s*<select name="use_of_funds\.1\.category"', wrong.content.decode())
    assert client.post(at, {}).status_code == 422
    second = {"use_of_funds.3.category": "staff", "use_of_funds.3.purpose_en": "Staff", "use_of_funds.3.fen": "5000", "more": "1"}
    assert client.post(at, {**first, **second})["Location"] == at
    assert list(campaign.use_of_funds.order_by("ordinal").values_list("category", "fen")) == [("ip", 100_000), ("staff", 500_000)]
    assert "专利" in client.get(at).content.decode()
    # A page that has had more places than there are lines now loses none of them.
    many = {
        f"use_of_funds.{place}.{name}": value
        for place in range(20)
        for name, value in (("category", "ip"), ("purpose_zh", "专利"), ("fen", "1"))
    }
    assert client.post(at, many).status_code == 302
    assert campaign.use_of_funds.count() == 20


def test_the_campaigns_page_says_the_terms_in_words_and_the_use_of_funds_as_bars_a_table_and_a_file() -> None:
    funder = funding.funder()
    campaign = funding.campaign([funder])
    at = f"/campaigns/{campaign.pk}/"
    shown = page(funder, at)
    assert all(words in shown for words in ("出资方合计分成比例", "5%", "150%", "没有收入就没有分成", "台架试验", "66.6", "交付与验收"))
    assert shown.count('class="bars-cell"') == 3
    english = page(funder, f"/en{at}")
    told = ("Revenue share", "Share of all funders together", "without revenue there is no share", "Bench tests")
    assert all(words in english for words in told)
    file = browser(funder).get(f"{at}use-of-funds.csv").content.decode("utf-8-sig").splitlines()
    assert file == ["序号,类别,用途,占比（%）,金额（元）", "1,测试、试验与加工,台架试验,66.6,4000.00", "2,人员劳务,人员,33.3,2000.00"]


def test_a_purpose_is_no_formula_in_the_file() -> None:
    campaign = funding.campaign(use_of_funds=[{"category": "ip", "purpose_zh": "=1+1", "fen": 600_000}])
    answer = browser(campaign.organisation).get(f"/campaigns/{campaign.pk}/use-of-funds.csv")
    assert "'=1+1" in answer.content.decode()


def test_news_and_answers_over_the_api_are_there_for_those_who_see_the_campaign() -> None:
    funder, other = funding.funder(), funding.funder()
    campaign = funding.campaign([funder, other])
    at = f"/api/v1/campaigns/{campaign.pk}/"
    company, asker, reader = (accounts.api_client(who) for who in (campaign.organisation, funder, other))
    asked = asker.post(f"{at}questions/", {"text": "何时可以查看？"})
    assert (asked.status_code, asked.data["ours"]) == (201, True)
    answered = company.post(f"{at}questions/{asked.data['id']}/answer/", {"answer": "随第一个里程碑。"})
    assert (answered.status_code, answered.data["answer"]) == (200, "随第一个里程碑。")
    assert company.post(f"{at}questions/{asked.data['id']}/answer/", {"answer": "改口"}).json()["code"] == "answered_already"
    (row,) = reader.get(f"{at}questions/").data["results"]
    assert (row["ours"], set(row)) == (False, {"id", "text", "answer", "asked_at", "answered_at", "ours"})
    body = {"id": "0199aaaa-0000-7000-8000-000000000001", "text_zh": "首批样件已完成。"}
    first, again = (company.post(f"{at}updates/", body) for _ in range(2))
    assert (first.status_code, again.status_code, CampaignUpdate.objects.count()) == (201, 201, 1)
    assert first.data == again.data == reader.get(f"{at}updates/").data["results"][0]
    # The newest is the one posted last, whatever id its sender chose; pages go by that too.
    newest = company.post(f"{at}updates/", {"id": "00000000-0000-7000-8000-000000000001", "text_zh": "第二批样件已完成。"}).data
    pages = [reader.get(f"{at}updates/?page_size=1").data]
    pages.append(reader.get(pages[0]["next"]).data)
    assert [page["results"] for page in pages] == [[newest], [first.data]]
    waits = asker.post(f"{at}questions/", {"text": "第二批何时可以查看？", "id": str(uuid7())})
    assert asker.post(f"{at}questions/", {"text": "第二批何时可以查看？", "id": waits.data["id"]}).data == waits.data
    assert asker.post(f"{at}questions/", {"text": "第三批呢？"}).json()["code"] == "question_waits"
    assert company.post(f"{at}updates/", {"text_zh": "零风险"}).json()["code"] == "promises_return"
    for path in ("updates/", "questions/"):
        assert accounts.api_client(accounts.organisation("funder")).get(at + path).status_code == 404


def test_people_post_ask_and_answer_on_pages_and_the_asker_is_named_to_nobody() -> None:
    funder, other = funding.funder(), funding.funder()
    campaign = funding.campaign([funder, other])
    at, company = f"/campaigns/{campaign.pk}/", browser(campaign.organisation)
    form = company.get(f"{at}updates/new/").content.decode()
    key = re.search(r'name="key" value="([^"]+)"', form)
    assert key is not None
    for _ in range(2):
        assert company.post(f"{at}updates/new/", {"key": key[1], "text_zh": "首批样件已完成。"})["Location"] == f"{at}updates/"
    update = CampaignUpdate.objects.get()
    assert "更正" in company.get(f"{at}updates/new/?corrects={update.pk}").content.decode()
    for wrong in ("x", str(uuid7())):
        assert company.get(f"{at}updates/new/?corrects={wrong}").status_code == 404
    asked = re.search(r'name="key" value="([^"]+)"', browser(funder).get(f"{at}questions/new/").content.decode())
    assert asked is not None
    for _ in range(2):
        assert browser(funder).post(f"{at}questions/new/", {"key": asked[1], "text": "何时可以查看？"}).status_code == 302
    again = browser(funder).post(f"{at}questions/new/", {"key": str(uuid7()), "text": "还有呢？"})
    assert (again.status_code, "尚未答复" in again.content.decode()) == (422, True)
    answer_at = f"{at}questions/{CampaignQuestion.objects.get().pk}/"
    assert answer_at in company.get(at).content.decode()
    assert company.post(answer_at, {"answer": "保本"}).status_code == 422
    assert company.post(answer_at, {"answer": "随第一个里程碑。"}).status_code == 302
    assert all(words in page(other, f"/en{at}") for words in ("Campaign update posted", "Question answered"))
    for where in (at, f"{at}updates/", f"/en{at}"):
        assert "首批样件已完成。" in page(other, where)
    for where in (at, f"{at}questions/", f"/en{at}questions/"):
        shown = page(other, where)
        assert "随第一个里程碑。" in shown
        assert funder.name_zh not in shown


def test_a_campaign_from_before_there_were_terms_goes_on_without() -> None:
    funder = funding.funder(100_000)
    campaign = funding.campaign([funder], until="approved")
    row = Campaign.objects.filter(pk=campaign.pk)
    row.update(state="draft")
    row.update(terms={}, instrument="", terms_sha256="")
    row.update(state="approved")
    campaign = perform("open", row.get(), accounts.actor_for(campaign.organisation))
    assert funding.pledge(campaign, funder, 50_000).terms_sha256 == ""
    assert "条款哈希" not in page(funder, f"/campaigns/{campaign.pk}/")
