"""In a browser: what an agreement shows, and that its ledger entries lead to their proofs."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.factories import accounts, agreements

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True, databases=["default", "sequencer", "owner"])]


def test_an_agreement_shows_who_signed_and_what_the_ledger_holds_of_it(
    enter: Callable[..., Any], person_of: Callable[[Any], Any], opener: Any, seal: Callable[[], None]
) -> None:
    agreement = agreements.active()
    page = enter(person_of(agreement.company))
    page.goto(f"/agreements/{agreement.pk}/")
    expect(page.locator(".chain li.pending").first).to_contain_text("待入账")
    seal()
    page.reload()
    parties = page.locator("section", has=page.get_by_role("heading", name="当事方与签名")).locator("tbody tr")
    expect(parties).to_have_count(2)
    for row, organisation in zip(parties.all(), (agreement.company, agreement.university), strict=True):
        expect(row).to_contain_text(organisation.name)
        expect(row).to_contain_text("平台代管")
        expect(row).not_to_contain_text("待签署")
    expect(page.locator(".chain li.pending")).to_have_count(0)
    heading = page.get_by_role("heading", level=1).inner_text()
    page.get_by_role("link", name="全部记录，在浏览器中验证").click()
    page.wait_for_url(f"**/ledger/objects/agreement/{agreement.pk}/")
    expect(page.get_by_role("heading", level=1)).to_have_text(heading)
    page.locator(".chain a.seq").last.click()
    expect(page.locator("[data-report][data-verdict=proven]")).to_be_visible()
    stranger = enter(person_of(accounts.organisation("company")))
    assert stranger.goto(f"/agreements/{agreement.pk}/").status == 404
