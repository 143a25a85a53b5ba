"""Change the key that signs the log: signed statements in the log's own entries say which keys may sign.

An entry of type `log.key_added` or `log.key_retired` has the body `{"vkey": …, "by": …, "note": …}`. Its type and body prove
nothing, for whatever writes entries could write those. The note does: it is signed by the key `by`, which must itself be entitled, and
whoever trusts one key of the log can so follow it to the next.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from ledger.engine.checkpoint import countersign
from ledger.engine.errors import BadNote
from ledger.engine.notes import Signer, Verifier, open_note

ADDED = "log.key_added"
RETIRED = "log.key_retired"
KINDS = (ADDED, RETIRED)


@dataclass(frozen=True, slots=True)
class LogKey:
    """A key, the seq of the entry from which it may sign, and that of the entry which retired it."""

    verifier: Verifier
    since: int = 0
    until: int | None = None


def statement(kind: str, subject: Verifier) -> str:
    """Return the text of a statement; its second line is no number, so that it is never a checkpoint (tlog-checkpoint, "Note text")."""
    return f"{subject.name}\n{kind}\n{subject.vkey}\n"


def added(new: Signer, *, by: Signer) -> dict[str, Any]:
    """Return the body by which an entitled key adds a new one, which signs too (docs/ledger.md, "Changing the key")."""
    text = statement(ADDED, new.verifier)
    return {"vkey": new.verifier.vkey, "by": by.verifier.vkey, "note": countersign(by.sign(text), new)}


def retired(former: Verifier, *, by: Signer) -> dict[str, Any]:
    """Return the body by which a later key retires an earlier one (docs/ledger.md, "Changing the key")."""
    return {"vkey": former.vkey, "by": by.verifier.vkey, "note": by.sign(statement(RETIRED, former))}


class Keys:
    """The keys that may sign after some prefix of the log, oldest first; feed it the entries that speak of keys."""

    def __init__(self, first: Iterable[Verifier]) -> None:
        self.all = [LogKey(verifier) for verifier in first]

    @property
    def entitled(self) -> list[Verifier]:
        """The keys that may sign a checkpoint of what was read so far (docs/ledger.md, "Changing the key")."""
        return [key.verifier for key in self.all if key.until is None]

    def take(self, seq: int, kind: str, body: Mapping[str, Any]) -> bool:
        """Follow one entry and say whether it changed the keys (docs/ledger.md, "Changing the key").

        A key is added once, by an entitled one; it is retired by an entitled one that came later. Every other statement is
        passed over, as if it were not there.
        """
        try:
            subject, by = Verifier.parse(str(body["vkey"])), Verifier.parse(str(body["by"]))
            witnesses = [by, subject] if kind == ADDED else [by]
            text, signed = open_note(str(body["note"]), witnesses)
        except (BadNote, KeyError):
            return False
        if (
            text != statement(kind, subject)
            or body["vkey"] != subject.vkey
            or len(signed) != len(witnesses)
            or by not in self.entitled
            or subject.name != by.name
        ):
            return False
        known = [key.verifier for key in self.all]
        if kind == ADDED and subject not in known:
            self.all.append(LogKey(subject, since=seq))
            return True
        if kind == RETIRED and subject in self.entitled and known.index(subject) < known.index(by):
            place = known.index(subject)
            self.all[place] = replace(self.all[place], until=seq)
            return True
        return False
