"""In a browser: a sealed bid shows its receipt once, and a pledge is made once however often it is clicked."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.factories import catalogue, demands, funding

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True, databases=["default", "sequencer", "owner"])]

both = pytest.mark.parametrize("script", [True, False], ids=["script", "no_script"])


@both
def test_a_team_bids_and_sees_its_receipt_once_while_the_company_sees_no_bid(
    enter: Callable[..., Any], person_of: Callable[[Any], Any], opener: Any, script: bool
) -> None:
    from marketplace.demands.models import Bid

    target, team = demands.demand(), catalogue.team()
    page = enter(person_of(team.organisation), script=script)
    page.goto(f"/demands/{target.pk}/")
    page.get_by_role("link", name="我要投标").click()
    page.get_by_label("报价").fill("8000.01")
    page.get_by_label("实施方案（中文）").fill("包覆正极，逐步放大。")
    page.get_by_label("里程碑").fill("样件；60；40%\n试运行；90")
    page.get_by_role("main").get_by_role("button").click()
    expect(page.locator(".field.wrong .error")).to_have_text("无法读取「试运行；90」。")
    page.get_by_label("里程碑").fill("样件；60；40%\n试运行；90；60%")
    page.get_by_role("main").get_by_role("button").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("投标已密封")
    bid = Bid.objects.get()
    shown = page.get_by_role("main").inner_text()
    salt = re.findall(r"\b[0-9a-f]{64}\b", shown)
    assert bid.commitment in salt
    assert len(set(salt)) == 2

    page.get_by_role("link", name="返回需求").click()
    expect(page.locator("#content")).to_contain_text("密封")
    secret = next(value for value in salt if value != bid.commitment)
    assert secret not in page.content()
    company = enter(person_of(target.organisation), script=script)
    company.goto(f"/demands/{target.pk}/")
    told = company.content()
    assert team.name not in told
    assert team.organisation.name not in told
    assert "8,000.01" not in told
    assert secret not in told


@both
def test_an_invited_funder_pledges_and_a_double_click_is_one_pledge(
    enter: Callable[..., Any], person_of: Callable[[Any], Any], script: bool
) -> None:
    from marketplace.funding.models import Campaign, Pledge

    funder = funding.funder(100_000)
    campaign = funding.campaign([funder])
    page = enter(person_of(funder), script=script)
    page.goto(f"/campaigns/{campaign.pk}/")
    page.get_by_role("main").get_by_role("link", name="认筹").click()
    page.get_by_label("认筹金额").fill("600")
    page.get_by_role("button", name="下一步").dblclick()
    expect(page.get_by_role("main")).to_contain_text("风险揭示书")
    assert Pledge.objects.get().state == "intent"
    page.get_by_label("已阅读并接受上列条款").check()
    page.get_by_label("已阅读并接受风险揭示书").check()
    page.get_by_label("适当性确认").check()
    page.get_by_role("main").get_by_role("button").dblclick()
    expect(page.get_by_role("heading", name="认筹回执")).to_be_visible()
    expect(page.locator("#act")).to_contain_text("陆佰元整")
    expect(page.get_by_role("main")).to_contain_text("冷静期")
    pledge = Pledge.objects.get()
    assert (pledge.state, pledge.fen) == ("cooling_off", 60_000)
    assert Campaign.objects.get(pk=campaign.pk).held_fen == 60_000
    stranger = enter(person_of(funding.funder()), script=script)
    assert stranger.goto(f"/campaigns/{campaign.pk}/").status == 404


def test_a_company_is_told_while_writing_which_words_promise_a_return(enter: Callable[..., Any], person_of: Callable[[Any], Any]) -> None:
    campaign = funding.campaign(until="draft")
    page = enter(person_of(campaign.organisation))
    page.goto(f"/campaigns/{campaign.pk}/edit/")
    page.get_by_label("说明（中文）").fill("本项目稳赚，不承诺保本。")
    expect(page.locator("#id_text_zh + div .error")).to_have_count(1)
    expect(page.locator("#id_text_zh + div")).to_contain_text("「稳赚」")
    page.get_by_label("说明（中文）").fill("取得收入后分成，不承诺保本。")
    expect(page.locator("#id_text_zh + div .error")).to_have_count(0)
