"""The pages of campaigns, pledges and payouts, in both languages."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from marketplace.accounts.models import Organisation, Person
from marketplace.common.ids import uuid7
from marketplace.funding.models import LONGEST_TEXT, BankAccount, Campaign, Pledge
from marketplace.funding.services.paying_out import payout_request
from marketplace.workflow.performing import perform
from tests.factories import accounts, funding, treasury

pytestmark = pytest.mark.django_db


def browser(who: Organisation | Person) -> Client:
    client = Client()
    client.force_login(who if isinstance(who, Person) else who.memberships.order_by("id")[0].person)
    return client


def hidden(html: bytes, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]+)"', html.decode())
    assert found is not None
    return found.group(1)


def test_a_funder_pledges_through_form_confirmation_and_receipt_and_a_double_click_is_one_pledge() -> None:
    funder = funding.funder(100_000)
    campaign = funding.campaign([funder])
    client = browser(funder)
    form = client.get(f"/campaigns/{campaign.pk}/pledge/")
    _, rule, below = form.content.decode().partition("到期未满 3,000.00 元，全部冻结自动解除")
    assert rule
    assert "下一步" in below  # nobody presses before the rule was there to be read
    sent = {"fen": "600.00", "key": hidden(form.content, "key")}
    first, again = (client.post(f"/campaigns/{campaign.pk}/pledge/", sent) for _ in range(2))
    assert first.status_code == again.status_code == 302
    assert first["Location"] == again["Location"]
    pledge = Pledge.objects.get()
    confirm = client.get(first["Location"])
    shown = confirm.content.decode()
    assert all(words in shown for words in ("风险揭示书", "收入分成", "150%", "5 年", "没有收入就没有分成", campaign.terms_sha256))
    boxes = {"terms": "on", "accepted": "on", "suitable": "on"}
    answer = {"key": hidden(confirm.content, "key"), "terms_sha256": hidden(confirm.content, "terms_sha256"), **boxes}
    for left_out in boxes:
        assert client.post(first["Location"], {**answer, left_out: ""}).status_code == 422
    assert client.post(first["Location"], {**answer, "terms_sha256": "0" * 64}).status_code == 422
    done, replayed = (client.post(first["Location"], answer) for _ in range(2))
    assert done.status_code == replayed.status_code == 302
    assert done["Location"] == f"/pledges/{pledge.pk}/"
    receipt = client.get(done["Location"]).content.decode()
    assert "¥600.00" in receipt
    assert "撤回认筹" in receipt
    assert f'data-copy="{campaign.terms_sha256}"' in receipt
    assert "确认时间" in receipt
    assert Campaign.objects.get(pk=campaign.pk).held_fen == 60_000


def test_a_member_who_may_not_look_into_the_wallet_is_not_told_what_is_in_it() -> None:
    funder = funding.funder(100_000)
    address = f"/campaigns/{funding.campaign([funder]).pk}/pledge/"
    assert "钱包可用 1,000.00 元，确认前不冻结。" in browser(funder).get(address).content.decode()
    page = browser(accounts.member(funder, roles=["member"])).get(address).content.decode()
    assert "元。确认前不冻结。" in page
    assert "钱包可用" not in page


def test_an_amount_outside_the_limits_is_said_at_the_field() -> None:
    funder = funding.funder(100_000)
    campaign = funding.campaign([funder])
    answer = browser(funder).post(f"/campaigns/{campaign.pk}/pledge/", {"fen": "1", "key": str(uuid7())})
    assert answer.status_code == 422
    assert "单笔认筹须在" in answer.content.decode()


def test_the_campaigns_page_shows_bar_rule_and_use_of_funds_to_those_who_may_see_it() -> None:
    funder = funding.funder(400_000)
    campaign = funding.campaign([funder])
    funding.firm(campaign, funder, 300_000)
    page = browser(funder).get(f"/campaigns/{campaign.pk}/").content.decode()
    assert "到期未满 3,000.00 元，全部冻结自动解除" in page
    assert "<svg" in page
    assert "交付与验收" in page
    assert "<strong>0.3\xa0万元 / 0.6\xa0万元</strong>" in page
    assert f"截止 {timezone.localtime(campaign.deadline):%Y-%m-%d %H:%M}" in page
    ending = browser(campaign.organisation).get(f"/campaigns/{campaign.pk}/actions/close_early/").content.decode()
    assert all(words in ending for words in ("¥3,000.00", "已达最低目标", "¥6,000.00"))
    assert "冷静期内" not in ending
    assert "退回修改" not in page  # it was approved, which the ledger records by the same event
    english = browser(funder).get(f"/en/campaigns/{campaign.pk}/").content.decode()
    assert "every hold is released" in english
    assert f"/campaigns/{campaign.pk}/" not in browser(accounts.organisation("funder")).get("/campaigns/").content.decode()
    assert browser(accounts.organisation("funder")).get(f"/campaigns/{campaign.pk}/").status_code == 404
    assert Client().get(f"/campaigns/{campaign.pk}/").status_code == 302
    assert f"{campaign.pk}/" in browser(funder).get("/campaigns/").content.decode()


def test_whoever_ends_a_campaign_reads_what_is_short_of_its_minimum_without_what_may_still_be_taken_back() -> None:
    first, second = funding.funder(400_000), funding.funder(400_000)
    campaign = funding.campaign([first, second])
    funding.firm(campaign, first, 100_000)
    company, at = browser(campaign.organisation), f"campaigns/{campaign.pk}/actions/cancel/"
    page, english = (company.get(f"{language}{at}").content.decode() for language in ("/", "/en/"))
    assert "<dd>¥1,000.00<small>尚缺 2,000.00 元</small></dd>" in page
    assert "<dd>¥1,000.00<small>2,000.00 yuan short</small></dd>" in english
    assert "其中冷静期内" not in page
    funding.cooling(campaign, second, 200_000)
    page, english = (company.get(f"{language}{at}").content.decode() for language in ("/", "/en/"))
    assert "<dd>¥3,000.00<small>尚缺 2,000.00 元</small></dd>" in page
    assert "<dt>其中冷静期内</dt><dd>¥2,000.00<small>尚可撤回，暂不计入最低目标</small></dd>" in page
    assert "<dd>¥3,000.00<small>2,000.00 yuan short</small></dd>" in english
    assert "<dt>Of it cooling off</dt><dd>¥2,000.00<small>may be taken back, not yet counted towards the minimum</small></dd>" in english


def test_a_company_writes_a_campaign_and_is_told_which_words_promise_too_much() -> None:
    demand, funder = funding.awarded_demand(), accounts.organisation("funder")
    client, at = browser(demand.organisation), f"/demands/{demand.pk}/campaign/"
    assert at in client.get("/campaigns/").content.decode()
    assert "低温钠离子电池" in client.get(at).content.decode()
    body = {
        "title_zh": "低温电池中试",
        "text_zh": "保本保息",
        "minimum_fen": "3000",
        "optimum_fen": "6000",
        "funder_min_fen": "100",
        "funder_max_fen": "6000",
        "max_funders": "20",
        "deadline": "2099-01-01T12:00",
        "invited": [str(funder.pk)],
    }
    refused = client.post(at, body)
    assert refused.status_code == 422
    assert "「保本保息」是对本金或收益的承诺" in refused.content.decode()
    made = client.post(at, {**body, "text_zh": "用于中试线。"})
    campaign = Campaign.objects.get()
    assert made["Location"] == f"/campaigns/{campaign.pk}/"
    assert list(campaign.invited.all()) == [funder]
    assert at not in client.get("/campaigns/").content.decode()
    assert client.get(f"/campaigns/{campaign.pk}/edit/").status_code == 200
    funding.offered(campaign)
    assert client.post(f"/campaigns/{campaign.pk}/actions/submit/").status_code == 302
    campaign.refresh_from_db()
    assert campaign.state == "submitted"


def test_finance_officers_approve_on_the_payouts_page_which_says_that_the_bank_is_a_sandbox(settings) -> None:
    settings.PAYMENT_GATEWAY = "sandbox"
    university = accounts.organisation("university", name_zh="燕赵大学")
    treasury.pay(treasury.accounts.custody(), treasury.accounts.payable(university.pk), 50_000)
    payout = payout_request(organisation_id=university.pk, fen=50_000, purpose_kind="milestone", purpose_id=uuid7(), actor=funding.SYSTEM)
    own = browser(university)
    body = {"holder_name": "燕赵大学", "number": "6222000012345678", "bank_name": "中国银行"}
    assert own.post("/bank-account/", body)["Location"] == "/payouts/"
    assert BankAccount.objects.get().number == "6222000012345678"
    assert "actions/approve_1" not in own.get("/payouts/").content.decode()
    verify = f"/bank-accounts/{BankAccount.objects.get().pk}/verify/"
    officer = browser(accounts.staff("finance"))
    assert verify in officer.get("/payouts/").content.decode()
    assert officer.post(verify).status_code == 302
    for action in ("approve_1", "approve_2"):
        officer = browser(accounts.staff("finance"))
        page = officer.get("/payouts/").content.decode()
        assert f"/payouts/{payout.pk}/actions/{action}/" in page
        assert "沙盒" in page
        confirm = officer.get(f"/payouts/{payout.pk}/actions/{action}/")
        assert officer.post(f"/payouts/{payout.pk}/actions/{action}/", {"key": hidden(confirm.content, "key")}).status_code == 302
    payout.refresh_from_db()
    assert payout.state == "second_approved"
    assert "6222000012345678" not in own.get("/payouts/").content.decode()


def test_a_reviewer_reads_why_more_time_is_asked_for_and_grants_what_was_read() -> None:
    funder = funding.funder()
    campaign = funding.campaign([funder])
    company, at = accounts.actor_for(campaign.organisation), f"/campaigns/{campaign.pk}/"
    later = campaign.deadline + timedelta(days=7)
    perform("ask_extension", campaign, company, until=later, reason="两家机构仍在尽调")
    reviewer, grant = browser(accounts.staff("reviewer")), f"{at}actions/extend_once/"
    assert "理由：两家机构仍在尽调" in reviewer.get(at).content.decode()
    assert "两家机构仍在尽调" not in browser(funder).get(at).content.decode()
    form = reviewer.get(grant).content
    assert "两家机构仍在尽调" in form.decode()
    sent = {"key": hidden(form, "key"), "until": hidden(form, "until"), "granted": "on"}
    perform("ask_extension", campaign, company, until=later + timedelta(days=50), reason="另有安排")
    assert reviewer.post(grant, sent).status_code == 409
    sent["until"] = hidden(reviewer.get(grant).content, "until")
    assert reviewer.post(grant, sent).status_code == 302
    campaign.refresh_from_db()
    assert campaign.deadline == later + timedelta(days=50)


def test_a_text_is_read_up_to_its_longest_and_a_longer_one_is_refused() -> None:
    demand = funding.awarded_demand()
    client, at = browser(demand.organisation), f"/demands/{demand.pk}/campaign/"
    inside, outside = "。" * (LONGEST_TEXT - 2) + "保本", "。" * LONGEST_TEXT + "保本"
    told = [len(client.post("/campaigns/wording/", {"text": text}).json()["findings"]) for text in (inside, outside)]
    assert told == [1, 0]
    refused = client.post(at, {"title_zh": "中试", "text_zh": outside})
    assert refused.status_code == 422
    assert str(LONGEST_TEXT) in refused.content.decode().replace(",", "")
