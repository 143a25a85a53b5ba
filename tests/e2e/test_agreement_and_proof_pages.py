"""In a browser: what an agreement shows, and a ledger entry whose proof the reader's own browser recomputes."""

import base64
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from tests.factories import accounts, agreements
from tests.factories.recorded import record

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
    page.locator(".chain a.seq").last.click()
    expect(page.locator("[data-verdict=proven]")).to_be_visible()
    stranger = enter(person_of(accounts.organisation("company")))
    assert stranger.goto(f"/agreements/{agreement.pk}/").status == 404


def verdicts(page: Page) -> dict[str, bool]:
    return {name: page.locator(f"[data-verdict={name}]").is_visible() for name in ("proven", "broken", "cannot")}


def entry_page(page: Page, *, spoil: Callable[[str], str] = str) -> Page:
    """The page of the third of seven entries, changed on its way to the reader."""

    def change(route: Route) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, body=spoil(answer.text()))

    page.route("**/ledger/entries/2/", change)
    page.goto("/ledger/entries/2/")
    return page


def one_bit_turned(name: str) -> Callable[[str], str]:
    """Turn one bit of the attribute's last byte."""

    def spoil(html: str) -> str:
        head, rest = html.split(f'data-{name}="', 1)
        value, tail = rest.split('"', 1)
        raw = bytearray(base64.b64decode(value.split()[-1]))
        raw[-1] ^= 1
        changed = " ".join([*value.split()[:-1], base64.b64encode(raw).decode()])
        return f'{head}data-{name}="{changed}"{tail}'

    return spoil


def test_only_the_browsers_own_arithmetic_calls_an_entry_proven(enter: Callable[..., Any], seal: Callable[[], None]) -> None:
    for _ in range(7):
        record()
    seal()
    page = entry_page(enter())
    expect(page.locator("[data-verdict=proven]")).to_be_visible()
    assert verdicts(page) == {"proven": True, "broken": False, "cannot": False}
    root = bytes.fromhex(page.locator("[data-step]").last.inner_text())
    assert base64.b64encode(root).decode() == page.locator("[data-proof]").get_attribute("data-root")

    for name in ("entry", "path", "root"):
        page = entry_page(enter(), spoil=one_bit_turned(name))
        expect(page.locator("[data-verdict=broken]")).to_be_visible()
        assert verdicts(page) == {"proven": False, "broken": True, "cannot": False}, name

    page = entry_page(enter(script=False))
    assert verdicts(page) == {"proven": False, "broken": False, "cannot": True}
