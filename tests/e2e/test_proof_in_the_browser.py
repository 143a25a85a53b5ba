"""In a browser: an entry's proof and a certificate are recomputed by the reader's own machine, and one turned bit is refused."""

import base64
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from playwright.sync_api import Page, Route, expect

from ledger import verify as verifier
from ledger.app import selectors as log
from ledger.app import services as ledger
from ledger.app import signing
from ledger.app.services import rotating
from tests.factories.changed_evidence import mutants, packed, unpacked
from tests.factories.recorded import record
from tests.factories.rotation import hold

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True, databases=["default", "sequencer", "owner"])]

NO_ED25519 = """
const importKey = crypto.subtle.importKey.bind(crypto.subtle);
crypto.subtle.importKey = (format, data, algorithm, ...rest) => {
  if (algorithm === "Ed25519") return Promise.reject(new DOMException("Unrecognized name", "NotSupportedError"));
  return importKey(format, data, algorithm, ...rest);
};
"""
FIRST_IS_SLOW = """
const digest = crypto.subtle.digest.bind(crypto.subtle);
let slow = 1;
crypto.subtle.digest = async (...given) => {
  if (slow-- > 0) await new Promise((done) => setTimeout(done, 1000));
  return digest(...given);
};
"""
# One value has one spelling, and a lone surrogate has none.
SPELT = ['"\\u0001"', '"😀"', "[1,-2]", '"\\ud800"', '["\\udc00"]', '{"b":1,"a":1}', "[1.0]", "-0"]
DECODED = """
async (texts) => {
  const { decode } = await import("/static/desk/proof/canonical.js");
  return texts.map((text) => {
    try {
      decode(new TextEncoder().encode(text), "");
      return true;
    } catch {
      return false;
    }
  });
}
"""


@pytest.fixture
def object_id(seal: Callable[[], None]) -> UUID:
    """An object with a public and a sealed entry among those of others."""
    number = uuid4()
    for _ in range(5):
        record()
    record(object_id=number, private={"reason": "低温", "price": 4500})
    record()
    record(object_id=number, public=False, type="demand.closed", body={"to": "closed"}, private={"note": "n"})
    seal()
    return number


def verdict(page: Page) -> str:
    """What the report says once it has been computed."""
    expect(page.locator("[data-report-body] li").first).to_be_visible()
    page.wait_for_function("!/正在计算|Computing/.test(document.querySelector('[data-report-title]').textContent)")
    return str(page.locator("[data-report]").get_attribute("data-verdict"))


def entry_page(page: Page, *, spoil: Callable[[str], str] = str) -> Page:
    """The page of the sixth of eight entries, changed on its way to the reader."""

    def change(route: Route) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, body=spoil(answer.text()))

    page.route("**/ledger/entries/5/", change)
    page.goto("/ledger/entries/5/")
    return page


def attribute(html: str, name: str, change: Callable[[str], str]) -> str:
    head, rest = html.split(f'data-{name}="', 1)
    value, tail = rest.split('"', 1)
    return f'{head}data-{name}="{change(value)}"{tail}'


def turned(text: str, *, at: int) -> str:
    """Base64 with one bit of one byte turned."""
    raw = bytearray(base64.b64decode(text))
    raw[at] ^= 1
    return base64.b64encode(raw).decode()


def proof_line(number: int, *, at: int = -1) -> Callable[[str], str]:
    """Turn a bit in the last word of one line of the proof that the page carries."""

    def change(value: str) -> str:
        lines = base64.b64decode(value).decode().split("\n")
        words = lines[number].split(" ")
        lines[number] = " ".join([*words[:-1], turned(words[-1], at=at)])
        return base64.b64encode("\n".join(lines).encode()).decode()

    return lambda html: attribute(html, "proof", change)


