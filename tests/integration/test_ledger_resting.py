"""A log that rests: its checkpoint stays, and its witnesses say each day that it was still so."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from ledger import verify
from ledger.app import models, selectors, signing
from ledger.app import services as ledger
from ledger.app.services import cosigning
from ledger.app.services.exporting import export
from ledger.engine.cosignature import cosignatures
from ledger.witness import judge
from ledger.witness.store import Store
from tests.factories.recorded import record
from tests.factories.witnesses import serving

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "sequencer", "owner"])
MONDAY, TUESDAY = 1_772_352_000, 1_772_438_400


def test_a_witness_cosigns_a_resting_log_anew_each_day_and_the_newest_time_is_served(
    settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.LEDGER_KEY_FILE, settings.LEDGER_LAST_CHECKPOINT_FILE = str(tmp_path / "key"), ""
    vkey = signing.make_key(tmp_path / "key", origin=settings.LEDGER_ORIGIN).verifier.vkey
    store = Store.create(tmp_path / "witness", name="witness.example/w1")
    store.trust(vkey)
    cosigner = store.key().cosigner
    record()
    ledger.sequence_batch()
    ledger.publish_checkpoint()
    with serving(store) as client:
        settings.LEDGER_WITNESSES = [f"http://127.0.0.1:{client.port} {cosigner.vkey} ours"]
        for day, moment in enumerate((MONDAY, TUESDAY), start=1):
            monkeypatch.setattr(judge, "time", SimpleNamespace(time=lambda moment=moment: moment))
            assert cosigning.ask_all() == []
            assert models.Cosignature.objects.count() == day
            # On the same day there is nothing to ask; a day later there is.
            monkeypatch.setattr(cosigning, "RENEWED_AFTER", timedelta(days=1))
            cosigning.ask_all()
            assert models.Cosignature.objects.count() == day
            monkeypatch.setattr(cosigning, "RENEWED_AFTER", timedelta(0))
        # A witness whose clock stands still is named; what it says again shows nothing.
        (trouble,) = cosigning.ask_all()
        assert "2026-03-02T08:00:00Z" in trouble
        assert models.Cosignature.objects.count() == 2
    checkpoint = ledger.latest_checkpoint()
    assert checkpoint is not None
    assert [one.time for one in cosignatures(checkpoint.note, [cosigner])] == [TUESDAY]
    assert checkpoint.note.count("witness.example/w1") == 1
    (state,) = selectors.cosigners()
    assert (state.size, state.at) == (1, datetime.fromtimestamp(TUESDAY, tz=UTC))
    assert ledger.audit() == []
    export(tmp_path / "log")
    assert verify.main(["log", str(tmp_path / "log"), "--key", vkey]) == 0
