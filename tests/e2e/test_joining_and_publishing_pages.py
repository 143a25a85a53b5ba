"""In a browser: a person joins and founds an organisation; a company's demand goes from a draft to the public list."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.factories import accounts

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True, databases=["default", "sequencer", "owner"])]

both = pytest.mark.parametrize("script", [True, False], ids=["script", "no_script"])
PASSWORD = "correct horse battery"


@both
def test_a_newcomer_signs_up_confirms_by_letter_and_founds_an_organisation(enter: Callable[..., Any], settings: Any, script: bool) -> None:
    from marketplace.accounts.models import Organisation

    settings.EMAIL_BACKEND = "marketplace.notices.mail.StoredMailBackend"
    page = enter(script=script)
    page.goto("/")
    page.get_by_role("banner").get_by_role("link", name="注册").click()
    page.locator("input[type=email]").fill("new@example.org")
    page.locator("input[type=password]").fill(PASSWORD)
    page.get_by_label("姓名").fill("韩梅梅")
    page.get_by_label("我已阅读并同意服务条款").check()
    page.get_by_role("main").get_by_role("button", name="注册").click()

    page.goto("/mail/?to=new@example.org")
    page.get_by_role("link", name=re.compile("confirm-email")).click()
    page.get_by_role("button", name="确认").click()
    if "login" not in page.url:
        page.goto("/accounts/login/")
    page.locator("input[type=email]").fill("new@example.org")
    page.locator("input[type=password]").fill(PASSWORD)
    page.get_by_role("main").get_by_role("button", name="登录").click()

    page.goto("/organisation/new/")
    code = accounts.credit_code(77, region="110108")
    wrong = code[:-1] + ("A" if code[-1] != "A" else "B")
    page.get_by_label("中文名称").fill("海淀材料有限公司")
    page.get_by_label("所在地区").select_option("110108")
    page.get_by_label("统一社会信用代码").fill(wrong)
    page.get_by_role("button", name="登记").click()
    expect(page.locator(".field.wrong .error")).to_contain_text("校验")
    assert not Organisation.objects.exists()
    expect(page.get_by_label("中文名称")).to_have_value("海淀材料有限公司")

    page.get_by_label("统一社会信用代码").fill(code)
    page.get_by_role("button", name="登记").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("海淀材料有限公司")
    assert Organisation.objects.get().uscc == code


@both
def test_a_company_publishes_a_demand_and_both_languages_find_it(
    enter: Callable[..., Any], person_of: Callable[[Any], Any], opener: Any, script: bool
) -> None:
    from marketplace.common import clock, outbox
    from marketplace.demands.models import Demand
    from tests.factories import catalogue

    catalogue.achievement(title_zh="耐碱密封圈配方")
    outbox.relay()
    company, reviewer = enter(person_of(accounts.organisation("company")), script=script), enter(accounts.staff("reviewer"), script=script)
    company.goto("/demands/")
    company.get_by_role("link", name="发布需求").click()
    company.get_by_label("标题（中文）").fill("耐碱高温密封圈")
    company.get_by_label("标题（英文）").fill("Seals for hot alkali")
    if script:
        expect(company.locator("[data-similar]")).to_contain_text("耐碱密封圈配方")
    company.get_by_label("方式").select_option("challenge")
    company.get_by_label("需要什么（中文）").fill("180 ℃ 碱液中连续工作一年。")
    company.get_by_label("验收标准（中文）").fill("第三方检测报告。")
    company.get_by_label("行业").select_option("29")
    company.get_by_label("地区").select_option("110108")
    company.get_by_label("期望成熟度").select_option("6")
    company.get_by_label("预算下限").fill("300000")
    company.get_by_label("预算上限").fill("500000.00")
    company.get_by_label("截止时间").fill((clock.now() + timedelta(days=40)).strftime("%Y-%m-%dT%H:%M"))
    company.get_by_role("button", name="保存草稿").click()
    expect(company.get_by_role("heading", level=1)).to_have_text("耐碱高温密封圈")
    address = company.url
    assert Demand.objects.get().state == "draft"
    assert Demand.objects.get().budget_max_fen == 50_000_000
    stranger = enter(script=script)
    assert stranger.goto(address).status == 404

    company.get_by_role("button", name="提交审核").click()
    reviewer.goto(address)
    reviewer.get_by_role("link", name="通过", exact=True).click()
    reviewer.get_by_role("button", name="通过", exact=True).click()
    company.goto(address)
    company.get_by_role("button", name="发布", exact=True).click()
    expect(company.locator(".page-head")).to_contain_text("揭榜中")

    stranger.goto("/demands/")
    expect(stranger.get_by_role("main").get_by_role("link", name="耐碱高温密封圈")).to_be_visible()
    for words in ("高温密封", "hot alkali"):
        stranger.goto("/search/")
        stranger.get_by_role("main").get_by_role("searchbox").fill(words)
        stranger.get_by_role("main").get_by_role("button", name="搜索").click()
        expect(stranger.get_by_role("main").get_by_role("link", name="耐碱高温密封圈")).to_be_visible()
    stranger.get_by_role("banner").get_by_role("link", name="EN", exact=True).click()
    expect(stranger.locator("html")).to_have_attribute("lang", "en")
    stranger.get_by_role("main").get_by_role("link", name="Seals for hot alkali").click()
    expect(stranger.get_by_role("heading", level=1)).to_have_text("Seals for hot alkali")
    expect(stranger.get_by_role("main")).to_contain_text("¥300,000")
