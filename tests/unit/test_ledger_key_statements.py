"""Who may say which keys sign the log, and what is passed over."""

import pytest

from ledger.engine import rotation
from ledger.engine.checkpoint import parse_text
from ledger.engine.errors import BadNote
from ledger.engine.notes import Signer
from ledger.engine.rotation import ADDED, RETIRED, Keys
from tests.factories.ledger import ORIGIN

OLD, NEW, THIRD, EVIL = (Signer(ORIGIN, bytes([number]) * 32) for number in range(1, 5))


def followed(*said, first=OLD):
    keys = Keys([first.verifier])
    results = [keys.take(seq, kind, body) for seq, (kind, body) in enumerate(said, start=10)]
    return keys, results


def test_a_key_that_an_entitled_one_added_is_entitled_too_and_may_retire_the_one_before():
    keys, results = followed((ADDED, rotation.added(NEW, by=OLD)), (RETIRED, rotation.retired(OLD.verifier, by=NEW)))
    assert results == [True, True]
    assert [(key.verifier, key.since, key.until) for key in keys.all] == [(OLD.verifier, 0, 11), (NEW.verifier, 10, None)]
    assert keys.entitled == [NEW.verifier]


def test_a_key_is_followed_over_several_changes():
    said = [
        (ADDED, rotation.added(NEW, by=OLD)),
        (ADDED, rotation.added(THIRD, by=NEW)),
        (RETIRED, rotation.retired(OLD.verifier, by=THIRD)),
    ]
    assert followed(*said)[0].entitled == [NEW.verifier, THIRD.verifier]


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        (ADDED, rotation.added(EVIL, by=EVIL)),
        (ADDED, rotation.added(NEW, by=EVIL)),
        (ADDED, {**rotation.added(EVIL, by=EVIL), "by": OLD.verifier.vkey}),
        (ADDED, {**rotation.added(NEW, by=OLD), "vkey": EVIL.verifier.vkey}),
        (ADDED, {**rotation.added(NEW, by=OLD), "vkey": NEW.verifier.vkey + " "}),
        (ADDED, {**rotation.added(NEW, by=OLD), "note": OLD.sign(rotation.statement(ADDED, NEW.verifier))}),
        (ADDED, {"vkey": NEW.verifier.vkey, "by": OLD.verifier.vkey}),
        (ADDED, {"vkey": 1, "by": None, "note": []}),
        (ADDED, rotation.retired(OLD.verifier, by=OLD)),
        (RETIRED, rotation.added(NEW, by=OLD)),
        (RETIRED, rotation.retired(OLD.verifier, by=OLD)),
        (RETIRED, rotation.retired(OLD.verifier, by=EVIL)),
        ("demand.published", rotation.added(NEW, by=OLD)),
        (ADDED, rotation.added(Signer("other.example/log", bytes([2]) * 32), by=OLD)),
    ],
    ids=[
        "by itself",
        "by a stranger",
        "in another's name",
        "of another key than was signed",
        "with a space",
        "not signed by the new key",
        "without a note",
        "of other types",
        "a retirement as an addition",
        "an addition as a retirement",
        "a key retires itself",
        "a stranger retires it",
        "of another type",
        "a key of another log",
    ],
)
def test_any_other_statement_changes_nothing(kind, body):
    keys, results = followed((kind, body))
    assert (keys.entitled, results) == ([OLD.verifier], [False])


def test_an_earlier_key_cannot_retire_a_later_one_and_a_retired_key_says_nothing_more():
    added, ended = (ADDED, rotation.added(NEW, by=OLD)), (RETIRED, rotation.retired(OLD.verifier, by=NEW))
    assert followed(added, (RETIRED, rotation.retired(NEW.verifier, by=OLD)))[1] == [True, False]
    keys, results = followed(added, ended, (ADDED, rotation.added(EVIL, by=OLD)), (ADDED, rotation.added(OLD, by=NEW)), added, ended)
    assert results == [True, True, False, False, False, False]
    assert keys.entitled == [NEW.verifier]


def test_a_statement_can_never_be_read_as_a_checkpoint():
    for kind in (ADDED, RETIRED):
        with pytest.raises(BadNote):
            parse_text(rotation.statement(kind, NEW.verifier))
