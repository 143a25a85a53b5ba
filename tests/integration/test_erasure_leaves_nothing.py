"""What was erased stands in no table, no dump and no export; that it was erased is on record, and every proof still holds."""

import json
import os
import subprocess
import zipfile
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection, connections, transaction

from ledger import verify
from ledger.app import services as ledger
from ledger.app.services.exporting import export
from marketplace.accounts.models import Consent
from marketplace.accounts.services import erasing, membering
from marketplace.config.devstack import binaries
from marketplace.evidence.services import packing
from tests.factories import accounts, evidence
from tests.factories.recorded import MOMENT, record

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "sequencer", "owner"])
NAME, NUMBER, MAIL = "韩梅梅金丝雀", "110108199003074513", "canary.erased@example.org"


@pytest.fixture
def vkey(settings: Any, tmp_path: Path) -> str:
    settings.MEDIA_ROOT = tmp_path / "files"
    return evidence.sign_with(settings, tmp_path)


def spellings(text: str) -> tuple[bytes, ...]:
    """As text, escaped as in JSON, and as the hex in which bytea is written."""
    return text.encode(), json.dumps(text)[1:-1].encode(), text.encode().hex().encode()


def holds(content: bytes, *values: str) -> list[str]:
    return [value for value in values if any(spelling in content for spelling in spellings(value))]


def tables() -> bytes:
    """Every row of every table as text."""
    with connections["owner"].cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        names = [name for (name,) in cursor.fetchall()]
        rows = []
        for name in names:
            cursor.execute(f'SELECT t::text FROM "{name}" t')
            rows += [row for (row,) in cursor.fetchall()]
    return "\n".join(rows).encode()


def dump() -> bytes:
    """What the nightly backup holds."""
    owner = connections["owner"].settings_dict
    command = [binaries.postgres_bin() / "pg_dump", "-h", owner["HOST"], "-p", str(owner["PORT"]), "-U", owner["USER"], owner["NAME"]]
    environment = {**os.environ, "PGPASSWORD": owner["PASSWORD"]}
    return subprocess.run([str(word) for word in command], env=environment, capture_output=True, check=True).stdout


def exported(folder: Path) -> bytes:
    export(folder)
    return b"".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())


def test_an_erased_value_is_in_no_table_dump_export_or_certificate_and_the_proofs_hold(vkey: str, tmp_path: Path) -> None:
    open_one, sealed_one = uuid4(), uuid4()
    record(object_id=open_one, private={"person": NAME, "id_number": NUMBER, "reason": "stays"})
    record(kind="bid", object_id=sealed_one, public=False, private={"person": NAME})
    evidence.seal()
    assert holds(tables(), NAME, NUMBER) == holds(dump(), NAME, NUMBER) == [NAME, NUMBER]
    before = exported(tmp_path / "before")
    proof = verify.main(["export", str(tmp_path / "before" / "entries.jsonl"), "--key", vkey])
    assert (proof, holds(before, NAME, NUMBER)) == (0, [])
    with transaction.atomic():
        assert ledger.erase(NAME, at=MOMENT) + ledger.erase(NUMBER, at=MOMENT) == 3
    evidence.seal()
    after = exported(tmp_path / "after")
    assert holds(tables(), NAME, NUMBER) == holds(dump(), NAME, NUMBER) == holds(after, NAME, NUMBER) == []
    # What was exported before still stands, unchanged, in front of the record of the erasing.
    lines = (tmp_path / "before" / "entries.jsonl").read_bytes().splitlines()[:-1]
    assert (tmp_path / "after" / "entries.jsonl").read_bytes().splitlines()[: len(lines)] == lines
    assert [row.type for row in ledger.entries_of("demand", open_one)].count("ledger.erased") == 2
    assert [row.type for row in ledger.entries_of("bid", sealed_one)][-1] == "ledger.erased"
    assert (
        verify.main(["export", str(tmp_path / "after" / "entries.jsonl"), "--key", vkey, "--seen", str(tmp_path / "before/checkpoint")])
        == 0
    )
    for kind, object_id in (("demand", open_one), ("bid", sealed_one)):
        packed = ledger.evidence(kind, object_id)
        (tmp_path / "evidence.zip").write_bytes(packed)
        assert verify.main(["certificate", str(tmp_path / "evidence.zip"), "--key", vkey]) == 0
        with zipfile.ZipFile(BytesIO(packed)) as archive:
            assert holds(b"".join(archive.read(name) for name in archive.namelist()), NAME, NUMBER) == []
    assert ledger.audit() == []


def test_an_erased_person_is_in_no_table_and_no_dump_and_nothing_committed_can_be_opened_to_them(vkey: str, tmp_path: Path) -> None:
    company = accounts.organisation("company")
    someone = accounts.member(company, email=MAIL, name=NAME)
    Consent.objects.create(person=someone, terms_version="1", text_sha256="0" * 64)
    membering.invite(actor=accounts.actor_for(accounts.organisation("company")), email=MAIL, roles=["member"])
    accounts.api_client(someone)
    actor = accounts.actor_for(company, person_id=someone.pk)
    deposit = evidence.deposit(company, b"by someone")
    mine = evidence.depositing.deposit_make(actor=actor, title="idea", sha256="ab" * 32)
    evidence.seal()
    certificate = evidence.certificate(mine, actor)
    assert holds(dump(), NAME, MAIL) == [NAME, MAIL]
    erasing.erase(person=someone)
    evidence.seal()
    assert holds(tables(), NAME, MAIL) == holds(dump(), NAME, MAIL) == holds(exported(tmp_path / "log"), NAME, MAIL) == []
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM ledger_disclosure WHERE value = convert_to(%s, 'UTF8')", [f'"{someone.pk}"'])
        assert cursor.fetchone() == (0,)
    assert [row.type for row in ledger.entries_of("deposit", mine.pk)] == ["deposit.made", "ledger.erased"]
    assert [row.type for row in ledger.entries_of("deposit", deposit.pk)] == ["deposit.made"]
    packed = packing.packed(actor=accounts.actor_for(company), certificate=certificate)
    (tmp_path / "evidence.zip").write_bytes(packed)
    assert verify.main(["certificate", str(tmp_path / "evidence.zip"), "--key", vkey]) == 0
    assert ledger.audit() == []
