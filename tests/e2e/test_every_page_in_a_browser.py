"""Every main page in both languages on a desk's and a phone's screen: whole, quiet, in its language and within its width."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction
from playwright.sync_api import Page

from tests.factories import accounts
from tests.factories import world as worlds

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True, databases=["default", "sequencer", "owner"])]

HAN = re.compile(r"[\u3400-\u9fff]+")
WIDTHS = (390, 1280)
PUBLIC = (
    *("/", "/demands/", "/achievements/", "/teams/", "/experts/", "/accounts/login/", "/accounts/signup/"),
    *("/ledger/", "/ledger/entries/0/", "/ledger/search/?q=x", "/ledger/verify/", "/ledger/witness/", "/lexicon/"),
)
# What the exchange says by itself, without a word that people wrote.
ITS_OWN_WORDS = (
    *("/accounts/login/", "/accounts/signup/", "/accounts/password/reset/", "/terms/"),
    *("/search/", "/demands/new/", "/interests/new/", "/settings/"),
)
# Runs in the page: what a reader who cannot see, or who reads by keyboard, would miss; and what does not fit.
CHECKS = """() => {
  const faults = [];
  const named = (e) => e.labels?.length || e.getAttribute("aria-label") || e.getAttribute("aria-labelledby");
  for (const e of document.querySelectorAll("input:not([type=hidden]), select, textarea")) {
    if (!named(e)) faults.push("no label: " + (e.name || e.outerHTML));
  }
  for (const e of document.querySelectorAll("a[href], button")) {
    const name = e.getAttribute("aria-label") || e.title || e.textContent.trim();
    if (!name && !e.hidden) faults.push("no name: " + e.outerHTML);
  }
  const ids = [...document.querySelectorAll("[id]")].map((e) => e.id);
  for (const id of new Set(ids.filter((id, at) => ids.indexOf(id) !== at))) faults.push("id twice: " + id);
  const h1 = document.querySelectorAll("h1").length;
  if (h1 !== 1) faults.push("h1: " + h1);
  const skip = document.body.querySelector("a, button, input");
  if (!skip.matches("a.skip") || !document.querySelector(skip.getAttribute("href"))) faults.push("no skip link first");
  for (const e of document.querySelectorAll("[style]")) faults.push("style attribute: " + e.tagName);
  return faults;
}"""
TOO_WIDE = """() => {
  const page = document.documentElement;
  if (page.scrollWidth <= page.clientWidth) return "";
  const wide = [...document.body.querySelectorAll("*")].filter((e) => e.getBoundingClientRect().right > page.clientWidth + 1);
  return `${page.scrollWidth} > ${page.clientWidth}: ` + wide.slice(0, 4).map((e) => `${e.tagName}.${e.className}`).join(" ");
}"""
ENGLISH_WORDS = """() => {
  const body = document.body.cloneNode(true);
  for (const e of body.querySelectorAll("[lang|=zh], script, select")) e.remove();
  return body.textContent;
}"""


@pytest.fixture
def world(opener: Any, seal: Callable[[], None], settings: Any, tmp_path: Any) -> worlds.World:
    settings.MEDIA_ROOT = tmp_path / "files"
    with transaction.atomic():
        made = worlds.build()
    seal()
    return made


def pages_of(world: worlds.World) -> dict[str, tuple[str, ...]]:
    """Who looks at which pages."""
    at = {name: f"{made.pk}/" for name, made in world.objects.items() if hasattr(made, "pk")}
    return {
        "": (*PUBLIC, f"/demands/{at['demand.open']}", f"/achievements/{at['achievement.published']}", f"/teams/{at['team.published']}"),
        "winner": ("/experts/new/", f"/experts/{at['expert.published']}"),
        "company": (
            "/dashboard/",
            "/demands/new/",
            f"/demands/{at['demand.draft']}",
            f"/demands/{at['demand.evaluating']}",
            f"/demands/{at['demand.evaluating']}actions/select/",
            f"/campaigns/{at['campaign.open']}",
            f"/campaigns/{at['campaign.draft']}terms/",
            f"/campaigns/{at['campaign.draft']}use-of-funds/",
            f"/campaigns/{at['campaign.open']}questions/",
            f"/agreements/{at['agreement.active']}",
            f"/revenue/{at['revenue']}",
            f"/evidence/agreement/{at['agreement.active']}",
            "/deposits/",
            f"/deposits/{at['deposit.kept']}",
            f"/certificates/{worlds.NUMBER}/",
            "/wallet/",
            "/notices/",
            "/interests/",
            "/interests/new/",
            f"/interests/{at['interest']}",
            f"/interests/digests/{at['digest']}",
            "/organisation/",
            "/settings/",
            "/settings/keys/",
        ),
        "bidder": (f"/demands/{at['demand.open']}bid/", "/achievements/new/", "/teams/new/", "/imports/", "/payouts/", "/bank-account/"),
        "funder": ("/campaigns/", "/portfolio/", "/suitability/", f"/campaigns/{at['campaign.open']}pledge/", f"/pledges/{at['pledge']}",
                   "/pools/new/", f"/pools/{at['pool']}"),
        "reviewer": ("/dashboard/", "/organisations/"),
        "admin": ("/exposure/", "/mixes/"),
        "finance": ("/bank-statements/", f"/bank-statements/{at['statement']}", "/payouts/", "/finance/", "/payment-orders/",
                    f"/payment-orders/{at['payment_order']}", f"/statement-imports/{at['statement_import']}",
                    f"/statement-mappings/{at['statement_mapping']}"),
    }  # fmt: skip


def faults_of(page: Page, path: str, lang: str) -> list[str]:
    """What is wrong with one page at both widths."""
    page.set_viewport_size({"width": WIDTHS[0], "height": 900})
    answer = page.goto(path)
    if answer is None or answer.status != 200:
        return [f"{path}: {answer and answer.status}"]
    found = [f"{path}: {fault}" for fault in page.evaluate(CHECKS)]
    if page.locator("html").get_attribute("lang") != lang:
        found.append(f"{path}: not in {lang}")
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        too_wide = page.evaluate(TOO_WIDE)
        if too_wide:
            found.append(f"{path} at {width}: {too_wide}")
    return found


@pytest.mark.prove
@pytest.mark.slow
def test_every_main_page_is_whole_in_both_languages_and_both_widths(
    enter: Callable[..., Any], world: worlds.World, at_size: Callable[[int, int], int], seed: int
) -> None:
    """In the small size each page in one language, every other in the other, as the seed has it."""
    faults: list[str] = []
    for role, paths in pages_of(world).items():
        page = enter(world.people.get(role))
        for turn, path in enumerate(paths, seed):
            both = [("zh-Hans", path), ("en", f"/en{path}")]
            for lang, address in both[at_size(turn % 2, 0) :: at_size(2, 1)]:
                faults += faults_of(page, address, lang)
    assert faults == []


def test_english_pages_say_nothing_in_chinese_but_what_is_marked_as_chinese(enter: Callable[..., Any]) -> None:
    page = enter(accounts.member(accounts.organisation("company", name_en="Haidian Materials"), name="Li Lei"))
    stranger = enter()
    left: dict[str, list[str]] = {}
    for path in ITS_OWN_WORDS:
        reader = stranger if path.startswith("/accounts/") else page
        assert reader.goto(f"/en{path}").status == 200
        left[path] = HAN.findall(reader.evaluate(ENGLISH_WORDS))
    assert left == {path: [] for path in ITS_OWN_WORDS}
