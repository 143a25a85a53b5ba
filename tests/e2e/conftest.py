"""A real browser before the real pages: what every test of this folder shares.

Whatever a test does, the pages it opened must not have complained on the console, broken the
Content-Security-Policy, failed to load a part of themselves, or asked another host for anything.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, Response, expect, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
QUIET = ("quic", "background-networking", "component-update", "sync", "extensions", "default-apps", "gpu")
ARGS = ["--no-sandbox", "--no-first-run", *(f"--disable-{name}" for name in QUIET)]
PATIENCE_MS = 30_000
HEARD_ELSEWHERE = "Failed to load resource"  # the console's word for an answer that `_missing` judges by its status

Enter = Callable[..., Page]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """One browser for a file's tests; none installed is a skip, or with E2E=required a failure."""
    found = next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        told = f"no browser: none of {', '.join(NAMES)} is on the path"
        if os.environ.get("E2E") == "required":
            pytest.fail(told)
        pytest.skip(told)
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        # The browser's driver keeps an event loop in this thread; the tests' queries beside it are still plain and in order.
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        expect.set_options(timeout=PATIENCE_MS)
        browser = playwright.chromium.launch(executable_path=found, args=ARGS)
        yield browser
        browser.close()


@pytest.fixture
def enter(chromium: Browser, live_server: Any, settings: Any, tmp_path: Path) -> Iterator[Enter]:
    """`enter(person)` is a fresh browser window, signed in as the person if one is given; `script=False` turns scripts off."""
    from django.test import Client

    settings.MEDIA_ROOT = tmp_path / "files"
    faults: list[str] = []
    with ExitStack() as windows:

        def enter(person: Any = None, *, script: bool = True, width: int = 1280) -> Page:
            context = chromium.new_context(
                base_url=live_server.url, locale="zh-CN", java_script_enabled=script, viewport={"width": width, "height": 900}
            )
            windows.callback(context.close)
            context.set_default_timeout(PATIENCE_MS)
            if person is not None:
                client = Client()
                client.force_login(person)
                name = settings.SESSION_COOKIE_NAME
                context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": live_server.url}])
            page = context.new_page()
            page.on("console", lambda message: faults.extend(_complaint(message)))
            page.on("pageerror", lambda error: faults.append(f"{page.url}: {error}"))
            page.on("request", lambda request: faults.extend(_foreign(request, live_server.url)))
            page.on("response", lambda response: faults.extend(_missing(response)))
            return page

        yield enter
    assert faults == []


def _complaint(message: ConsoleMessage) -> list[str]:
    if message.type != "error" or message.text.startswith(HEARD_ELSEWHERE):
        return []
    return [f"{message.location.get('url')}: {message.text}"]


def _foreign(request: Request, home: str) -> list[str]:
    asked = urlsplit(request.url)
    return [] if asked.scheme in {"data", "blob"} or asked.netloc == urlsplit(home).netloc else [f"asked another host: {request.url}"]


def _missing(response: Response) -> list[str]:
    """A part of a page that did not come, or a page that broke; a form sent back to be corrected (422) is neither."""
    part = not response.request.is_navigation_request()
    return [f"{response.status} {response.url}"] if response.status >= 500 or (part and response.status >= 400) else []


@pytest.fixture
def person_of() -> Callable[[Any], Any]:
    """The first person of an organisation."""
    return lambda organisation: organisation.memberships.order_by("id")[0].person


@pytest.fixture
def seal(settings: Any, tmp_path: Path) -> Callable[[], None]:
    """`seal()` does what the ledger's own process does: it puts in order and signs all that has been recorded."""
    from ledger.app import services as ledger
    from ledger.app import signing

    settings.LEDGER_KEY_FILE, settings.LEDGER_LAST_CHECKPOINT_FILE = str(tmp_path / "key"), ""
    signing.make_key(tmp_path / "key", origin=settings.LEDGER_ORIGIN)

    def seal() -> None:
        while ledger.sequence_batch():
            pass
        ledger.publish_checkpoint()

    return seal
