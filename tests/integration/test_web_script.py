"""The page's script in a real browser, without a server: what it says must be what the server will say."""

import os
import random
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from marketplace.common.money import capital, yuan

SCRIPT = Path(__file__).resolve().parents[2] / "platform" / "marketplace" / "web" / "static" / "web" / "js" / "web.js"
PAGE = """<html lang="zh-Hans"><body>
<form><input id="amount"><output for="amount" data-capital></output><button id="send" data-once>Send</button></form>
<main><input type="search" id="find"></main>
<dialog id="menu"></dialog><a id="open" href="#doors" data-drawer="menu">Menu</a>
</body></html>"""

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def page() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        if os.environ.get("E2E") == "required":
            pytest.fail("E2E=required, but no Chromium is installed.")
        pytest.skip("no Chromium is installed")
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu", "--disable-quic"])
        opened = browser.new_page()
        opened.set_content(PAGE)
        opened.add_script_tag(content=SCRIPT.read_text(encoding="utf-8"))
        yield opened
        browser.close()


def test_capital_numerals_while_typing_are_those_of_the_server(page: Any, seed: int) -> None:
    amounts = [0, 1, 10, 100, 100_000, 10_050, 1_000_000, 10_000_001, 1_000_000_001, 315_460_340_794, 100_000_000_000]
    chance = random.Random(seed)
    amounts += [chance.randrange(10 ** chance.randrange(1, 14)) for _ in range(150)]
    said = page.evaluate(
        """texts => texts.map((text) => {
            const box = document.getElementById("amount");
            box.value = text;
            box.dispatchEvent(new Event("input"));
            return document.querySelector("output").textContent;
        })""",
        [yuan(fen) for fen in amounts],
    )
    assert dict(zip(amounts, said, strict=True)) == {fen: f"人民币{capital(fen)}" for fen in amounts}


@pytest.mark.parametrize("text", ["", "12.345", "一万", "-5", "1e5"])
def test_what_is_not_an_amount_gets_no_numerals(page: Any, text: str) -> None:
    page.fill("#amount", text)
    assert page.text_content("output") == ""


def test_a_slash_leads_to_the_search_box_but_not_while_writing(page: Any) -> None:
    page.fill("#amount", "")
    page.focus("#amount")
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "amount"
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "find"
    assert page.input_value("#find") == ""


def test_the_menu_opens_as_a_dialog_and_closes_by_escape(page: Any) -> None:
    page.click("#open")
    assert page.evaluate("document.getElementById('menu').open")
    page.keyboard.press("Escape")
    assert not page.evaluate("document.getElementById('menu').open")


def test_a_form_is_sent_once_for_two_clicks(page: Any) -> None:
    page.evaluate("""() => {
        window.sent = 0;
        document.querySelector("form").addEventListener("submit", (event) => { event.preventDefault(); window.sent += 1; });
    }""")
    page.click("#send")
    page.wait_for_function("document.getElementById('send').disabled")
    page.evaluate("document.getElementById('send').click()")
    assert page.evaluate("window.sent") == 1
