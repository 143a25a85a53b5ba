"""Certificates: a number that can be looked up, fields that the asker chooses, documents held against the log, and paper that reads."""

import io
import json
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from ledger import verify
from ledger.app import services as ledger
from marketplace.agreements.models import Agreement
from marketplace.common import clock
from marketplace.common.actor import ALL_SCOPES, Actor
from marketplace.common.errors import MissingScope, NotFound, Unauthenticated
from marketplace.evidence import errors, selectors
from marketplace.evidence.models import Certificate
from marketplace.evidence.numbers import ALPHABET, new_number, read_number
from marketplace.evidence.services import certifying, packing
from marketplace.funding.models import Payout
from tests.factories import accounts, agreements, evidence, funding

pytestmark = [pytest.mark.django_db(transaction=True, databases=["default", "sequencer", "owner"]), pytest.mark.usefixtures("opener")]


@pytest.fixture
def vkey(settings: Any, tmp_path: Path) -> str:
    settings.MEDIA_ROOT = tmp_path / "files"
    return evidence.sign_with(settings, tmp_path)


def signed() -> tuple[Agreement, Actor]:
    agreement = agreements.signed()
    evidence.seal()
    return agreement, accounts.actor_for(agreement.company)


def contents(packed: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def verdict(packed: bytes | dict[str, bytes], vkey: str, folder: Path) -> int:
    if isinstance(packed, dict):
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            for name, data in packed.items():
                archive.writestr(name, data)
        packed = buffer.getvalue()
    (folder / "evidence.zip").write_bytes(packed)
    return verify.main(["certificate", str(folder / "evidence.zip"), "--key", vkey])


def keys_of(agreement: Agreement, actor: Actor) -> dict[str, str]:
    """The keys by which fields are chosen, by type and label."""
    offered = certifying.offer(actor=actor, kind="agreement", object_id=agreement.pk)
    return {f"{line.row.type} {field.label}": field.key for line in offered.lines for field in line.fields}


def test_a_number_is_read_however_it_was_typed_and_nothing_else_is() -> None:
    number = new_number()
    assert set(number.replace("-", "")[2:]) <= set(ALPHABET)
    plain = number.replace("-", "")
    for typed in (number, plain, number.lower(), f" {plain[:6]} {plain[6:]} ", plain[:2] + plain[2:].replace("0", "o").replace("1", "l")):
        assert read_number(typed) == number, typed
    for wrong in ("", "JQ", plain[:-1], plain + "0", plain.replace("JQ", "QJ"), "JQ" + "U" * 16):
        assert read_number(wrong) is None, wrong


def test_a_certificate_holds_entries_proofs_keys_and_the_very_text_and_a_stranger_can_check_it(
    vkey: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    agreement, actor = signed()
    certificate = evidence.certificate(agreement, actor)
    packed = packing.packed(actor=actor, certificate=certificate)
    files = contents(packed)
    document = f"documents/{agreement.document_sha256}.txt"
    assert files[document].decode() == agreement.document
    assert files["certificate.pdf"].startswith(b"%PDF-")
    parties = json.loads(files["parties.json"])
    assert [party["public_key"] for party in parties] == [party.key.public_key for party in agreement.parties.order_by("role")]
    assert json.loads(files["certificate.json"])["number"] == certificate.number
    assert "python verify.py certificate" in files["README.txt"].decode()
    assert verdict(packed, vkey, tmp_path) == 0
    assert "the signatures of 2 parties hold" in capsys.readouterr().out


def test_another_text_or_another_signature_in_the_file_is_found(vkey: str, tmp_path: Path) -> None:
    agreement, actor = signed()
    files = contents(packing.packed(actor=actor, certificate=evidence.certificate(agreement, actor)))
    document = f"documents/{agreement.document_sha256}.txt"
    assert verdict({**files, document: files[document] + b" "}, vkey, tmp_path) == 1
    stranger = f"documents/{'ab' * 32}.txt"
    assert verdict({**files, stranger: b"never agreed"}, vkey, tmp_path) == 1
    seq = max(json.loads(files["certificate.json"])["entries"])
    (entry,) = [json.loads(files[f"entries/{seq}.json"])]
    statement = next(one["value"] for one in json.loads(files[f"entries/{seq}.disclosures.json"]) if one["label"] == "statement")
    with pytest.raises(verify.Tampered):
        verify._check_signatures(entry["body"], statement.replace('"version":1', '"version":2'))


def test_only_chosen_fields_are_disclosed_and_the_file_still_holds(vkey: str, tmp_path: Path) -> None:
    agreement, actor = signed()
    keys = keys_of(agreement, actor)
    chosen = [keys["agreement.signed statement"], keys["agreement.frozen body"]]
    certificate = evidence.certificate(agreement, actor, fields=chosen, documents=False, particulars=False)
    offered = certifying.offer(actor=actor, kind="agreement", object_id=agreement.pk).keys
    assert certificate.withheld == len(offered) - 2
    packed = packing.packed(actor=actor, certificate=certificate)
    files = contents(packed)
    shown = {
        (json.loads(files[f"entries/{seq}.json"])["type"], one["label"])
        for seq in json.loads(files["certificate.json"])["entries"]
        for one in json.loads(files[f"entries/{seq}.disclosures.json"])
    }
    assert shown == {("agreement.signed", "statement"), ("sealed.v1", "body"), ("sealed.v1", "sealed")}
    assert not {name for name in files if name.startswith("documents/") or name == "parties.json"}
    assert str(actor.person_id).encode() not in b"".join(data for name, data in files.items() if name.startswith("entries/"))
    assert verdict(packed, vkey, tmp_path) == 0


def test_a_certificate_proves_an_agreement_whole_with_its_milestones_and_the_payouts_that_the_asker_may_see(
    vkey: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    agreement = agreements.active()
    agreements.released(agreement, 1)
    first, second = agreement.milestones.order_by("ordinal")[:2]
    payout = Payout.objects.get(purpose_id=first.pk)
    funding.bank_account(agreement.university)
    funding.approved_payout(payout)
    evidence.seal()
    team, company = accounts.actor_for(agreement.university), accounts.actor_for(agreement.company)

    def objects(actor: Actor) -> list[tuple[str, str]]:
        files = contents(packing.packed(actor=actor, certificate=evidence.certificate(agreement, actor)))
        return [(one["kind"], one["object"]) for one in json.loads(files["certificate.json"])["objects"]]

    seen = [("agreement", str(agreement.pk)), ("milestone", str(first.pk)), ("milestone", str(second.pk))]
    assert objects(company) == seen
    assert objects(team) == [*seen, ("payout", str(payout.pk))]
    packed = packing.packed(actor=team, certificate=evidence.certificate(agreement, team))
    assert verdict(packed, vkey, tmp_path) == 0
    said = capsys.readouterr().out
    assert "4 objects" in said
    for event in ("agreement.effective", "milestone.started", "milestone.released", "payout.approved_2"):
        assert event in said
    files = contents(packed)
    values = {
        (one["label"], one["value"])
        for name in files
        if name.endswith("disclosures.json")
        for one in json.loads(files[name])
        if one["label"] in {"agreement", "payout", "net_fen"}
    }
    assert values == {("agreement", str(agreement.pk)), ("payout", str(payout.pk)), ("net_fen", first.net_fen)}
    # What was delivered lies beside the text, for it is an agreement's document as well.
    assert first.deliverable is not None
    assert files[f"documents/{first.deliverable.sha256}.txt"] == b"measured"
    assert set(json.loads(files["certificate.json"])["documents"].values()) == {"agreement.txt", "M1 report.txt"}
    # Without one object's secret its entries are strangers to the file; and none may be named without entries.
    secrets = json.loads(files["handles.json"])
    assert len(secrets) == 4
    for changed in (secrets[:3], [*secrets, "ab" * 32], []):
        assert verdict({**files, "handles.json": json.dumps(changed, separators=(",", ":")).encode()}, vkey, tmp_path) == 1


def test_what_was_delivered_is_left_out_where_its_hash_is_withheld_or_the_file_would_be_too_large(
    vkey: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    agreement = agreements.active()
    delivered = agreements.delivered(agreement, 1).deliverable
    assert delivered is not None
    evidence.seal()
    actor = accounts.actor_for(agreement.university)
    keys = keys_of(agreement, actor)
    without = [key for name, key in keys.items() if name != "milestone.submitted file_sha256"]
    assert len(without) == len(keys) - 1

    def enclosed(certificate: Certificate) -> set[str]:
        packed = packing.packed(actor=actor, certificate=certificate)
        assert verdict(packed, vkey, tmp_path) == 0
        return set(json.loads(contents(packed)["certificate.json"])["documents"].values())

    withheld, whole = evidence.certificate(agreement, actor, fields=without), evidence.certificate(agreement, actor)
    assert (enclosed(withheld), enclosed(whole)) == ({"agreement.txt"}, {"agreement.txt", "M1 report.txt"})
    assert delivered.sha256 not in evidence.on_paper(monkeypatch, actor, withheld)
    monkeypatch.setattr(certifying, "LARGEST_TOGETHER", len(agreement.document.encode()))
    assert enclosed(whole) == {"agreement.txt"}
    told = evidence.on_paper(monkeypatch, actor, whole)
    assert all(word in told for word in ("M1 report.txt", delivered.sha256, "Not enclosed"))


def test_a_field_that_was_not_offered_is_refused(vkey: str) -> None:
    agreement, actor = signed()
    for wrong in (f"{uuid4()}:person", "nonsense", next(iter(keys_of(agreement, actor).values())).partition(":")[0] + ":sealed"):
        with pytest.raises(errors.NoSuchField):
            evidence.certificate(agreement, actor, fields=[wrong])
    assert Certificate.objects.count() == 0


def test_certificates_are_for_whoever_may_see_the_object_and_their_files_for_the_side_that_asked(vkey: str) -> None:
    agreement, company = signed()
    stranger = accounts.actor_for(accounts.organisation("company"))
    for actor, refusal in (
        (stranger, NotFound),
        (Actor.anonymous(), Unauthenticated),
        (replace(company, scopes=ALL_SCOPES - {"write"}), MissingScope),
    ):
        with pytest.raises(refusal):
            evidence.certificate(agreement, actor)
    certificate = evidence.certificate(agreement, company)
    team, auditor = accounts.actor_for(agreement.university), accounts.staff_actor("auditor")
    for actor in (stranger, team, auditor, Actor.anonymous()):
        with pytest.raises(NotFound):
            packing.packed(actor=actor, certificate=certificate)
    theirs = evidence.certificate(agreement, auditor)
    assert contents(packing.packed(actor=auditor, certificate=theirs)).keys() >= {"certificate.pdf", "parties.json"}
    # The auditor reads what the ledger commits to, never the text.
    assert not any(name.startswith("documents/") for name in contents(packing.packed(actor=auditor, certificate=theirs)))
    with pytest.raises(NotFound):
        certifying.issue(actor=company, kind="bid", object_id=agreement.pk)


def test_a_number_leads_to_its_certificate_with_who_asked_and_when(vkey: str) -> None:
    agreement, actor = signed()
    before = clock.now()
    certificate = evidence.certificate(agreement, actor)
    found = selectors.certificate_by_number(certificate.number.replace("-", "").lower())
    assert found == certificate
    assert (found.kind, found.object_id, found.organisation, found.asked_by) == (
        "agreement", agreement.pk, agreement.company, actor.person_id,
    )  # fmt: skip
    assert before <= found.issued_at <= clock.now()
    assert [row.type for row in certifying.covered(found)][-1] == "agreement.signed"
    assert selectors.certificate_by_number("JQ-0000-0000-0000-0000") is None
    with pytest.raises(NotFound):
        selectors.certificate("not a number")


def test_before_the_checkpoint_there_is_nothing_to_certify(vkey: str) -> None:
    agreement = agreements.signed()
    with pytest.raises(errors.EvidenceNotYet):
        evidence.certificate(agreement, accounts.actor_for(agreement.company))


def test_a_later_entry_is_not_in_an_earlier_certificate_and_what_was_erased_is_in_none(vkey: str, tmp_path: Path) -> None:
    agreement, actor = signed()
    certificate = evidence.certificate(agreement, actor)
    before = contents(packing.packed(actor=actor, certificate=certificate))
    ledger.erase(str(actor.person_id), at=clock.now())
    evidence.seal()
    after_packed = packing.packed(actor=actor, certificate=certificate)
    after = contents(after_packed)
    assert json.loads(after["certificate.json"])["entries"] == json.loads(before["certificate.json"])["entries"]
    assert str(actor.person_id).encode() in b"".join(before.values())
    assert str(actor.person_id).encode() not in b"".join(after.values())
    assert verdict(after_packed, vkey, tmp_path) == 0
