"""Settings that name witnesses and the policy over them: what is malformed is found before anybody is asked."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from ledger.app.checks import witnesses_can_be_asked
from ledger.app.witnesses import configured
from ledger.engine.notes import Signer


@pytest.mark.parametrize(
    "line",
    [
        *("", "http://w.example", "ftp://w.example VKEY", "http://w.example VKEY theirs", "http://w.example nonsense", "a b c d"),
        *("http://w.example:port VKEY", "http://w.example:99999 VKEY", "http:// VKEY", "http://[w VKEY"),
    ],
)
def test_a_malformed_witness_is_found_by_the_system_check(settings, line):
    settings.LEDGER_WITNESSES = [line.replace("VKEY", Signer.generate("log.example").verifier.vkey)]
    (error,) = witnesses_can_be_asked()
    assert (error.id, repr(settings.LEDGER_WITNESSES[0]) in error.msg) == ("ledger.E003", True)
    with pytest.raises(ImproperlyConfigured, match="LEDGER_WITNESSES"):
        configured()


def test_a_missing_or_malformed_policy_is_found_by_the_system_check(settings, tmp_path):
    assert witnesses_can_be_asked() == []
    settings.LEDGER_POLICY_FILE = str(tmp_path / "policy")
    assert "cannot be read" in witnesses_can_be_asked()[0].msg
    (tmp_path / "policy").write_text("quorum nobody\n")
    assert "line 1" in witnesses_can_be_asked()[0].msg
