"""The desk's public pages: what is shown to whom, in the language of the address, within the page's own policy."""

import base64
import hashlib
import re
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from ledger import verify as verifier
from ledger.app import models, signing
from ledger.app import selectors as entries
from ledger.app import services as ledger
from ledger.engine import proof as proofs
from marketplace.accounts.models import Membership
from marketplace.notices.models import StoredMail
from tests.factories import catalogue, demands, recorded

pytestmark = [pytest.mark.django_db(transaction=True, databases=["default", "sequencer", "owner"]), pytest.mark.usefixtures("opener")]

LANGUAGES = {"": "zh-Hans", "/en": "en"}


@pytest.fixture
def log(settings: Any, tmp_path: Path) -> None:
    """A log of seven entries under a signed checkpoint, every other one sealed."""
    settings.LEDGER_KEY_FILE = str(tmp_path / "key")
    settings.LEDGER_LAST_CHECKPOINT_FILE = ""
    signing.make_key(tmp_path / "key", origin=settings.LEDGER_ORIGIN)
    for number in range(7):
        recorded.record(public=number % 2 == 0, type="demand.published", body={"title": f"canary-{number}"})
    ledger.sequence_batch()
    ledger.publish_checkpoint()


def page(client: Client, address: str, status: int = 200) -> str:
    """The page, which speaks its address's language and holds nothing inline."""
    answer = client.get(address)
    assert answer.status_code == status, address
    text = answer.content.decode()
    assert f'<html lang="{"en" if address.startswith("/en/") else "zh-Hans"}"' in text
    assert re.findall(r"\sstyle=|<style|\son\w+=\"|javascript:", text) == []
    assert all("src=" in tag for tag in re.findall(r"<script[^>]*>", text))
    assert "unsafe" not in answer.headers["Content-Security-Policy"]
    ids = re.findall(r'\sid="([^"]+)"', text)
    assert len(ids) == len(set(ids))
    assert len(re.findall(r"<h1[\s>]", text)) == 1
    return unescape(text)


@pytest.mark.parametrize("prefix", LANGUAGES)
def test_the_home_page_shows_what_is_open_and_no_draft(client: Client, prefix: str) -> None:
    empty = page(client, f"{prefix}/")
    assert "低温钠离子电池" not in empty
    demands.demand(title_zh="公开需求甲", title_en="Published one")
    demands.demand(until="approved", title_zh="未公开需求乙", title_en="Hidden one")
    shown = page(client, f"{prefix}/")
    assert ("Published one" if prefix else "公开需求甲") in shown
    assert "未公开需求乙" not in shown
    assert "Hidden one" not in shown


@pytest.mark.parametrize("prefix", LANGUAGES)
def test_a_search_finds_what_is_public_and_nothing_else(client: Client, prefix: str) -> None:
    demands.demand(title_zh="低温电池甲", title_en="Cells A")
    demands.demand(until="draft", title_zh="低温电池乙", title_en="Cells B")
    demands.demand(title_zh="轴承", title_en="Bearings", details_zh="低温电池秘密")
    catalogue.achievement(title_zh="低温电池丙", title_en="Cells C")
    catalogue.achievement(published=False, title_zh="低温电池丁", title_en="Cells D")
    catalogue.team(name_zh="低温电池戊", name_en="Cells E")
    catalogue.team(published=False, name_zh="低温电池己", name_en="Cells F")
    found = page(client, f"{prefix}/search/?q=低温电池")
    marks = "ABCDEF" if prefix else "甲乙丙丁戊己"
    word = "Cells " if prefix else "低温电池"
    assert [f"{word}{mark}" in found for mark in marks] == [True, False, True, False, True, False]
    assert "Bearings" not in found
    assert "轴承" not in found


@pytest.mark.parametrize(
    "query", ["", "%20", "q=%00", "q='%20OR%201=1--", "q=%26%7C!()", "q=" + "电" * 300, "q=%F0%9F%94%8B", "q=<script>alert(1)</script>"]
)
def test_a_search_for_anything_at_all_is_answered(client: Client, query: str) -> None:
    assert "<script>alert" not in client.get(f"/search/?{query}").content.decode()
    page(client, f"/search/?{query}")


