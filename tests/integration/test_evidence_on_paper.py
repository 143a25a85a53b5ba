"""The printed certificate says what it must, in both languages, and nothing that was withheld; its public page, places and hashes."""

from pathlib import Path
from typing import Any

import pytest
import segno
from django.test import Client

from marketplace.accounts.models import Person
from marketplace.agreements.models import Agreement
from marketplace.common.actor import Actor
from marketplace.evidence.services import certifying, packing, paper, printing
from tests.factories import accounts, agreements, evidence

pytestmark = [pytest.mark.django_db(transaction=True, databases=["default", "sequencer", "owner"]), pytest.mark.usefixtures("opener")]


@pytest.fixture
def sealed(settings: Any, tmp_path: Path) -> tuple[Agreement, Actor]:
    settings.MEDIA_ROOT = tmp_path / "files"
    evidence.sign_with(settings, tmp_path)
    agreement = agreements.signed()
    evidence.seal()
    return agreement, accounts.actor_for(agreement.company)


def test_a_page_names_parties_amounts_entries_and_limits_in_both_languages(
    sealed: tuple[Agreement, Actor], monkeypatch: pytest.MonkeyPatch
) -> None:
    agreement, actor = sealed
    certificate = evidence.certificate(agreement, actor)
    told = evidence.on_paper(monkeypatch, actor, certificate)
    signature = agreement.parties.get(role="team").signature
    for word in (certificate.number, agreement.company.uscc, agreement.university.uscc, signature[:64], signature[64:], "委托方", "Company",
                 "8,000.01", "人民币捌仟元零壹分", "3,200.00", "人民币叁仟贰佰元整", "4,800.01", "人民币肆仟捌佰元零壹分",
                 "不能证明", "Not proved", "第十六条", "not independent", "python verify.py certificate",
                 agreement.document_sha256):  # fmt: skip
        assert word in told, word
    for row in certifying.covered(certificate):
        assert f"#{row.seq}" in told
        assert row.leaf_hash in told


def test_what_was_withheld_is_not_on_paper(sealed: tuple[Agreement, Actor], monkeypatch: pytest.MonkeyPatch) -> None:
    agreement, actor = sealed
    whole = evidence.on_paper(monkeypatch, actor, evidence.certificate(agreement, actor))
    bare = evidence.on_paper(monkeypatch, actor, evidence.certificate(agreement, actor, fields=[], particulars=False, documents=False))
    for secret in (str(actor.person_id), agreement.document_sha256, "人民币捌仟元零壹分", agreement.university.uscc):
        assert secret in whole, secret
        assert secret not in bare, secret
    assert "申请方选择不披露的字段：13 项" in bare


def test_every_font_is_embedded_but_for_characters_beyond_it(sealed: tuple[Agreement, Actor]) -> None:
    agreement, actor = sealed
    whole = packing.printed(actor=actor, certificate=evidence.certificate(agreement, actor))
    assert b"/FontFile2" in whole
    assert b"STSong" not in whole
    rare = paper.document([paper.text("当事人：䶮")], title="", head="", number="", foot="")
    assert b"STSong-Light" in rare


def test_the_qr_code_is_that_of_the_public_page(sealed: tuple[Agreement, Actor], settings: Any) -> None:
    settings.SITE_URL = "https://jinqiao.example"
    agreement, actor = sealed
    certificate = evidence.certificate(agreement, actor)
    address = f"https://jinqiao.example/certificates/{certificate.number}/"
    assert printing.public_page(certificate) == address
    matrix = list(segno.make(address, error="m", micro=False).matrix_iter(border=2))
    drawn = paper.qr(address, 100)
    cell = 100 / len(matrix)
    dark = {(round((100 - box.y) / cell) - 1, round(box.x / cell)) for box in drawn.contents}
    assert dark == {(y, x) for y, row in enumerate(matrix) for x, on in enumerate(row) if on}


def test_a_stranger_with_the_number_sees_places_and_hashes_and_nothing_else(sealed: tuple[Agreement, Actor]) -> None:
    agreement, actor = sealed
    certificate = evidence.certificate(agreement, actor)
    page = Client().get(f"/en/certificates/{certificate.number.lower()}/").content.decode()
    for row in certifying.covered(certificate):
        assert row.leaf_hash in page
    told = Client().get(f"/api/v1/certificates/{certificate.number}/").json()
    assert [entry["seq"] for entry in told["entries"]] == [row.seq for row in certifying.covered(certificate)]
    assert (told["zip"], told["pdf"]) == (None, None)
    for secret in (agreement.title, agreement.company.name_zh, agreement.company.uscc, str(agreement.pk), str(actor.person_id)):
        assert secret not in page + str(told), secret
    found = Client().get("/ledger/search/", {"q": certificate.number.replace("-", " ").lower()})
    assert found.headers["Location"] == f"/certificates/{certificate.number}/"
    own = Client()
    own.force_login(Person.objects.get(pk=actor.person_id))
    mine = own.get(f"/en/certificates/{certificate.number}/").content.decode()
    assert ["Freeze the text" in shown for shown in (mine, page)] == [True, False]
