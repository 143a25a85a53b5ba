"""A stranger keeps a checkpoint that the log's second key signed, and trusts the first: what if the log does not know the second?"""

import pytest

from ledger import verify
from ledger.engine import rotation
from ledger.engine.notes import Signer
from tests.factories.ledger import ORIGIN, chain, checkpoint, intent, relink, write_lines, write_log

FIRST, SECOND, STRANGER = (Signer(ORIGIN, bytes([number]) * 32) for number in range(1, 4))
ADDED_AT, COUNT = 10, 15


def with_the_second(number):
    added = {"type": rotation.ADDED, "body": rotation.added(SECOND, by=FIRST)}
    return intent(number, **(added if number == ADDED_AT else {}))


HONEST = chain(COUNT, make=with_the_second)
OTHERS = relink([*chain(7), *chain(COUNT + 1)[8:]])
EITHER = "either this is not that log's checkpoint, or the log was cut back or rewritten before the entry that named its key"


@pytest.fixture(params=["log", "export"])
def say(request, tmp_path, capsys):
    """Show entries under a checkpoint to whoever trusts the first key and kept a note; exit code and everything that was said."""

    def run(entries, signer, kept):
        (tmp_path / "kept").write_text(kept)
        put = write_log if request.param == "log" else write_lines
        place = put(tmp_path / request.param, entries, checkpoint(entries, signer))
        code = verify.main([request.param, str(place), "--key", FIRST.verifier.vkey, "--seen", str(tmp_path / "kept")])
        said = capsys.readouterr()
        return code, said.out + said.err

    return run


def test_a_log_that_leads_to_the_second_key_bears_out_what_that_signed(say):
    assert say(HONEST, SECOND, checkpoint(HONEST[:-2], SECOND))[0] == verify.SOUND


@pytest.mark.parametrize(
    "entries", [HONEST[:ADDED_AT], OTHERS], ids=["cut back to before the second key", "rewritten from before the second key"]
)
def test_a_log_that_was_robbed_of_its_second_key_is_not_excused_by_blaming_the_readers_file(say, entries):
    code, said = say(entries, FIRST, checkpoint(HONEST, SECOND))
    assert (code, EITHER in said, "not to be named" in said) == (verify.TAMPERED, True, True)
    assert "neither" not in said


def test_a_checkpoint_by_a_stranger_of_the_very_entries_that_are_here_is_the_readers_mistake(say):
    for size in (COUNT, 3):
        code, said = say(HONEST, SECOND, checkpoint(HONEST[:size], STRANGER))
        assert (code, EITHER in said) == (verify.BAD_INPUT, False)