@pytest.mark.parametrize("prefix", LANGUAGES)
def test_the_ledger_page_lists_the_newest_entries_and_words_the_sealed_ones_as_such(client: Client, log: None, prefix: str) -> None:
    shown = page(client, f"{prefix}/ledger/")
    links = [int(seq) for seq in re.findall(rf'href="{prefix}/ledger/entries/(\d+)/"', shown)]
    assert list(dict.fromkeys(links)) == [6, 5, 4, 3, 2, 1, 0]
    assert shown.count("For its parties only" if prefix else "仅当事人可读") == 3
    older = page(client, f"{prefix}/ledger/?before=3")
    assert list(dict.fromkeys(int(seq) for seq in re.findall(rf'href="{prefix}/ledger/entries/(\d+)/"', older))) == [2, 1, 0]


@pytest.mark.parametrize("before", ["x", "-1", "²", "9" * 30, "", "0"])
def test_the_ledger_page_takes_any_place_to_start_from(client: Client, log: None, before: str) -> None:
    page(client, f"/ledger/?before={before}")


@pytest.mark.parametrize("prefix", LANGUAGES)
def test_an_entry_s_page_holds_the_exact_bytes_and_what_a_browser_needs_to_prove_them(client: Client, log: None, prefix: str) -> None:
    shown = page(client, f"{prefix}/ledger/entries/4/")
    kept = models.Entry.objects.get(seq=4)
    proof = proofs.parse(base64.b64decode(re.findall(r'data-proof="([^"]+)"', shown)[0]).decode())
    assert (proof.index, proof.extra) == (4, bytes(kept.bytes))
    assert re.findall(r"data-exact>(.*)</pre>", shown) == [bytes(kept.bytes).decode()]
    assert re.findall(r'data-leaf="([^"]+)"', shown) == [hashlib.sha256(b"\0" + bytes(kept.bytes)).hexdigest()]
    assert re.findall(r'data-keys="([^"]+)"', shown) == entries.vkeys()
    assert "canary-4" in shown
    assert f'href="{prefix}/ledger/entries/3/"' in shown
    assert f'href="{prefix}/ledger/entries/5/"' in shown


def test_the_files_of_an_entry_are_its_exact_bytes_and_its_proof(client: Client, log: None) -> None:
    kept = bytes(models.Entry.objects.get(seq=4).bytes)
    handed = client.get("/ledger/entries/4.bytes")
    assert handed.content == kept
    assert handed.headers["Content-Disposition"] == 'attachment; filename="entry-4.json"'
    assert proofs.parse(client.get("/ledger/entries/4.tlog-proof").content.decode()).extra == kept
    assert [client.get(f"/ledger/entries/{seq}").status_code for seq in ("7.bytes", "7.tlog-proof", f"{2**70}.bytes")] == [404] * 3
    assert client.get("/ledger/verify.py").content == Path(verifier.__file__).read_bytes()


def test_a_sealed_entry_s_page_says_nothing_of_what_it_seals(client: Client, log: None) -> None:
    shown = page(client, "/en/ledger/entries/3/")
    assert "canary" not in shown
    assert "demand.published" not in shown


@pytest.mark.parametrize("seq", ["7", "999999999999999999999999"])
def test_an_entry_that_is_not_there_is_not_found(client: Client, log: None, seq: str) -> None:
    page(client, f"/ledger/entries/{seq}/", 404)


@pytest.mark.parametrize("prefix", LANGUAGES)
def test_the_desk_is_for_those_who_are_signed_in(client: Client, prefix: str) -> None:
    for address in ("dashboard", "notices"):
        answer = client.get(f"{prefix}/{address}/")
        assert answer.status_code in (302, 401)
        assert answer.status_code == 401 or "login" in answer.headers["Location"]
    mine = demands.demand(until="draft", title_zh="我的草稿", title_en="My draft")
    client.force_login(Membership.objects.get(organisation=mine.organisation).person)
    assert ("My draft" if prefix else "我的草稿") in page(client, f"{prefix}/dashboard/")
    page(client, f"{prefix}/notices/")


def test_the_demonstration_s_mail_page_exists_in_the_demonstration_only(client: Client, settings: Any) -> None:
    StoredMail.objects.create(to="li@example.org", subject="验证码", body="123456", created_at="2026-03-01T00:00Z")
    settings.DEMO_LOGINS = True
    assert "123456" in page(client, "/mail/")
    assert "123456" not in page(client, "/en/mail/?to=someone@example.org")
    settings.DEMO_LOGINS = False
    assert "123456" not in page(client, "/mail/", 404)
    for prefix in LANGUAGES:
        assert "/mail/" not in page(client, f"{prefix}/")
