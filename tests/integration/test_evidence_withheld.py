"""What a certificate keeps back stands nowhere in its file: neither in titles nor as an id, and staff's own fields are never offered."""

import io
import json
import re
import zipfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from ledger.app import selectors as log
from ledger.app import services as ledger
from marketplace.agreements.models import Agreement
from marketplace.common.actor import Actor
from marketplace.evidence.services import certifying, packing
from marketplace.funding.models import Payout
from marketplace.workflow.performing import perform
from tests.factories import accounts, agreements, evidence, funding

pytestmark = [pytest.mark.django_db(transaction=True, databases=["default", "sequencer", "owner"]), pytest.mark.usefixtures("opener")]

STAFF_ONLY = {
    ("payout.approved_1", "person"),
    ("payout.approved_2", "person"),
    ("payout.sent", "payment_order"),
    ("payout.paid", "statement_line"),
}


@pytest.fixture
def agreement(settings: Any, tmp_path: Path) -> Agreement:
    """One milestone paid by the bank, and a revenue report."""
    settings.MEDIA_ROOT = tmp_path / "files"
    evidence.sign_with(settings, tmp_path)
    made = agreements.active()
    payout = Payout.objects.get(purpose_id=agreements.released(made, 1).pk)
    funding.bank_account(made.university)
    payout = perform("schedule", funding.approved_payout(payout), funding.SYSTEM)
    payout = perform("send", payout, funding.SYSTEM, order_id=uuid4())
    perform("confirm", payout, funding.SYSTEM, line_id=uuid4())
    period = {"period_from": date(2026, 3, 1), "period_to": date(2026, 3, 31)}
    agreements.reported(made, revenue_fen=5_432_100, shared=1_234_500, **period)
    evidence.seal()
    return made


def offered(agreement: Agreement, actor: Actor) -> set[tuple[str, str]]:
    lines = certifying.offer(actor=actor, kind="agreement", object_id=agreement.pk).lines
    return {(line.row.type, field.label) for line in lines for field in line.fields}


def leaves(value: Any) -> Iterator[str]:
    if isinstance(value, dict | list):
        for one in value.values() if isinstance(value, dict) else value:
            yield from leaves(one)
    else:
        yield str(value)


def committed(agreement: Agreement, actor: Actor) -> set[str]:
    """All that the covered entries commit to and do not publish, but for words and numbers too short to be told from others."""
    lines = certifying.offer(actor=actor, kind="agreement", object_id=agreement.pk).lines
    values = {one for line in lines for label in ledger.choosable(line.row) for one in leaves(line.row.disclosures[label])}
    return {one for one in values - {one for line in lines if line.row.public for one in leaves(line.row.body)} if len(one) > 6}


def stands_in(text: str, value: str) -> bool:
    return re.search(rf"(?<![0-9A-Za-z]){re.escape(value)}(?![0-9A-Za-z])", text) is not None


def test_with_nothing_ticked_no_committed_value_stands_in_the_file_or_on_paper(
    agreement: Agreement, monkeypatch: pytest.MonkeyPatch
) -> None:
    team = accounts.actor_for(agreement.university)
    payout = Payout.objects.get()
    secrets = committed(agreement, team)
    assert secrets >= {str(agreement.pk), str(payout.pk), payout.reference, "2026-03-01", "2026-03-31", "5432100", "payout.paid"}
    bare = evidence.certificate(agreement, team, fields=[], particulars=False, documents=False)
    with zipfile.ZipFile(io.BytesIO(packing.packed(actor=team, certificate=bare))) as archive:
        files = {name: archive.read(name).decode(errors="replace") for name in archive.namelist() if not name.endswith(".pdf")}
    files["the pages"] = evidence.on_paper(monkeypatch, team, bare)
    assert [(name, value) for name, text in files.items() for value in secrets if stands_in(text, value)] == []
    told = json.loads(files["certificate.json"])["objects"]
    assert [one["title"] for one in told] == [agreement.title, "里程碑 M1", "里程碑 M2", "里程碑 M1的划付 1", "收益申报 1"]
    for title in ("Payout 1 of milestone M1", "Revenue report 1", "Milestone M2"):
        assert title in files["the pages"], title
    whole = evidence.on_paper(monkeypatch, team, evidence.certificate(agreement, team))
    for value in (str(agreement.pk), payout.reference, "2026-03-01", "payout.paid"):
        assert value in whole, value


def test_who_of_the_staff_acted_and_the_banks_papers_are_for_staff_to_disclose(agreement: Agreement) -> None:
    team, finance = accounts.actor_for(agreement.university), accounts.staff_actor("finance")
    assert offered(agreement, finance) - offered(agreement, team) == STAFF_ONLY
    assert {("payout.paid", "reference"), ("milestone.submitted", "person")} <= offered(agreement, team)
    payout = Payout.objects.get()
    kept = {
        value for row in log.entries_of("payout", payout.pk) for label, value in row.disclosures.items() if (row.type, label) in STAFF_ONLY
    }
    assert len(kept) == len(STAFF_ONLY)

    with zipfile.ZipFile(io.BytesIO(packing.packed(actor=team, certificate=evidence.certificate(agreement, team)))) as archive:
        told = "".join(archive.read(name).decode() for name in archive.namelist() if name.endswith(".json"))
    assert payout.reference in told
    assert [value for value in kept if value in told] == []
