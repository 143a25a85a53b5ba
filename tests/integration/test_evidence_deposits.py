"""Deposits: the hash of a file is on the ledger before anybody sees the file, and the file is nowhere unless its owner wants it kept."""

import hashlib
import io
import json
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from ledger import verify
from ledger.app import models as tables
from ledger.app import services as ledger
from marketplace.accounts.services import erasing
from marketplace.common import files
from marketplace.common.actor import ALL_SCOPES, Actor
from marketplace.common.errors import Invalid, MissingScope, NotFound, NotVerified, Unauthenticated
from marketplace.common.models import StoredFile
from marketplace.evidence import errors, selectors
from marketplace.evidence.api.serializers import DepositInput
from marketplace.evidence.models import Deposit
from marketplace.evidence.services import depositing, packing
from marketplace.evidence.web.forms import DepositForm
from marketplace.workflow.performing import perform
from tests.factories import accounts, catalogue, evidence

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "sequencer", "owner"])
IDEA = "钠离子电池低温电解液配方，第三版".encode()
HASH = hashlib.sha256(IDEA).hexdigest()


@pytest.fixture
def vkey(settings: Any, tmp_path: Path) -> str:
    settings.MEDIA_ROOT = tmp_path / "files"
    return evidence.sign_with(settings, tmp_path)


