"""A person deposits a hash without sending the file, and takes a certificate of chosen fields, in a real browser."""

import hashlib
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from marketplace.common.models import StoredFile
from marketplace.evidence.models import Certificate, Deposit
from tests.factories import accounts

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True, databases=["default", "sequencer", "owner"])]
IDEA = "钠离子电池低温电解液配方".encode()
HASH = hashlib.sha256(IDEA).hexdigest()


@pytest.fixture
def idea(tmp_path: Path) -> Path:
    file = tmp_path / "idea.txt"
    file.write_bytes(IDEA)
    return file


def test_the_browser_hashes_the_file_and_does_not_send_it_and_a_certificate_follows(
    enter: Callable[..., Any], seal: Callable[[], None], person_of: Callable[[Any], Any], idea: Path
) -> None:
    page = enter(person_of(accounts.organisation("company")))
    bodies: list[bytes] = []
    page.on("request", lambda request: bodies.append(request.post_data_buffer or b""))
    page.goto("/deposits/")
    page.set_input_files("#id_file", idea)
    expect(page.locator("#id_sha256")).to_have_value(HASH)
    expect(page.locator("#id_title")).to_have_value("idea.txt")
    expect(page.locator("[data-hashing=done]")).to_be_visible()
    page.locator("main form button.btn-primary").click()
    page.wait_for_url(re.compile(r"/deposits/[0-9a-f-]{36}/$"))
    made = Deposit.objects.get()
    assert (made.sha256, made.size, made.file, StoredFile.objects.count()) == (HASH, len(IDEA), None, 0)
    assert HASH.encode() in b"".join(bodies)
    assert IDEA not in b"".join(bodies)
    page.goto("/deposits/")
    page.set_input_files("#find-file", idea)
    page.wait_for_url(f"**/deposits/?sha256={HASH}#deposited")
    expect(page.locator("#deposited tbody tr")).to_have_count(1)
    assert IDEA not in b"".join(bodies)
    page.locator("#deposited tbody a").click()
    seal()
    page.locator("#act a.btn-primary").click()
    page.locator("input[name=disclose]").first.wait_for()
    for box in page.locator("input[name=disclose]").all():
        box.uncheck()
    page.locator("input[name=disclose][value$=':sha256']").check()
    page.locator("main form button.btn-primary").click()
    page.wait_for_url(re.compile(r"/certificates/JQ(-[0-9A-Z]{4}){4}/$"))
    issued = Certificate.objects.get()
    assert issued.shown == {str(made.pk): ["sha256"]}
    with page.expect_download() as download:
        page.locator("a[href='pdf/']").click()
    assert download.value.suggested_filename == f"{issued.number}.pdf"
    assert Path(download.value.path()).read_bytes().startswith(b"%PDF-")


def test_nothing_can_be_sent_while_the_browser_still_hashes(enter: Callable[..., Any], person_of: Callable[[Any], Any], idea: Path) -> None:
    page = enter(person_of(accounts.organisation("company")))
    page.goto("/deposits/")
    page.evaluate("() => { crypto.subtle.digest = () => new Promise(() => {}); }")
    page.set_input_files("#id_file", idea)
    expect(page.locator("[data-hashing=work]")).to_be_visible()
    expect(page.locator("main form button.btn-primary")).to_be_disabled()


@pytest.mark.parametrize(
    "trouble",
    [
        "() => Object.defineProperty(File.prototype, 'size', {get: () => 2 ** 31})",
        "() => { crypto.subtle.digest = () => Promise.reject(); }",
    ],
    ids=["large", "failed"],
)
def test_a_file_that_the_browser_cannot_hash_is_chosen_no_more_and_the_page_says_what_to_do(
    enter: Callable[..., Any], person_of: Callable[[Any], Any], idea: Path, trouble: str
) -> None:
    page = enter(person_of(accounts.organisation("company")), width=390)
    page.goto("/en/deposits/")
    page.evaluate(trouble)
    page.set_input_files("#id_file", idea)
    expect(page.locator("[data-hashing=large]")).to_contain_text("sha256sum")
    assert page.locator("#id_file").evaluate("field => field.files.length") == 0
    expect(page.locator("main form button.btn-primary")).to_be_enabled()


def test_without_scripts_the_file_is_sent_hashed_and_forgotten(
    enter: Callable[..., Any], person_of: Callable[[Any], Any], idea: Path
) -> None:
    page = enter(person_of(accounts.organisation("company")), script=False, width=390)
    page.goto("/en/deposits/")
    page.fill("#id_title", "recipe")
    page.set_input_files("#id_file", idea)
    page.locator("main form button.btn-primary").click()
    page.wait_for_url(re.compile(r"/en/deposits/[0-9a-f-]{36}/$"))
    made = Deposit.objects.get()
    assert (made.sha256, made.file, StoredFile.objects.count()) == (HASH, None, 0)
