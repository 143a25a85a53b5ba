"""Time-stamps of checkpoints: kept once a day, only when the authority's answer holds, and handed on with certificates.

`tests/factories/timestamps` holds a checkpoint of a log of three entries, an authority's answer over it as it was
recorded once, and the root under which that answer holds.
"""

import base64
import io
import urllib.error
import zipfile
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from ledger import verify
from ledger.app import selectors as log
from ledger.app.selectors import PublishedCheckpoint
from marketplace.common import clock
from marketplace.evidence import tasks
from marketplace.evidence.models import Timestamp
from marketplace.evidence.services import packing, timestamping
from tests.factories import accounts, evidence

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "sequencer", "owner"])
RECORDED = Path(__file__).resolve().parents[1] / "factories" / "timestamps"
NOTE, ANSWER = (RECORDED / "checkpoint.txt").read_text(encoding="utf-8"), (RECORDED / "answer.tsr").read_bytes()
WHEN = datetime(2026, 11, 23, 5, 14, 42, tzinfo=UTC)


@dataclass
class Authority:
    """Answers as it was recorded, and remembers what it was asked."""

    asked: list[bytes]
    answer: bytes = ANSWER

    def __call__(self, query: bytes) -> bytes:
        self.asked.append(query)
        return self.answer


@pytest.fixture
def authority(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Authority:
    """An authority is named, and the newest checkpoint is the recorded one."""
    settings.LEDGER_TSA_URL, settings.LEDGER_TSA_ROOTS = "https://tsa.example/stamp", str(RECORDED / "root.pem")
    newest(monkeypatch, NOTE)
    return Authority([])


def newest(monkeypatch: pytest.MonkeyPatch, note: str) -> None:
    size = int(note.split("\n")[1])
    monkeypatch.setattr(log, "latest_checkpoint", lambda: PublishedCheckpoint(size, b"", note, "", WHEN))


def test_the_newest_checkpoint_is_stamped_and_the_authoritys_time_is_kept(authority: Authority) -> None:
    made = timestamping.stamp(authority)
    assert made is not None
    kept = Timestamp.objects.get()
    assert (kept.size, kept.note, bytes(kept.token), kept.authority, kept.stamped_at) == (3, NOTE, ANSWER, "tsa.example", WHEN)
    assert len(authority.asked) == 1
    assert timestamping.stamp(authority) is None, "the same checkpoint is stamped once"


def test_a_day_goes_by_between_two_stamps(authority: Authority, monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    early = Timestamp(
        size=1, note="older", token=b"x", authority="tsa.example", stamped_at=WHEN, received_at=clock.now() - timedelta(hours=23)
    )
    early.save(force_insert=True)
    assert timestamping.stamp(authority) is None
    monkeypatch.setattr(timestamping, "EVERY", timedelta(hours=22))
    assert timestamping.stamp(authority) is not None


@pytest.mark.parametrize("wrong", ["cut", "flipped", "another note", "another root", "no answer at all"])
def test_an_answer_that_does_not_hold_is_not_kept(
    authority: Authority, monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Path, wrong: str
) -> None:
    if wrong == "cut":
        authority.answer = ANSWER[:-20]
    elif wrong == "flipped":
        authority.answer = ANSWER[:-9] + bytes([ANSWER[-9] ^ 1]) + ANSWER[-8:]
    elif wrong == "another note":
        newest(monkeypatch, NOTE.replace("\n3\n", "\n4\n"))
    elif wrong == "another root":
        (tmp_path / "none.pem").write_text("")
        settings.LEDGER_TSA_ROOTS = str(tmp_path / "none.pem")
    else:
        authority.answer = b"<html>busy</html>"
    with pytest.raises(timestamping.AuthorityFault):
        timestamping.stamp(authority)
    assert Timestamp.objects.count() == 0


def test_nothing_is_asked_of_anybody_unless_an_authority_is_named(authority: Authority, settings: Any) -> None:
    settings.LEDGER_TSA_URL = ""
    assert timestamping.stamp(authority) is None
    tasks.stamp_checkpoint()
    assert (authority.asked, Timestamp.objects.count()) == ([], 0)


def test_an_authority_that_is_away_is_a_fault_and_not_a_stamp(authority: Authority, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: Any, **__: Any) -> Any:
        raise urllib.error.URLError("no route")

    monkeypatch.setattr(timestamping.urllib.request, "urlopen", away)
    with pytest.raises(timestamping.AuthorityFault, match="cannot be reached"):
        tasks.stamp_checkpoint()
    assert Timestamp.objects.count() == 0


def test_everybody_can_read_the_stamps(authority: Authority) -> None:
    timestamping.stamp(authority)
    (row,) = Client().get("/api/v1/timestamps/").json()["results"]
    assert (row["size"], row["note"], base64.b64decode(row["token"]), row["authority"]) == (3, NOTE, ANSWER, "tsa.example")


def test_a_certificate_carries_the_first_stamp_above_each_entry_and_still_holds(settings: Any, tmp_path: Path) -> None:
    vkey = evidence.sign_with(settings, tmp_path)
    owner = accounts.organisation("company")
    made = evidence.deposit(owner)
    evidence.seal()
    first = log.latest_checkpoint()
    assert first is not None
    stamped = Timestamp(size=first.size, note=first.note, token=ANSWER, authority="tsa.example", stamped_at=WHEN, received_at=clock.now())
    stamped.save(force_insert=True)
    evidence.deposit(owner, b"another")
    evidence.seal()
    actor = accounts.actor_for(owner)
    packed = packing.packed(actor=actor, certificate=evidence.certificate(made, actor))
    (tmp_path / "evidence.zip").write_bytes(packed)
    assert verify.main(["certificate", str(tmp_path / "evidence.zip"), "--key", vkey]) == 0
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        assert archive.read(f"timestamps/{first.size}.tsr") == ANSWER
        assert archive.read(f"timestamps/{first.size}.note").decode() == first.note
        (proof,) = [name for name in archive.namelist() if name.startswith("timestamps/") and name.endswith(".tlog-proof")]
        (tmp_path / "old.tlog-proof").write_bytes(archive.read(proof))
    assert first.note in (tmp_path / "old.tlog-proof").read_text(encoding="utf-8")
    assert verify.main(["proof", str(tmp_path / "old.tlog-proof"), "--key", vkey]) == 0