def kept_bytes(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


def everything_in_the_database() -> bytes:
    """Every row of every table as text."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT table_name FROM information_schema.tables WHERE table_schema = 'public' AND table_type = 'BASE TABLE'")
        names = [name for (name,) in cursor.fetchall()]
        rows = []
        for name in names:
            cursor.execute(f'SELECT t::text FROM "{name}" t')
            rows += [row for (row,) in cursor.fetchall()]
    return "\n".join(rows).encode()


def test_a_file_is_hashed_and_forgotten(vkey: str, settings: Any) -> None:
    owner = accounts.organisation("company")
    made = evidence.deposit(owner, IDEA)
    assert (made.sha256, made.size, made.file) == (HASH, len(IDEA), None)
    assert StoredFile.objects.count() == 0
    assert IDEA not in kept_bytes(Path(settings.MEDIA_ROOT))
    stored = everything_in_the_database()
    assert HASH.encode() in stored
    assert IDEA not in stored
    assert IDEA.hex().encode() not in stored


def test_a_file_is_kept_only_for_whoever_asks_for_it(vkey: str) -> None:
    made = evidence.deposit(accounts.organisation("company"), IDEA, keep=True)
    assert made.file is not None
    with files.open_file(made.file) as content:
        assert content.read() == IDEA
    assert (made.file.sha256, made.file.purpose) == (HASH, "evidence_deposit")


def test_the_same_file_gives_the_same_hash_and_only_its_owner_is_told_of_earlier_deposits(vkey: str) -> None:
    owner, other = accounts.organisation("company"), accounts.organisation("company")
    first, foreign, second = evidence.deposit(owner, IDEA), evidence.deposit(other, IDEA), evidence.deposit(owner, IDEA, title="again")
    assert first.sha256 == foreign.sha256 == second.sha256 == HASH
    assert selectors.earlier_of(second) == [first]
    assert selectors.earlier_of(foreign) == []
    evidence.deposit(owner, b"another file")
    assert list(selectors.deposits_for(accounts.actor_for(owner), sha256=f" {HASH.upper()}")) == [second, first]
    assert list(selectors.deposits_for(accounts.actor_for(other), sha256=HASH)) == [foreign]
    assert selectors.deposits_for(accounts.actor_for(owner)).count() == 3
    for stranger in (accounts.actor_for(other), accounts.staff_actor("auditor"), accounts.staff_actor("admin"), Actor.anonymous()):
        with pytest.raises(NotFound):
            selectors.deposit_for(stranger, first.pk)


def test_a_hash_alone_can_be_deposited_and_a_wrong_one_is_refused(vkey: str) -> None:
    actor = accounts.actor_for(accounts.organisation("company"))
    made = depositing.deposit_make(actor=actor, title="配方", sha256=f" {HASH.upper()} ")
    assert (made.sha256, made.size) == (HASH, None)
    for wrong in ({}, {"sha256": HASH[:-1]}, {"sha256": "g" * 64}, {"sha256": "ab" * 32, "stream": io.BytesIO(IDEA)}, {"keep": True},
                  {"stream": io.BytesIO(b"")}):  # fmt: skip
        with pytest.raises(errors.HashRefused):
            depositing.deposit_make(actor=actor, title="配方", **wrong)
    with pytest.raises(Invalid):
        depositing.deposit_make(actor=actor, title="  ", sha256=HASH)
    assert Deposit.objects.count() == 1


def test_only_people_of_verified_organisations_and_experts_on_the_register_deposit(vkey: str) -> None:
    company = accounts.actor_for(accounts.organisation("company"))
    for actor, refusal in (
        (Actor.anonymous(), Unauthenticated),
        (accounts.staff_actor("reviewer"), errors.NoDepositor),
        (Actor(person_id=accounts.person().pk), errors.NoDepositor),
        (Actor(person_id=catalogue.expert(published=False).person_id), errors.NoDepositor),
        (replace(company, verified=False), NotVerified),
        (replace(company, scopes=ALL_SCOPES - {"write"}), MissingScope),
    ):
        with pytest.raises(refusal):
            depositing.deposit_make(actor=actor, title="配方", sha256=HASH)
    assert Deposit.objects.count() == 0


def test_an_expert_on_the_register_deposits_in_their_own_name_and_certifies_it(
    vkey: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed = catalogue.expert()
    actor, home = Actor(person_id=listed.person_id), accounts.actor_for(listed.organisation, person_id=listed.person_id)
    made = depositing.deposit_make(actor=actor, title="配方", stream=io.BytesIO(IDEA), name="idea.txt", keep=True)
    assert made.file is not None
    assert (made.organisation, made.person_id, made.file.owner_id) == (None, listed.person_id, listed.person_id)
    # Theirs alone: not the organisation's, not even when they act for it themselves.
    for stranger in (home, Actor(person_id=catalogue.expert().person_id), accounts.staff_actor("admin"), Actor.anonymous()):
        with pytest.raises(NotFound):
            selectors.deposit_for(stranger, made.pk)
    again = depositing.deposit_make(actor=actor, title="again", sha256=HASH)
    evidence.deposit(listed.organisation, IDEA)
    assert selectors.earlier_of(again) == [made]
    assert list(selectors.deposits_for(actor)) == [again, made]
    evidence.seal()
    (row,) = ledger.entries_of("deposit", made.pk)
    person = str(listed.person_id)
    assert {label: row.disclosures[label] for label in ledger.choosable(row)} == {
        "body": {}, "person": person, "sha256": HASH, "size": len(IDEA), "title": "配方", "type": "deposit.made",
    }  # fmt: skip
    whole = evidence.certificate(made, actor)
    packed = packing.packed(actor=actor, certificate=whole)
    (tmp_path / "evidence.zip").write_bytes(packed)
    assert verify.main(["certificate", str(tmp_path / "evidence.zip"), "--key", vkey]) == 0
    with pytest.raises(NotFound):
        packing.packed(actor=home, certificate=whole)
    told = evidence.on_paper(monkeypatch, actor, whole)
    bare = evidence.on_paper(monkeypatch, actor, evidence.certificate(made, actor, fields=[f"{made.pk}:sha256"]))
    assert [[word in paper for word in ("韩梅梅", "in their own name", "Platform staff")] for paper in (told, bare)] == [
        [True, True, False],
        [False, True, False],
    ]


def test_whoever_leaves_the_register_keeps_what_they_deposited_until_they_are_erased(vkey: str) -> None:
    listed = catalogue.expert()
    actor = Actor(person_id=listed.person_id)
    made = depositing.deposit_make(actor=actor, title="配方", stream=io.BytesIO(IDEA), name="idea.txt", keep=True)
    perform("withdraw", listed, accounts.actor_for(listed.organisation))
    with pytest.raises(errors.NoDepositor):
        depositing.deposit_make(actor=actor, title="配方", sha256=HASH)
    assert list(selectors.deposits_for(actor)) == [made]
    evidence.seal()
    erasing.erase(person=listed.person)
    made.refresh_from_db()
    assert (made.is_kept, made.title, ledger.entries_of("deposit", made.pk)[0].disclosures) == (False, "", {})
    assert [row.type for row in ledger.entries_of("deposit", made.pk)][1:] == ["ledger.erased"]


def test_who_is_erased_deposits_no_more_and_an_erasure_asks_no_more_of_more_deposits(vkey: str) -> None:
    asked = []
    for count in (1, 3):
        listed = catalogue.expert()
        for _ in range(count):
            depositing.deposit_make(actor=Actor(person_id=listed.person_id), title="配方", sha256=HASH)
        with CaptureQueriesContext(connection) as queries:
            erasing.erase(person=listed.person)
        asked.append(len(queries))
        with pytest.raises(errors.NoDepositor):
            depositing.deposit_make(actor=Actor(person_id=listed.person_id), title="配方", sha256=HASH)
    assert asked[0] == asked[1]


def test_deposits_of_people_erased_before_they_went_with_them_are_forgotten_by_the_command(
    vkey: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    gone, here = catalogue.expert(), catalogue.expert()
    theirs, kept = (depositing.deposit_make(actor=Actor(person_id=one.person_id), title="配方", sha256=HASH) for one in (gone, here))
    with monkeypatch.context() as before:
        before.setattr(erasing, "_rooms", [])
        erasing.erase(person=gone.person)
    for count in (1, 0):
        call_command("forget_deposits")
        assert f" {count} " in capsys.readouterr().out
    assert [Deposit.objects.get(pk=one.pk).title for one in (theirs, kept)] == ["", "配方"]
    evidence.seal()
    assert (ledger.entries_of("deposit", theirs.pk)[0].disclosures, ledger.entries_of("deposit", kept.pk)[0].disclosures["title"]) == (
        {},
        "配方",
    )


def test_the_database_empties_a_title_in_somebody_s_own_name_and_changes_none(vkey: str) -> None:
    own = depositing.deposit_make(actor=Actor(person_id=catalogue.expert().person_id), title="配方", sha256=HASH)
    home_s = evidence.deposit(accounts.organisation("company"), IDEA)
    for deposit, title in ((own, "另一个"), (home_s, ""), (home_s, "另一个")):
        with pytest.raises(IntegrityError, match="emptied with its person"), transaction.atomic():
            Deposit.objects.filter(pk=deposit.pk).update(title=title)


def test_the_public_log_tells_nothing_of_a_deposit_and_its_owner_can_open_it(vkey: str) -> None:
    made = evidence.deposit(accounts.organisation("company"), IDEA)
    evidence.seal()
    raw = bytes(tables.Entry.objects.get(id=made.pk).bytes)
    assert json.loads(raw)["type"] == "sealed.v1"
    for secret in (HASH, "deposit", made.title, str(made.pk.hex), made.organisation.uscc):
        assert secret.encode() not in raw.replace(str(made.pk).encode(), b""), secret
    (row,) = ledger.entries_of("deposit", made.pk)
    assert (row.type, row.disclosures["sha256"], row.disclosures["size"]) == ("deposit.made", HASH, len(IDEA))


def test_a_certificate_of_a_deposit_proves_the_file_offline(vkey: str, tmp_path: Path) -> None:
    owner = accounts.organisation("company")
    made = evidence.deposit(owner, IDEA, keep=True)
    evidence.seal()
    actor = accounts.actor_for(owner)
    certificate = evidence.certificate(made, actor)
    packed = packing.packed(actor=actor, certificate=certificate)
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        assert archive.read(f"documents/{HASH}.txt") == IDEA
    (tmp_path / "evidence.zip").write_bytes(packed)
    assert verify.main(["certificate", str(tmp_path / "evidence.zip"), "--key", vkey]) == 0
    only_hash = evidence.certificate(made, actor, fields=[f"{made.pk}:sha256"], documents=False, particulars=False)
    packed = packing.packed(actor=actor, certificate=only_hash)
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        shown = json.loads(archive.read(next(name for name in archive.namelist() if name.endswith("disclosures.json"))))
        assert json.loads(archive.read("certificate.json"))["objects"][0]["title"] == "存证"
    assert {one["label"]: one["value"] for one in shown if one["label"] != "sealed"} == {"sha256": HASH}
    assert owner.uscc.encode() not in b"".join(json.dumps(one).encode() for one in shown)


def test_a_file_whose_hash_is_withheld_is_left_out_so_that_the_evidence_still_holds(
    vkey: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner = accounts.organisation("company")
    made = evidence.deposit(owner, IDEA, keep=True)
    evidence.seal()
    actor = accounts.actor_for(owner)
    certificate = evidence.certificate(made, actor, fields=[f"{made.pk}:title"], documents=True)
    assert certificate.documents is False
    packed = packing.packed(actor=actor, certificate=certificate)
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        assert not [name for name in archive.namelist() if name.startswith("documents/")]
    told = evidence.on_paper(monkeypatch, actor, certificate)
    assert [one in told for one in (made.title, HASH, owner.uscc, f"{len(IDEA)} bytes")] == [True, False, False, False]
    (tmp_path / "evidence.zip").write_bytes(packed)
    assert verify.main(["certificate", str(tmp_path / "evidence.zip"), "--key", vkey]) == 0


def test_a_value_longer_than_a_page_is_printed_over_several(vkey: str) -> None:
    owner = accounts.organisation("company")
    made = evidence.deposit(owner, IDEA, title="\n".join("第" for _ in range(100)))
    evidence.seal()
    actor = accounts.actor_for(owner)
    assert packing.printed(actor=actor, certificate=evidence.certificate(made, actor)).startswith(b"%PDF-")


def test_a_size_that_no_entry_can_state_is_refused_by_page_and_api(vkey: str) -> None:
    fits, beyond = {"title": "x", "sha256": HASH, "size": 2**53 - 1}, {"title": "x", "sha256": HASH, "size": 2**53}
    assert (DepositForm(fits).is_valid(), DepositInput(data=fits).is_valid()) == (True, True)
    assert (list(DepositForm(beyond).errors), DepositInput(data=beyond).is_valid()) == (["size"], False)
    assert depositing.deposit_make(actor=accounts.actor_for(accounts.organisation("company")), **fits).size == 2**53 - 1


def test_a_refused_file_leaves_neither_deposit_nor_entry(vkey: str, settings: Any) -> None:
    actor = accounts.actor_for(accounts.organisation("company"))
    before = tables.Inbox.objects.count()
    with pytest.raises(files.FileRefused):
        depositing.deposit_make(actor=actor, title="x", stream=io.BytesIO(IDEA), name="idea.exe", keep=True)
    assert (Deposit.objects.count(), tables.Inbox.objects.count()) == (0, before)