def test_an_entry_turns_green_only_after_the_browser_has_computed_it(enter: Callable[..., Any], object_id: UUID) -> None:
    page = entry_page(enter())
    assert verdict(page) == "proven"
    checkpoint = log.latest_checkpoint()
    assert checkpoint is not None
    assert page.locator('tr[data-node="3"] [data-hash]').text_content() == checkpoint.root.hex()
    assert page.locator(".path .ours:not(.computed)").count() == 0
    expect(page.locator("[data-report-body]")).to_contain_text("校验点签名有效")

    page = entry_page(enter(script=False))
    box = page.locator("[data-report]")
    expect(box).to_contain_text("此处尚未验证")
    expect(page.locator(".offline")).to_contain_text("verify.py proof entry-5.tlog-proof")
    assert box.get_attribute("data-verdict") == "cannot"
    assert page.locator(".path .computed").count() == 0


@pytest.mark.parametrize(
    ("name", "spoil"),
    [
        ("the entry", proof_line(1)),
        ("the first hash of the path", proof_line(3)),
        ("the last hash of the path", proof_line(5)),
        ("the checkpoint's root", proof_line(9)),
        ("the checkpoint's signature", proof_line(11)),
        ("the leaf hash on the page", lambda html: attribute(html, "leaf", lambda value: value[:-1] + ("0" if value[-1] != "0" else "1"))),
        ("the words on the page", lambda html: html.replace("需求&quot;},", "要求&quot;},", 1)),
    ],
)
def test_a_single_changed_bit_makes_the_entry_red(
    enter: Callable[..., Any], object_id: UUID, name: str, spoil: Callable[[str], str]
) -> None:
    page = entry_page(enter(), spoil=spoil)
    assert verdict(page) == "broken", name
    expect(page.locator("[data-report].outline-ok")).to_have_count(0)


def test_a_browser_without_ed25519_says_that_it_did_not_check_the_signature(enter: Callable[..., Any], object_id: UUID) -> None:
    page = enter()
    page.add_init_script(NO_ED25519)
    assert verdict(entry_page(page)) == "cannot"
    expect(page.locator("[data-report]")).to_contain_text("校验点签名未检查")
    expect(page.locator("[data-report]")).to_contain_text("verify.py")


def reads(text: str) -> bool:
    """Whether the stranger's verifier takes this for canonical JSON."""
    try:
        verifier.read_json(text.encode())
    except ValueError:
        return False
    return True


def drop(page: Page, name: str, data: bytes) -> str:
    """Choose a file and return the verdict; whatever was said before is wiped first."""
    page.evaluate("document.querySelector('[data-report-body]').replaceChildren()")
    page.set_input_files("#evidence", {"name": name, "mimeType": "application/zip", "buffer": data})
    return verdict(page)


def test_a_certificate_is_checked_in_the_browser_and_every_tampered_one_refused(
    enter: Callable[..., Any], object_id: UUID, tmp_path: Path
) -> None:
    evidence = ledger.evidence("demand", object_id)
    page = enter()
    page.goto("/ledger/verify/")
    page.wait_for_load_state("networkidle")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    assert drop(page, "evidence.zip", evidence) == "proven"
    body = page.locator("[data-report-body]")
    for words in ("#5", "#7", "reason", "低温", "demand.closed", "与文件所列的对象相符", "项披露内容与承诺逐一相符"):
        expect(body).to_contain_text(words)
    assert page.locator("details.part[open]").count() == 0

    wrong = {}
    for name, data in mutants(evidence):
        (file := tmp_path / "mutant.zip").write_bytes(data)
        said = drop(page, "mutant.zip", data)
        alone = verifier.main(["certificate", str(file), "--key", log.vkeys()[0]])
        if said != "broken" or alone == verifier.SOUND:
            wrong[name] = (said, alone)
    assert wrong == {}
    taken = page.evaluate(DECODED, SPELT)
    assert taken == [reads(text) for text in SPELT] == [True, True, True, False, False, False, False, False]
    asked.clear()
    honest = {**unpacked(evidence), "certificate.json": b'{"documents": {}}'}
    assert drop(page, "evidence.zip", packed(honest, zipfile.ZIP_STORED)) == "proven"
    assert asked == []


