"""The entry: what one leaf of the log says.

`{"v":1,"log":origin,"seq":n,"prev":hex,"id":uuid,"type":…,"at":…,"actor":…,"subject":…,"body":{…},"commit":{…}}`
as canonical JSON. `seq` is the leaf's index in the tree (from 0) and `prev` the leaf hash of the entry before it,
so that a reader can follow the log row by row; the tree and its signed checkpoints are what proves it.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ledger.engine import canonical
from ledger.engine.errors import BadEntry, NotCanonical

VERSION = 1
GENESIS = "0" * 64
# A sealed entry has this type, an empty body, and one commitment: to the map of all its other commitments.
SEALED = "sealed.v1"
ENVELOPE = "sealed"
# What every envelope holds beside the private values.
TYPE, BODY = "type", "body"
# tlog-tiles, "Log entries": each entry in a bundle is prefixed by its length as a big-endian uint16.
LONGEST = 65_535
# Room for v, log, seq and prev, which the sequencer adds.
LONGEST_INTENT = LONGEST - 1_024

_FIELDS = frozenset({"v", "log", "seq", "prev", "id", "type", "at", "actor", "subject", "body", "commit"})
_INTENT_FIELDS = _FIELDS - {"v", "log", "seq", "prev"}
_HEX = re.compile(r"[0-9a-f]{64}")
# Printable, and spelt in JSON as it is: whoever reads `commit` needs no parser for it.
_LABEL = re.compile(r"[ !#-\[\]-~]+")
_TYPE = re.compile(r"[a-z][a-z0-9_]*(\.[a-z0-9_]+)*")
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")


@dataclass(frozen=True, slots=True)
class Entry:
    """One parsed entry; `raw` are the bytes that were hashed."""

    log: str
    seq: int
    prev: str
    id: str
    type: str
    at: str
    actor: str | None
    subject: str
    body: dict[str, Any]
    commit: dict[str, str]
    raw: bytes

    @property
    def sealed(self) -> bool:
        """Whether type and body are commitments only (docs/ledger.md, "What the public sees")."""
        return self.type == SEALED


def encode_intent(
    *, id: str, type: str, at: str, actor: str | None, subject: str, body: Mapping[str, Any], commit: Mapping[str, str]
) -> bytes:
    """Return the bytes of an intent: every field of its entry that does not depend on its place (docs/ledger.md, "An entry")."""
    fields = {
        "id": id,
        "type": type,
        "at": at,
        "actor": actor,
        "subject": subject,
        "body": dict(body),
        "commit": dict(commit),
    }
    _require_fields(fields)
    data = canonical.encode(fields)
    if len(data) > LONGEST_INTENT:
        raise BadEntry(f"an entry may not be longer than {LONGEST_INTENT} bytes, this one has {len(data)}")
    return data


def assemble(intent: bytes, *, log: str, seq: int, prev: str) -> Entry:
    """Give an intent its place and return the entry with its canonical bytes; the intent's fields stay (docs/ledger.md, "An entry")."""
    fields = canonical.decode(intent)
    if not isinstance(fields, dict) or set(fields) != _INTENT_FIELDS:
        raise BadEntry("an intent has exactly the fields of an entry without its place")
    _require_fields(fields)
    # Both are canonical, so the place is written between "id" and "subject" where the order of keys puts it; `v` comes last.
    rest = intent.rindex(b',"subject":"')
    place = b'"log":%b,"prev":"%b","seq":%d' % (canonical.encode(log), prev.encode(), seq)
    raw = b'%b,%b%b,"v":%d}' % (intent[:rest], place, intent[rest:-1], VERSION)
    return Entry(log=log, seq=seq, prev=prev, **fields, raw=raw)


def parse(raw: bytes) -> Entry:
    """Read an entry; raise BadEntry unless it is canonical and has exactly the fields of version 1 (docs/ledger.md, "An entry")."""
    try:
        fields = canonical.decode(raw)
    except NotCanonical as error:
        raise BadEntry(str(error)) from error
    if not isinstance(fields, dict) or set(fields) != _FIELDS:
        raise BadEntry("an entry has exactly the fields " + ", ".join(sorted(_FIELDS)))
    _require_fields(fields)
    if fields.pop("v") != VERSION:
        raise BadEntry(f"only version {VERSION} is known")
    if not isinstance(fields["log"], str) or not fields["log"]:
        raise BadEntry("log is the origin, a text")
    if isinstance(fields["seq"], bool) or not isinstance(fields["seq"], int) or fields["seq"] < 0:
        raise BadEntry("seq is a count from 0")
    if not _matches(_HEX, fields["prev"]):
        raise BadEntry("prev is a leaf hash in hex")
    return Entry(**fields, raw=raw)


def follow(raw: bytes, *, log: str, seq: int, prev: str) -> Entry:
    """Parse an entry that must stand at this place of this log; raise BadEntry when it says another (docs/ledger.md, "An entry")."""
    entry = parse(raw)
    if (entry.log, entry.seq, entry.prev) != (log, seq, prev):
        wrong = [name for name, want in (("log", log), ("seq", seq), ("prev", prev)) if getattr(entry, name) != want]
        raise BadEntry(f"the entry at {seq} names another {' and '.join(wrong)}")
    return entry


def _require_fields(fields: dict[str, Any]) -> None:
    """Raise BadEntry for a field that is written in another way than this log writes it (docs/ledger.md, "An entry")."""
    if not _matches(_UUID, fields["id"]):
        raise BadEntry("id is a UUID in lower case")
    if not _matches(_TYPE, fields["type"]):
        raise BadEntry("type is a dotted name in lower case")
    if not _matches(_INSTANT, fields["at"]):
        raise BadEntry("at is RFC 3339, UTC, with milliseconds")
    if fields["actor"] is not None and not _matches(_HEX, fields["actor"]):
        raise BadEntry("actor is a pseudonym of 64 hex digits, or null for the platform itself")
    if not _matches(_HEX, fields["subject"]):
        raise BadEntry("subject is a pseudonym of 64 hex digits")
    if not isinstance(fields["body"], dict):
        raise BadEntry("body is an object")
    commit = fields["commit"]
    if not isinstance(commit, dict) or not all(_matches(_LABEL, label) and _matches(_HEX, value) for label, value in commit.items()):
        raise BadEntry("commit is an object of commitments, each 64 hex digits, labelled by printable ASCII without quote and backslash")


def _matches(pattern: re.Pattern[str], value: Any) -> bool:
    """Whether a value is text of this form from end to end (docs/ledger.md, "An entry")."""
    return isinstance(value, str) and pattern.fullmatch(value) is not None