def test_the_first_bad_entry_of_a_certificate_is_named_and_the_others_still_checked(enter: Callable[..., Any], object_id: UUID) -> None:
    files = unpacked(ledger.evidence("demand", object_id))
    files["entries/7.json"] = files["entries/7.json"].replace(b'"seq":7', b'"seq":8')
    page = enter()
    page.goto("/en/ledger/verify/")
    assert drop(page, "mutant.zip", packed(files)) == "broken"
    expect(page.locator("[data-report-note]")).to_contain_text("#7")
    expect(page.locator("[data-report-body]")).to_contain_text("It speaks of the file's object")
    expect(page.locator("details.part[open] > summary")).to_have_count(1)
    expect(page.locator("details.part[open] > summary")).to_contain_text("Entry #7")


def test_of_two_files_chosen_at_once_the_later_one_has_the_verdict(enter: Callable[..., Any], object_id: UUID) -> None:
    evidence = ledger.evidence("demand", object_id)
    page = enter()
    page.add_init_script(FIRST_IS_SLOW)
    page.goto("/en/ledger/verify/")
    for name, data in (("honest.zip", evidence), ("cut.zip", evidence[:-30])):
        page.set_input_files("#evidence", {"name": name, "mimeType": "application/zip", "buffer": data})
    page.wait_for_timeout(2500)
    assert verdict(page) == "broken"
    expect(page.locator("[data-report-body] li")).to_have_count(2)


def test_a_pasted_proof_is_checked_and_a_key_of_the_readers_own_is_believed_instead(enter: Callable[..., Any], object_id: UUID) -> None:
    page = enter()
    page.goto("/ledger/verify/")
    page.click("[data-example]")
    assert verdict(page) == "proven"
    page.evaluate("document.querySelector('[data-report-body]').replaceChildren()")
    page.click("text=所信任的公钥")
    page.fill("#keys", "example.org/log+6b5a5b1e+AUhFTExPSEVMTE9IRUxMT0hFTExPSEVMTE9IRUxMTy4=")
    page.click("text=核验粘贴的证明")
    assert verdict(page) == "broken"


def test_a_certificate_from_before_a_change_of_key_holds_and_nothing_that_the_old_key_signs_later_does(
    enter: Callable[..., Any], object_id: UUID, settings: Any, tmp_path: Path
) -> None:
    before, old = ledger.evidence("demand", object_id), signing.load_key()
    signing.make_key(tmp_path / "new", origin=settings.LEDGER_ORIGIN)
    rotating.rotate(tmp_path / "new")
    hold(settings, "new")
    rotating.retire_former()
    proof = log.proof(5)
    assert proof is not None
    stolen = replace(proof, checkpoint=old.sign(proof.checkpoint.partition("\n\n")[0] + "\n")).to_text().encode()
    page = enter()
    page.goto("/en/ledger/verify/")
    assert drop(page, "now.zip", ledger.evidence("demand", object_id)) == "proven"
    assert drop(page, "before.zip", before) == "proven"
    expect(page.locator("[data-report-body]")).to_contain_text("a former key, retired at #9")
    assert drop(page, "stolen.tlog-proof", stolen) == "broken"
    expect(page.locator("[data-report-note]")).to_contain_text("after it was retired at #9")


def test_without_scripts_the_verify_page_gives_the_commands(enter: Callable[..., Any], object_id: UUID) -> None:
    page = enter(script=False)
    page.goto("/ledger/verify/")
    expect(page.locator("main")).to_contain_text("此页的核验需要脚本")
    expect(page.locator("main")).to_contain_text("python verify.py certificate FILE.zip")
    expect(page.locator("[data-drop]")).to_be_hidden()


def test_the_search_box_of_the_ledger_leads_to_an_entry_or_says_what_can_be_looked_up(enter: Callable[..., Any], object_id: UUID) -> None:
    page = enter(width=390)
    page.goto("/ledger/")
    page.fill("main input[type=search]", "#7")
    page.press("main input[type=search]", "Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("#7")
    page.get_by_role("link", name="上一条").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("#6")
    page.goto("/en/ledger/")
    page.fill("main input[type=search]", str(object_id))
    page.press("main input[type=search]", "Enter")
    expect(page.locator(".empty")).to_contain_text("Nothing found")
    expect(page.locator("main table")).to_contain_text("64 hex digits")
